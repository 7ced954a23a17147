import assert from 'node:assert/strict';
import chroma from '../../../adapters/chroma.js';
import pgvector from '../../../adapters/pgvector.js';
import redis from '../../../adapters/redis.js';
import type { CollectionSpec, ConnectContext, Store } from '../../../core/adapter.js';
import { BenchError } from '../../../core/errors.js';
import type { OwnStore } from './own-servers.js';

export const adapters = { redis, pgvector, chroma };

/** What stores are opened with. */
export function contextOf(change: Partial<ConnectContext> = {}): ConnectContext {
  return {
    namespace: 'bench_faults',
    connections: 2,
    timeoutNs: 10e9,
    signal: new AbortController().signal,
    log: () => undefined,
    ...change,
  };
}

/** A graph under cosine. */
export function specOf(change: Partial<CollectionSpec> = {}): CollectionSpec {
  return {
    ...{ name: 'life', rows: 10, dimensions: 2, metric: 'cosine', elements: 'f32' },
    ...{ family: 'hnsw', params: { M: 16, efConstruction: 64 } },
    ...{ buildThreads: 1, searchThreads: 1, seed: 1 },
    ...change,
  };
}

/** What a life is other than usual in. */
export interface LifeChange {
  readonly spec?: Partial<CollectionSpec>;
  readonly context?: Partial<ConnectContext>;
}

/** Connects, makes a collection, fills and searches it, describes and drops it. */
export async function live(
  store: OwnStore,
  options: object,
  change: LifeChange = {},
): Promise<Awaited<ReturnType<Store['describe']>>> {
  const opened = await adapters[store].connect(options, contextOf(change.context));
  try {
    const { vectors } = opened;
    assert.ok(vectors !== undefined);
    const spec = specOf(change.spec);
    await vectors.create(spec);
    const { rows, dimensions } = spec;
    const ids = Int32Array.from({ length: rows }, (_, row) => row);
    const all = Float32Array.from({ length: rows * dimensions }, (_, at) => Math.sin(at + 1));
    await vectors.upsert(vectors.prepareUpsert({ ids, vectors: all }));
    await vectors.finish();
    const request = { vector: all.slice(0, dimensions), k: 1, params: {} };
    const hits = await vectors.search(vectors.prepareSearch(request));
    assert.deepEqual([...hits.ids], [0]);
    const info = await opened.describe();
    await vectors.drop();
    return info;
  } finally {
    await opened.close();
  }
}

/** What a life must end with. */
export interface Expected {
  readonly code: string;
  readonly message?: RegExp;
  readonly hint?: RegExp;
}

/** A life that must end with an error which a person can act on, and which tells no secret. */
export async function dies(
  store: OwnStore,
  options: object,
  { code, message = /./, hint = /./, ...change }: Expected & LifeChange,
): Promise<void> {
  await assert.rejects(live(store, options, change), (error) => {
    assert.ok(error instanceof BenchError, String(error));
    assert.equal(error.code, code, error.format());
    assert.match(error.message, message);
    assert.match(String(error.hint), hint);
    assert.doesNotMatch(`${error.format()} ${JSON.stringify(error)}`, /secret/);
    return true;
  });
}
