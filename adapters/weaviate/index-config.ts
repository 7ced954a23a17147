import type { CollectionSpec, Metric, Parameters } from '../../core/adapter.js';

/** An index in the words of the server. */
export interface IndexConfig {
  readonly vectorIndexType: string;
  readonly vectorIndexConfig: Readonly<Record<string, unknown>>;
}

/** The metrics by the server's names. */
export const distances: Readonly<Record<Metric, string>> = {
  l2: 'l2-squared',
  ip: 'dot',
  cosine: 'cosine',
};

type Code = 'pq' | 'sq' | 'bq' | 'rq';

/** What stands in place of the vectors, by the last part of a family's name. */
const codes: Readonly<Record<string, Code>> = { pq: 'pq', sq: 'sq', bin: 'bq', rq: 'rq' };
const codeWords: Readonly<Record<Code, string>> = { pq: 'pq', sq: 'sq', bq: 'bin', rq: 'rq' };

function codeOf(family: string): Code | undefined {
  return codes[family.split('-')[1] ?? ''];
}

/** Whether a family compares codes. */
export function hasCodes(family: string): boolean {
  return codeOf(family) !== undefined;
}

/** Whether its codes are learnt from rows. */
export function learnsCodes(family: string): boolean {
  const code = codeOf(family);
  return code === 'pq' || code === 'sq';
}

/** The index that is asked for. */
export function indexConfigOf(spec: CollectionSpec): IndexConfig {
  const { family, params, metric } = spec;
  const distance = distances[metric];
  if (family === 'dynamic') {
    const { threshold } = params;
    const config = { distance, ...(threshold !== undefined && { threshold }) };
    const hnsw = { distance, ...graphOf(params), skipDefaultQuantization: true };
    const flat = { distance, skipDefaultQuantization: true };
    return { vectorIndexType: 'dynamic', vectorIndexConfig: { ...config, hnsw, flat } };
  }
  const [type = family] = family.split('-');
  const code = codeOf(family);
  const vectorIndexConfig = {
    distance,
    ...(type === 'hnsw' && graphOf(params)),
    // A server may have a quantisation for all that name none.
    ...(code === undefined
      ? { skipDefaultQuantization: true }
      : { [code]: { enabled: true, ...codeParameters(spec) } }),
  };
  return { vectorIndexType: type, vectorIndexConfig };
}

const graphWords: Readonly<Record<string, string>> = {
  M: 'maxConnections',
  efConstruction: 'efConstruction',
  efSearch: 'ef',
  dynamicEfMin: 'dynamicEfMin',
  dynamicEfMax: 'dynamicEfMax',
  dynamicEfFactor: 'dynamicEfFactor',
  flatSearchCutoff: 'flatSearchCutoff',
  filterStrategy: 'filterStrategy',
};
const codeParameterWords: Readonly<Record<string, string>> = {
  m: 'segments',
  centroids: 'centroids',
  bits: 'bits',
  rescoreLimit: 'rescoreLimit',
  cache: 'cache',
};

function inWords(params: Parameters, words: Readonly<Record<string, string>>): Parameters {
  const known = Object.entries(params).filter(([name]) => words[name] !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [words[name] as string, value]));
}

function graphOf(params: Parameters): Parameters {
  return inWords(params, graphWords);
}

const usualTrainingLimit = 100_000;

/** A server with queues learns codes once it has more rows than this, and never with fewer. */
function trainingLimitOf({ family, params, rows }: CollectionSpec): object {
  if (!learnsCodes(family)) return {};
  const limit = Number(params.trainingLimit ?? usualTrainingLimit);
  return { trainingLimit: Math.max(1, Math.min(limit, rows - 1)) };
}

function codeParameters(spec: CollectionSpec): object {
  const { encoder } = spec.params;
  return {
    ...inWords(spec.params, codeParameterWords),
    ...trainingLimitOf(spec),
    ...(encoder !== undefined && { encoder: { type: encoder } }),
  };
}

/** The family of an index, by bench's words. */
export function familyOf({ vectorIndexType, vectorIndexConfig }: IndexConfig): string {
  const isOn = (name: string): boolean => {
    const part = vectorIndexConfig[name] as { readonly enabled?: unknown } | undefined;
    return part?.enabled === true;
  };
  const code = (Object.keys(codeWords) as Code[]).find(isOn);
  return code === undefined ? vectorIndexType : `${vectorIndexType}-${codeWords[code]}`;
}

/** What was asked for and is not so in what was made: `rq.enabled true`; undefined where all is. */
export function firstDifference(asked: object, made: unknown, path = ''): string | undefined {
  const found = (made ?? {}) as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries(asked)) {
    const place = path === '' ? name : `${path}.${name}`;
    if (typeof value === 'object' && value !== null) {
      const inner = firstDifference(value, found[name], place);
      if (inner !== undefined) return inner;
    } else if (found[name] !== value) {
      return `${place} ${String(value)}`;
    }
  }
  return undefined;
}
