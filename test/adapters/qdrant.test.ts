import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { collectionName, createBody } from '../../adapters/qdrant/bodies.js';
import { toQdrantFilter } from '../../adapters/qdrant/filter.js';
import { grpcUrlOf, optionsSchema } from '../../adapters/qdrant/options.js';
import { refusal } from '../../adapters/qdrant/refusal.js';
import adapter from '../../adapters/qdrant.js';
import type { PayloadField } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import type { Filter } from '../../core/filter.js';
import type { Payload } from '../../core/payload.js';
import { vectorOf } from '../../core/vectors.js';
import { randomTable } from '../core/tables.js';
import { qdrantDouble } from '../doubles/qdrant/server.js';
import {
  checkFilter,
  connectTo,
  fillScene,
  type Scene,
  sceneSpec,
  serverThat,
} from './qdrant-scene.js';

const fields: readonly PayloadField[] = [
  { name: 'kind', type: 'category', indexed: true },
  { name: 'year', type: 'integer', indexed: true },
  { name: 'price', type: 'float', indexed: true },
  { name: 'isNew', type: 'boolean', indexed: true },
  { name: 'title', type: 'text', indexed: false },
];
const rows = 60;
const isInstalled = (await adapter.probe?.({ url: 'http://127.0.0.1:9' }))?.code !== 'NO_PACKAGE';
const transports = isInstalled ? ['raw', 'client'] : ['raw'];

function column<T extends Int32Array | Int8Array | Float64Array>(
  array: T,
  value: (row: number) => number,
): T {
  for (let row = 0; row < rows; row++) array[row] = row % 7 === 6 ? (array[row] ?? 0) : value(row);
  return array;
}

// Every seventh row has no value.
const payload: Payload = {
  kind: {
    type: 'category',
    categories: ['a', 'b', 'c'],
    codes: column(new Int32Array(new SharedArrayBuffer(4 * rows)).fill(-1), (row) => row % 3),
  },
  year: {
    type: 'integer',
    values: column(
      new Float64Array(new SharedArrayBuffer(8 * rows)).fill(Number.NaN),
      (row) => 1950 + row,
    ),
  },
  price: {
    type: 'float',
    values: column(
      new Float64Array(new SharedArrayBuffer(8 * rows)).fill(Number.NaN),
      (row) => row / 4,
    ),
  },
  isNew: {
    type: 'boolean',
    values: column(new Int8Array(new SharedArrayBuffer(rows)).fill(-1), (row) => row % 2),
  },
  title: {
    type: 'text',
    values: Array.from({ length: rows }, (_, row) => (row % 7 === 6 ? undefined : `t ${row % 5}`)),
  },
};
const scene: Scene = {
  base: randomTable(rows, 6, 5),
  payload,
  fields,
  query: vectorOf(randomTable(1, 6, 6), 0),
};
const filters: readonly Filter[] = [
  { field: 'kind', equals: 'a' },
  { field: 'year', equals: 1960 },
  { field: 'year', equals: 1960.5 },
  { field: 'price', equals: 2.5 },
  { field: 'price', in: [2, 2.5, 3] },
  { field: 'isNew', equals: true },
  { field: 'isNew', in: [true, false] },
  { field: 'title', equals: 't 3' },
  { field: 'kind', in: ['a', 'c', 'none'] },
  { field: 'year', in: [1951, 1960, 1970] },
  { field: 'year', atLeast: 1960, atMost: 1980 },
  { field: 'price', atMost: 3.25 },
  {
    and: [
      { field: 'kind', equals: 'b' },
      { field: 'year', atLeast: 1970 },
    ],
  },
  { or: [{ field: 'kind', equals: 'b' }, { not: { field: 'year', atLeast: 1970 } }] },
  { not: { field: 'kind', equals: 'a' } },
  {
    not: {
      or: [
        { field: 'kind', in: ['a', 'b', 'c'] },
        { field: 'isNew', equals: false },
      ],
    },
  },
  { field: 'kind', equals: 'none' },
];

