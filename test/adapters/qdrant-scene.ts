import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import adapter from '../../adapters/qdrant.js';
import type {
  CollectionSpec,
  ConnectContext,
  PayloadField,
  Store,
  VectorOperations,
} from '../../core/adapter.js';
import { type Filter, matchingRows } from '../../core/filter.js';
import { type Payload, payloadRow } from '../../core/payload.js';
import { float32Rows, rowsOf, type VectorTable, vectorOf } from '../../core/vectors.js';
import { slowNearest } from '../core/tables.js';

/** An open store that ends with the test. */
export interface OpenStore {
  readonly store: Store;
  readonly vectors: VectorOperations;
}

/** Connects to a server. */
export async function connectTo(
  context: TestContext,
  options: object,
  change: Partial<ConnectContext> = {},
): Promise<OpenStore> {
  const store = await adapter.connect(options, {
    namespace: 'bench_scene',
    connections: 2,
    timeoutNs: 5e9,
    signal: new AbortController().signal,
    log: () => undefined,
    ...change,
  });
  context.after(() => store.close());
  assert.ok(store.vectors !== undefined);
  return { store, vectors: store.vectors };
}

/** A server on loopback that answers as it is told; ends with the test. */
export async function serverThat(context: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Rows with a payload. */
export interface Scene {
  readonly base: VectorTable;
  readonly payload: Payload;
  readonly fields: readonly PayloadField[];
  readonly query: Float32Array;
}

/** A small collection of a family. */
export function sceneSpec(scene: Pick<Scene, 'base'>, change: Partial<CollectionSpec> = {}) {
  const { rows, dimensions } = scene.base;
  const spec: CollectionSpec = {
    name: 'scene',
    rows,
    dimensions,
    metric: 'cosine',
    elements: 'f32',
    family: 'flat',
    params: {},
    buildThreads: 1,
    searchThreads: 1,
    seed: 1,
  };
  return { ...spec, ...change };
}

/** Stores a scene; the ids are the row numbers. */
export async function fillScene(vectors: VectorOperations, scene: Scene): Promise<void> {
  const { base, payload, fields } = scene;
  await vectors.create(sceneSpec(scene, { payload: fields }));
  const ids = Int32Array.from({ length: base.rows }, (_, row) => row);
  const all = float32Rows(base, { from: 0, count: base.rows });
  await vectors.upsert(vectors.prepareUpsert({ ids, vectors: all, payload }));
  await vectors.finish();
}

/** A filtered search finds what comparing all rows that meet the filter finds. */
export async function checkFilter(vectors: VectorOperations, scene: Scene, filter: Filter) {
  const { base, payload, fields, query } = scene;
  const k = 10;
  const columns = fields.map(({ name }) => name);
  const hits = await vectors.search(
    vectors.prepareSearch({ vector: query, k, params: {}, filter, payload: columns }),
  );
  const matching = [...matchingRows(filter, payload)].flatMap((is, row) => (is === 1 ? [row] : []));
  const part = matching.length === 0 ? [] : nearestOf(scene, matching, k);
  const wanted = [...part, ...new Array<number>(k).fill(-1)].slice(0, k);
  assert.deepEqual([...hits.ids], wanted, JSON.stringify(filter));
  assert.deepEqual(
    hits.payload,
    part.map((row) => payloadRow(payload, row)),
  );
  assert.equal(vectorOf(base, 0).length, query.length);
}

function nearestOf({ base, query }: Scene, rows: readonly number[], k: number): number[] {
  const table = rowsOf(base, rows);
  const nearest = slowNearest({ metric: 'cosine', base: table }, query, k);
  return nearest.map((place) => rows[place] as number);
}
