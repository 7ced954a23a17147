import type {
  CollectionSpec,
  Metric,
  Parameters,
  PayloadField,
  SearchRequest,
  VectorBatch,
} from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import { type Filter, translateFilter } from '../../core/filter.js';
import {
  type PayloadColumn,
  type PayloadType,
  type PayloadValue,
  payloadValue,
} from '../../core/payload.js';
import type { Argument, Reply } from './package.js';
import { pairsOf, textOf } from './replies.js';
import { blobOf, type RedisUpsert, rowBlobs } from './server.js';
import { plainText, tagText } from './text-codec.js';

/** One index of the search module; structured-cloneable. */
export interface SearchIndex {
  readonly name: string;
  /** What its keys begin with; the id follows. */
  readonly prefix: string;
  readonly vectorField: string;
  readonly family: string;
  readonly params: Parameters;
  readonly fields: readonly PayloadField[];
  readonly origin: 'own' | 'attached';
}

const algorithms: Readonly<Record<string, string>> = {
  flat: 'FLAT',
  hnsw: 'HNSW',
  'svs-vamana': 'SVS-VAMANA',
};
const distances: Readonly<Record<Metric, string>> = { l2: 'L2', ip: 'IP', cosine: 'COSINE' };
const buildWords: Readonly<Record<string, string>> = {
  M: 'M',
  efConstruction: 'EF_CONSTRUCTION',
  graphMaxDegree: 'GRAPH_MAX_DEGREE',
  constructionWindowSize: 'CONSTRUCTION_WINDOW_SIZE',
  compression: 'COMPRESSION',
};

/** Whether a column is stored as a number; others are tags. */
function isNumeric(type: PayloadType): boolean {
  return type === 'integer' || type === 'float';
}

/**
 * Arguments of FT.CREATE.
 *
 * @throws BenchError UNSUPPORTED for families that the module does not have
 * @see Redis, FT.CREATE and "Vector search concepts"
 */
export function createArguments(index: SearchIndex, spec: CollectionSpec): string[] {
  const { family, params, dimensions, metric } = spec;
  const algorithm = algorithms[family];
  if (algorithm === undefined || params.reduce !== undefined) {
    const what = algorithm === undefined ? family : 'reduce';
    throw new BenchError('UNSUPPORTED', `redis: the search module has no ${what}`, {
      hint: 'set options.index of the target to vectorset',
    });
  }
  const attributes = ['TYPE', 'FLOAT32', 'DIM', String(dimensions)];
  attributes.push('DISTANCE_METRIC', distances[metric]);
  for (const [name, word] of Object.entries(buildWords)) {
    const value = params[name];
    if (value !== undefined && value !== 'none') attributes.push(word, String(value));
  }
  const args = [index.name, 'ON', 'HASH', 'PREFIX', '1', index.prefix, 'SCHEMA'];
  args.push(index.vectorField, 'VECTOR', algorithm, String(attributes.length), ...attributes);
  for (const { name, type, indexed } of index.fields) {
    if (!indexed) continue;
    args.push(name, ...(isNumeric(type) ? ['NUMERIC'] : ['TAG', 'CASESENSITIVE']));
  }
  return args;
}

/** Arguments of HSET for each row of a batch; what has no value is left out. */
export function hashCommands(index: SearchIndex, batch: VectorBatch): RedisUpsert {
  const columns = Object.entries(batch.payload ?? {});
  return rowBlobs(batch).map((blob, row) => {
    const args: Argument[] = [`${index.prefix}${batch.ids[row]}`, index.vectorField, blob];
    for (const [name, column] of columns) {
      const value = payloadValue(column as PayloadColumn, row);
      if (value !== undefined) args.push(name, storedValue(value));
    }
    return args;
  });
}

function storedValue(value: PayloadValue): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'number' ? String(value) : tagText.write(value);
}

/** A tag of somebody else, with backslashes before what is no letter or digit. */
function escapedTag(text: string): string {
  return text.replace(/[^\p{L}\p{N}_]/gu, '\\$&');
}

/** A filter as FT.SEARCH takes it, in dialect 2. */
export function queryOf(filter: Filter, origin: SearchIndex['origin']): string {
  const tag = (value: PayloadValue): string =>
    origin === 'own' ? storedValue(value) : escapedTag(String(value));
  const equals = (field: string, value: PayloadValue): string =>
    typeof value === 'number' ? `@${field}:[${value} ${value}]` : `@${field}:{${tag(value)}}`;
  return translateFilter<string>(filter, {
    equals: ({ field, equals: value }) => equals(field, value),
    in: ({ field, in: values }) => {
      if (values.every((value) => typeof value !== 'number')) {
        return `@${field}:{${values.map(tag).join(' | ')}}`;
      }
      return `(${values.map((value) => equals(field, value)).join(' | ')})`;
    },
    range: ({ field, atLeast, atMost }) => `@${field}:[${atLeast ?? '-inf'} ${atMost ?? '+inf'}]`,
    and: (parts) => `(${parts.join(' ')})`,
    or: (parts) => `(${parts.join(' | ')})`,
    not: (part) => `(-(${part}))`,
  });
}

/**
 * Arguments of FT.SEARCH. Sorted by the distance, which no other part of the documentation
 * promises.
 */
export function knnArguments(
  index: SearchIndex,
  request: SearchRequest,
  fields: readonly PayloadField[] | undefined,
): Argument[] {
  const { vector, k, params, filter } = request;
  const rows = filter === undefined ? '*' : `(${queryOf(filter, index.origin)})`;
  let attributes = '';
  if (index.family === 'hnsw' && params.efSearch !== undefined) {
    attributes = ` EF_RUNTIME ${params.efSearch}`;
  } else if (params.searchWindowSize !== undefined) {
    attributes = ` SEARCH_WINDOW_SIZE ${params.searchWindowSize}`;
  }
  const knn = `[KNN ${k} @${index.vectorField} $q${attributes} AS distance]`;
  const names = fields?.map(({ name }) => name) ?? [];
  const content = fields === undefined ? ['NOCONTENT'] : ['RETURN', String(names.length), ...names];
  const sorted = ['SORTBY', 'distance', 'LIMIT', '0', String(k), 'DIALECT', '2'];
  return [index.name, `${rows}=>${knn}`, 'PARAMS', '2', 'q', blobOf(vector), ...content, ...sorted];
}

/** The columns of one row of an answer. */
export function readFields(
  reply: Reply | undefined,
  fields: readonly PayloadField[],
  origin: SearchIndex['origin'],
): Record<string, PayloadValue> {
  const stored = pairsOf(reply);
  const codec = origin === 'own' ? tagText : plainText;
  const found: Record<string, PayloadValue> = {};
  for (const { name, type } of fields) {
    const value = stored.get(name);
    if (value === undefined || value === null) continue;
    const text = textOf(value);
    if (isNumeric(type)) found[name] = Number(text);
    else found[name] = type === 'boolean' ? text === '1' || text === 'true' : codec.read(text);
  }
  return found;
}
