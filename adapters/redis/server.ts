import type {
  CollectionSpec,
  ConnectContext,
  ExistingCollection,
  Hits,
  ParameterValue,
  PayloadField,
  Phase,
  SearchRequest,
  VectorBatch,
} from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import type { Connections } from './connections.js';
import type { RedisOptions } from './options.js';
import type { Argument } from './package.js';
import { infoOf, textOf } from './replies.js';

/** Which server answers. */
export interface ServerVersion {
  readonly name: 'Redis' | 'Valkey';
  readonly version: string;
}

/** An open server. */
export interface Server extends ServerVersion {
  readonly options: RedisOptions;
  readonly context: ConnectContext;
  readonly connections: Connections;
  readonly clientVersion: string;
}

/** What is prepared of one query. */
export interface RedisSearch {
  readonly args: readonly Argument[];
  readonly k: number;
  /** Columns that are to come with the ids. */
  readonly fields: readonly PayloadField[] | undefined;
}

/** Commands of one batch of rows, with their arguments. */
export type RedisUpsert = readonly (readonly Argument[])[];

/** One kind of index: what can be done with a collection of it. */
export interface Collections {
  create(spec: CollectionSpec): Promise<void>;
  attach(existing: ExistingCollection): Promise<void>;
  prepareUpsert(batch: VectorBatch): RedisUpsert;
  upsert(rows: RedisUpsert): Promise<void>;
  finish(): Promise<readonly Phase[]>;
  count(): Promise<number>;
  handle(): unknown;
  open(handle: unknown): void;
  prepareSearch(request: SearchRequest): RedisSearch;
  search(prepared: RedisSearch): Promise<Hits>;
  searchBatch(prepared: readonly RedisSearch[]): Promise<Hits>;
  drop(): Promise<void>;
  bytes(): Promise<number | undefined>;
  settings(): Promise<Readonly<Record<string, ParameterValue>>>;
}

/** Commands of so many rows go to the server together. */
export const pipelinedRows = 256;

/** What the server says that it is. */
export async function serverVersion(connections: Connections): Promise<ServerVersion> {
  const info = infoOf(await connections.call('INFO', ['server']));
  const valkey = info.get('valkey_version');
  if (valkey !== undefined) return { name: 'Valkey', version: valkey };
  const version = info.get('redis_version');
  if (version !== undefined) return { name: 'Redis', version };
  throw new BenchError('STORE_FAILED', 'redis: the answer to INFO names no redis_version', {
    hint: 'is it a Redis server that answers there?',
  });
}

/** Whether a version is at least another: `8.2`. */
export function isAtLeast(version: string, wanted: string): boolean {
  const own = version.split('.').map(Number);
  for (const [index, part] of wanted.split('.').map(Number).entries()) {
    const difference = (own[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** The key of a collection: the namespace and the name, of letters, digits, `_` and `-`. */
export function keyOf({ context }: Server, name: string): string {
  return `${context.namespace}_${name}`.replaceAll(/[^\w-]/g, '_');
}

/** Rows of some bytes each, in memory of their own. */
export function rowBlobs({ ids, vectors }: VectorBatch): Buffer[] {
  const rowBytes = vectors.byteLength / ids.length;
  const copy = Buffer.from(new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength));
  return Array.from(ids, (_, row) => copy.subarray(row * rowBytes, (row + 1) * rowBytes));
}

/** One vector in memory of its own. */
export function blobOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(new Uint8Array(buffer, byteOffset, byteLength));
}

/** The columns of a request among those of the collection. */
export function fieldsWanted(
  request: SearchRequest,
  stored: readonly PayloadField[],
): readonly PayloadField[] | undefined {
  const { payload } = request;
  return payload && stored.filter(({ name }) => payload.includes(name));
}

/** Sends commands of one kind, some hundred at once, one part after the other. */
export async function sendRows(
  { connections }: Server,
  command: string,
  rows: RedisUpsert,
): Promise<void> {
  for (let from = 0; from < rows.length; from += pipelinedRows) {
    const part = rows.slice(from, from + pipelinedRows);
    await connections.callAll((pipeline) => {
      for (const args of part) pipeline.callBuffer(command, args);
    });
  }
}

/** The hits of several queries as those of a batch. */
export function joinHits(all: readonly Hits[]): Hits {
  const ids = new Int32Array(all.reduce((sum, hits) => sum + hits.ids.length, 0));
  let at = 0;
  for (const hits of all) {
    ids.set(hits.ids, at);
    at += hits.ids.length;
  }
  if (all[0]?.payload === undefined) return { ids };
  return { ids, payload: all.flatMap(({ payload = [] }) => [...payload]) };
}

/** The reply of a name in a list of pairs, as a number; undefined where it is none. */
export function numberIn(pairs: ReadonlyMap<string, unknown>, name: string): number | undefined {
  const found = pairs.get(name);
  if (found === undefined) return undefined;
  const value = Number(typeof found === 'number' ? found : textOf(found as Buffer));
  return Number.isFinite(value) ? value : undefined;
}
