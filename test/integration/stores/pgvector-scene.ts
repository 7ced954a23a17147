import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pgvectorOptions, serverAddress } from '../../../adapters/pgvector/options.js';
import { loadPackages } from '../../../adapters/pgvector/package.js';
import { Session } from '../../../adapters/pgvector/session.js';
import adapter from '../../../adapters/pgvector.js';
import type {
  CollectionSpec,
  ConnectContext,
  PayloadField,
  Store,
  VectorOperations,
} from '../../../core/adapter.js';
import { type Payload, payloadSlice } from '../../../core/payload.js';
import { firstRows, float32Rows, type VectorTable } from '../../../core/vectors.js';
import wikiMovies from '../../../datasets/wiki-movies.js';
import { isAskedFor } from '../../contract/left-out.js';

export const rows = 2000;
export const namespace = 'bench_t';

/** Columns of every type: those of the films, a fraction, and a truth value that half lack. */
export const fields: readonly PayloadField[] = [
  { name: 'title', type: 'text', indexed: true },
  { name: 'year', type: 'integer', indexed: true },
  { name: 'genre', type: 'category', indexed: true },
  { name: 'castCount', type: 'integer', indexed: false },
  { name: 'share', type: 'float', indexed: false },
  { name: 'id', type: 'boolean', indexed: false },
];

/** The first films, with their payload, and what is asked of them. */
export interface Films {
  readonly base: VectorTable;
  readonly queries: VectorTable;
  readonly payload: Payload;
}

export async function loadFilms(): Promise<Films> {
  const { base, queries, payload = {} } = await wikiMovies.load('wiki-movies');
  const films = payloadSlice(payload, 0, rows);
  const share = new Float64Array(new SharedArrayBuffer(8 * rows));
  const flags = new Int8Array(new SharedArrayBuffer(rows));
  for (let row = 0; row < rows; row++) {
    share[row] = row % 7 === 0 ? Number.NaN : row / 8;
    flags[row] = row % 2 === 0 ? -1 : row % 3 === 0 ? 1 : 0;
  }
  return {
    base: firstRows(base, rows),
    queries,
    payload: {
      ...films,
      share: { type: 'float', values: share },
      id: { type: 'boolean', values: flags },
    },
  };
}

type Body = (context: TestContext) => Promise<void>;

/** A test of the real server: where BENCH_STORES does not list it, it says so and does nothing. */
export function serverTest(title: string, body: Body): void {
  test(title, async (context) => {
    if (isAskedFor('pgvector')) await body(context);
    else context.diagnostic('not tested: pgvector: BENCH_STORES does not list it');
  });
}

/** A store with its operations on vectors. */
export interface Opened {
  readonly store: Store;
  readonly vectors: VectorOperations;
}

export async function connect(
  context: TestContext,
  part: Partial<ConnectContext> = {},
  options: Readonly<Record<string, unknown>> = {},
): Promise<Opened> {
  const { signal } = new AbortController();
  const store = await adapter.connect(options, {
    ...{ namespace, connections: 2, timeoutNs: 20e9, signal, log: () => undefined },
    ...part,
  });
  context.after(() => store.close());
  assert.ok(store.vectors !== undefined);
  return { store, vectors: store.vectors };
}

/** A finished collection of the films; its table is dropped after the test. */
export async function build(
  opened: Opened,
  films: Films,
  part: Partial<CollectionSpec> = {},
): Promise<void> {
  const { vectors } = opened;
  await vectors.create({
    ...{ name: 'films', rows, dimensions: 384, metric: 'cosine', elements: 'f32' },
    ...{ family: 'flat', params: {}, buildThreads: 1, searchThreads: 1, seed: 1, payload: fields },
    ...part,
  });
  for (let from = 0; from < rows; from += 900) {
    const count = Math.min(900, rows - from);
    const ids = Int32Array.from({ length: count }, (_, row) => from + row);
    const payload = payloadSlice(films.payload, from, count);
    const batch = { ids, vectors: float32Rows(films.base, { from, count }), payload };
    await vectors.upsert(vectors.prepareUpsert(batch));
  }
  await vectors.finish();
}

/** A session of an administrator, beside the adapter's; closed after the test. */
export async function administrator(context: TestContext): Promise<Session> {
  const options = pgvectorOptions.parse({});
  const server = {
    packages: await loadPackages(),
    address: serverAddress(options),
    at: { store: 'pgvector', url: options.url },
    timeoutMs: 20_000,
  };
  const session = await Session.open(server, []);
  context.after(() => session.end());
  return session;
}
