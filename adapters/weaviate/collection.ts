import type { CollectionSpec, PayloadField } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import type { PayloadType } from '../../core/payload.js';
import type { ValueKind } from './filter.js';
import { firstDifference, type IndexConfig, indexConfigOf } from './index-config.js';
import { propertyName, uuidOf } from './names.js';
import type { WeaviateOptions } from './options.js';
import { saidBy, type WeaviateServer } from './server.js';
import { type CollectionView, type Property, vectorName } from './transport.js';

/** A collection as `GET /v1/schema/NAME` tells it, as far as it is looked at. */
export interface ClassInfo {
  readonly class: string;
  readonly properties?: readonly PropertyInfo[] | null;
  readonly vectorConfig?: Readonly<Record<string, IndexConfig>> | null;
  /** Of a vector without a name. */
  readonly vectorIndexType?: string;
  readonly vectorIndexConfig?: IndexConfig['vectorIndexConfig'] | null;
  readonly replicationConfig?: { readonly factor?: number };
  readonly shardingConfig?: { readonly actualCount?: number };
}

/** A property as it is told. */
export interface PropertyInfo {
  readonly name: string;
  readonly dataType: readonly string[];
  readonly tokenization?: string;
}

/** Integers are numbers, too: GraphQL, where they are of 32 bits, would leave out larger ones. */
const kinds: Readonly<Record<PayloadType, ValueKind>> = {
  category: 'text',
  text: 'text',
  integer: 'number',
  float: 'number',
  boolean: 'boolean',
};

function propertyOf({ name, type, indexed }: PayloadField, rangeIndex: boolean): object {
  const kind = kinds[type];
  return {
    name: propertyName(name),
    dataType: [kind],
    indexFilterable: indexed,
    // For words in a text, which no filter looks for.
    indexSearchable: false,
    ...(kind === 'text' && { tokenization: 'field' }),
    ...(kind === 'number' && { indexRangeFilters: indexed && rangeIndex }),
  };
}

/** What `POST /v1/schema` is told. */
export function classBody(name: string, spec: CollectionSpec, options: WeaviateOptions): object {
  const { shards, replicationFactor, rangeIndex } = options;
  return {
    class: name,
    vectorConfig: { [vectorName]: { vectorizer: { none: {} }, ...indexConfigOf(spec) } },
    properties: (spec.payload ?? []).map((field) => propertyOf(field, rangeIndex)),
    invertedIndexConfig: { stopwords: { preset: 'none' } },
    replicationConfig: { factor: replicationFactor },
    ...(shards !== undefined && { shardingConfig: { desiredCount: shards } }),
  };
}

/** How a collection that is made here is asked. */
export function viewOf(
  name: string,
  fields: readonly PayloadField[],
  { replicationFactor }: WeaviateOptions,
): CollectionView {
  const columns = fields.map((field): [string, Property] => {
    return [field.name, { name: propertyName(field.name), kind: kinds[field.type] }];
  });
  return { name, columns: Object.fromEntries(columns), replicas: replicationFactor };
}

/** @returns undefined where there is none of the name */
export async function findClass(
  server: Pick<WeaviateServer, 'ask'>,
  name: string,
): Promise<ClassInfo | undefined> {
  return (await server.ask('GET', pathOf(name))) as ClassInfo | undefined;
}

/**
 * Makes an empty collection; what a stopped run left under the name goes.
 *
 * @throws BenchError UNSUPPORTED when the server has no such index, or made another one
 */
export async function createCollection(
  server: WeaviateServer,
  name: string,
  spec: CollectionSpec,
): Promise<void> {
  await removeCollection(server, name);
  const what = `create of ${spec.family}`;
  if (spec.family === 'dynamic' && (server.options.shards ?? 1) > 1) {
    throw new BenchError('UNSUPPORTED', `${server.where}: ${what} in more than one shard`, {
      hint: 'when all of them have their graph cannot be asked: leave options.shards out',
    });
  }
  const answer = await server.call('POST', '/v1/schema', classBody(name, spec, server.options));
  const said = saidBy(answer.body);
  if (answer.status === 422 && isUnknownIndex(said)) {
    throw new BenchError('UNSUPPORTED', `${server.where}: ${what}: ${said}`);
  }
  server.check(answer, what);
  const made = await findClass(server, name);
  if (made === undefined) throw server.failure(`no ${name} after it was made`);
  const asked = indexConfigOf(spec);
  const wrong = firstDifference(asked, made.vectorConfig?.[vectorName]);
  if (wrong === undefined) return;
  await removeCollection(server, name);
  const found = JSON.stringify(made.vectorConfig).slice(0, 1000);
  const message = `${server.where}: ${what} with ${wrong} was asked for, it made ${found}`;
  throw new BenchError('UNSUPPORTED', message);
}

function isUnknownIndex(said: string): boolean {
  return /async indexing|vectorIndexType|not currently supported|experimental mode/.test(said);
}

/** Removes what has a name; nothing where there is none. */
export async function removeCollection(server: WeaviateServer, name: string): Promise<void> {
  await server.ask('DELETE', pathOf(name));
}

/** The path of a collection. */
export function pathOf(name: string): string {
  return `/v1/schema/${encodeURIComponent(name)}`;
}

/** Names of all collections. */
export async function collectionNames(server: WeaviateServer): Promise<string[]> {
  const { classes } = (await server.ask('GET', '/v1/schema')) as {
    readonly classes?: readonly ClassInfo[] | null;
  };
  return (classes ?? []).map((info) => info.class);
}

/** Rows that are stored. */
export async function countRows(server: WeaviateServer, name: string): Promise<number> {
  const { Aggregate } = await server.query(`{Aggregate{${name}{meta{count}}}}`);
  type Counted = Readonly<Record<string, readonly { readonly meta: { readonly count: number } }[]>>;
  return Number((Aggregate as Counted)[name]?.[0]?.meta.count);
}

const removedAtOnce = 1000;

/** Removes rows; those that are not there are none. */
export async function removeRows(
  server: WeaviateServer,
  name: string,
  ids: Int32Array,
): Promise<void> {
  for (let from = 0; from < ids.length; from += removedAtOnce) {
    const valueTextArray = Array.from(ids.subarray(from, from + removedAtOnce), uuidOf);
    const where = { path: ['id'], operator: 'ContainsAny', valueTextArray };
    const match = { class: name, where };
    await server.ask('DELETE', '/v1/batch/objects', { match, output: 'minimal' });
  }
}