test('filters of every kind find what comparing rows finds', async (context) => {
  const { url } = await qdrantDouble(context);
  const { vectors } = await connectTo(context, { url, transport: 'raw' });
  await fillScene(vectors, scene);
  for (const filter of filters) await checkFilter(vectors, scene, filter);
  await vectors.remove?.(Int32Array.of(0, 1));
  assert.equal(await vectors.count(), rows - 2);
});

test('a match takes whole numbers of an integer column; others become ranges', () => {
  assert.deepEqual(toQdrantFilter({ field: 'price', equals: 2 }, fields), {
    must: [{ key: 'price', range: { gte: 2, lte: 2 } }],
  });
  assert.deepEqual(toQdrantFilter({ not: { field: 'year', equals: 2 } }, fields), {
    must_not: [{ key: 'year', match: { value: 2 } }],
  });
});

test('parameters become the words of Qdrant', () => {
  const params = { M: 8, compression: 16, alwaysRam: true, onDisk: true, indexingThreshold: 5 };
  const spec = sceneSpec(scene, { family: 'hnsw-pq', metric: 'l2', params });
  assert.deepEqual(createBody(spec), {
    vectors: { size: 6, distance: 'Euclid', on_disk: true },
    hnsw_config: { m: 8, max_indexing_threads: 1 },
    optimizers_config: { indexing_threshold: 5 },
    quantization_config: { product: { compression: 'x16', always_ram: true } },
  });
  assert.equal(collectionName('bench_1', 'a b/c'), 'bench_1_a_b_c');
});

test('gRPC is one port above REST unless it is said', () => {
  const at = (given: object) => grpcUrlOf(optionsSchema.parse(given));
  assert.equal(at({}), 'http://127.0.0.1:16334');
  assert.equal(at({ url: 'https://q.example' }), 'https://q.example:6334');
  assert.equal(at({ grpcUrl: 'http://x:1' }), 'http://x:1');
});

test('strangers survive; leftovers are what begins with bench_', async (context) => {
  const { url, collections } = await qdrantDouble(context);
  const { store, vectors } = await connectTo(context, { url, transport: 'raw' });
  for (const name of ['mine', 'bench_old', 'bench_scene_scenery']) {
    await fetch(`${url}/collections/${name}`, {
      method: 'PUT',
      body: JSON.stringify({ vectors: { size: 2, distance: 'Dot' } }),
    });
  }
  await fillScene(vectors, scene);
  await fillScene(vectors, scene);
  assert.equal(await vectors.count(), rows);
  await vectors.drop();
  assert.deepEqual(await store.leftovers?.(), ['bench_old', 'bench_scene_scenery']);
  await store.removeLeftover?.('bench_old');
  await store.removeLeftover?.('mine');
  assert.deepEqual([...collections.keys()], ['mine', 'bench_scene_scenery']);
});

test("somebody's collection is read, checked and never dropped", async (context) => {
  const { url, collections } = await qdrantDouble(context);
  const first = await connectTo(context, { url, transport: 'raw' });
  await fillScene(first.vectors, scene);
  const { vectors } = await connectTo(context, { url, transport: 'raw' });
  const existing = {
    collection: 'bench_scene_scene',
    dimensions: 6,
    metric: 'cosine',
    family: 'flat',
    payload: fields,
  } as const;
  await vectors.attach?.(existing);
  await checkFilter(vectors, scene, { field: 'kind', equals: 'a' });
  await vectors.drop();
  assert.equal(collections.size, 1);
  for (const wrong of [{ dimensions: 7 }, { metric: 'l2' as const }, { vectorField: 'v' }]) {
    await rejectsWith(vectors.attach?.({ ...existing, ...wrong }), 'BAD_TARGET', /scene/);
  }
  await rejectsWith(vectors.attach?.({ ...existing, collection: 'no' }), 'STORE_FAILED', /doesn't/);
});

test('a small graph is searched in full, which is warned of', async (context) => {
  const { url } = await qdrantDouble(context, { yellowLooks: 2 });
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const { store, vectors } = await connectTo(context, { url, transport: 'raw' }, { log });
  for (const [params, count] of [
    [{}, 1],
    [{ indexingThreshold: 1 }, 0],
  ] as const) {
    await vectors.create(sceneSpec(scene, { family: 'hnsw', params }));
    const ids = Int32Array.from({ length: rows }, (_, row) => row);
    const all = Float32Array.from({ length: rows * 6 }, (_, at) => Math.sin(at));
    await vectors.upsert(vectors.prepareUpsert({ ids, vectors: all }));
    await vectors.finish();
    const { warnings } = await store.describe();
    assert.equal(warnings.length, count);
    if (count === 1) assert.match(warnings[0] ?? '', /60 rows are searched in full/);
  }
  assert.ok(lines.some((line) => line.includes('yellow')));
});

async function rejectsWith(
  promise: Promise<unknown> | undefined,
  code: string,
  message: RegExp,
): Promise<void> {
  assert.ok(promise !== undefined);
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof BenchError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.ok(!error.format().includes('wrong-key'));
    return true;
  });
}

async function failsAt(context: TestContext, url: string, code: string): Promise<void> {
  const connecting = connectTo(context, { url, transport: 'raw' }, { timeoutNs: 0.3e9 });
  await rejectsWith(connecting, code, /^qdrant at http/);
}

test('what keeps a server from being used has a code of its own', async (context) => {
  await failsAt(context, 'http://127.0.0.1:9', 'UNREACHABLE');
  await failsAt(context, await serverThat(context, () => undefined), 'UNREACHABLE');
  const cut = await serverThat(context, (request) => request.socket.destroy());
  await failsAt(context, cut, 'UNREACHABLE');
  const page = await serverThat(context, (_, response) => response.end('<html>hello</html>'));
  await failsAt(context, page, 'STORE_FAILED');
  await failsAt(context, page.replace('http:', 'https:'), 'TLS_FAILED');
  await failsAt(context, (await qdrantDouble(context, { version: '1.9.7' })).url, 'TOO_OLD');
  const { url } = await qdrantDouble(context, { apiKey: 'right' });
  await failsAt(context, url, 'AUTH_FAILED');
  await rejectsWith(connectTo(context, { url, apiKey: 'wrong-key' }), 'AUTH_FAILED', /Must/);
  await connectTo(context, { url, apiKey: 'right', transport: 'raw' });
  const { works, code } = (await adapter.probe?.({ url, transport: 'raw' })) ?? {};
  assert.deepEqual([works, code], [false, 'AUTH_FAILED']);
});

test("the server's reason is told", () => {
  const body = { status: { error: 'Wrong input: no' }, time: 0 };
  const { code, message } = refusal({ status: 422, body }, 'http://u:p@q:1');
  assert.equal(code, 'STORE_FAILED');
  assert.equal(message, 'qdrant at http://q:1: answered 422: Wrong input: no');
});

for (const transport of transports) {
  test(`errors of a search are told by transport ${transport}`, async (context) => {
    const double = await qdrantDouble(context);
    const { vectors } = await connectTo(context, { url: double.url, transport });
    await fillScene(vectors, scene);
    const ask = (vector: Float32Array) =>
      vectors.search(vectors.prepareSearch({ vector, k: 3, params: {} }));
    await rejectsWith(ask(scene.query.slice(1)), 'STORE_FAILED', /expected dim: 6, got 5/);
    double.collections.clear();
    await rejectsWith(ask(scene.query), 'STORE_FAILED', /answered 404: Not found: Collection/);
    double.close();
    await rejectsWith(
      askUntilRefused(() => ask(scene.query)),
      'HOST_DIED',
      /nobody answers/,
    );
  });
}

/** Connections that are cut off are told as such; the next one finds nobody. */
async function askUntilRefused(ask: () => Promise<unknown>): Promise<unknown> {
  await ask().catch(() => undefined);
  return ask();
}
