import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Connections } from '../../../adapters/redis/connections.js';
import { clientOptions, parseOptions } from '../../../adapters/redis/options.js';
import { loadPackage } from '../../../adapters/redis/package.js';
import adapter from '../../../adapters/redis.js';
import type { CollectionSpec, PayloadField, SearchRequest } from '../../../core/adapter.js';
import { type Filter, matchingRows } from '../../../core/filter.js';
import { type Payload, payloadSlice } from '../../../core/payload.js';
import { float32Rows, vectorOf } from '../../../core/vectors.js';
import wikiMovies from '../../../datasets/wiki-movies.js';
import { openRedis, smallSpec } from '../../adapters/redis-scene.js';
import { whyLeftOut } from '../../contract/left-out.js';

const why = await whyLeftOut('redis', adapter);
const rows = 2000;
const k = 10;

/** A test against the real server; where it is not asked for it says so, and does nothing. */
function real(title: string, body: (context: TestContext) => Promise<void>): void {
  test(title, async (context) => {
    if (why === undefined) await body(context);
    else context.diagnostic(`not tested: redis: ${why}`);
  });
}

/** Commands beside the adapter, closed after the test. */
async function sideChannel(context: TestContext): Promise<Connections> {
  const options = parseOptions({});
  const client = clientOptions(options, 5000);
  const settings = { count: 1, timeoutNs: 5e9, url: options.url, client };
  const side = await Connections.open(await loadPackage(), settings);
  context.after(() => side.close());
  return side;
}

const spec: CollectionSpec = { ...smallSpec, name: 'movies', rows, dimensions: 384 };

/** Films with their payload, and some values that filters have trouble with. */
async function films() {
  const dataset = await wikiMovies.load('wiki-movies', { payload: true });
  const all = payloadSlice(dataset.payload as Payload, 0, rows);
  const values = new Float64Array(new SharedArrayBuffer(8 * rows));
  values.forEach((_, row) => {
    values[row] = row % 7 === 0 ? Number.NaN : (row - 1000) / 8;
  });
  const seen = new Int8Array(new SharedArrayBuffer(rows)).map((_, row) => (row % 3) - 1);
  const flags = new Int8Array(new SharedArrayBuffer(rows));
  flags.set(seen);
  const hard = ['a "b"', "it's", 'c\\', '%', '', 'Grüße 漢字', '漢字\n"'];
  const notes = Array.from({ length: rows }, (_, row) => hard[row % 9]);
  const payload: Payload = {
    ...all,
    score: { type: 'float', values },
    seen: { type: 'boolean', values: flags },
    note: { type: 'text', values: notes },
  };
  const fields: PayloadField[] = Object.entries(payload).map(([name, { type }]) => ({
    name,
    type,
    indexed: true,
  }));
  return { dataset, payload, fields, vectors: float32Rows(dataset.base, { from: 0, count: rows }) };
}

const filters: readonly Filter[] = [
  { field: 'genre', equals: 'Drama' },
  { field: 'genre', in: ['Drama', 'Comedy', 'no such'] },
  { field: 'year', atLeast: 1905, atMost: 1912 },
  { field: 'year', atMost: 1910 },
  {
    and: [
      { field: 'genre', equals: 'Drama' },
      { field: 'year', atLeast: 1910 },
    ],
  },
  {
    or: [
      { field: 'genre', equals: 'Comedy' },
      { field: 'score', atLeast: 100 },
    ],
  },
  { not: { field: 'genre', equals: 'Drama' } },
  { not: { not: { field: 'score', atMost: -100.5 } } },
  { not: { field: 'score', atMost: 1e21 } },
  { field: 'score', atLeast: -1e-7, atMost: 0.125 },
  { field: 'score', in: [-0.5, 0.25, 3] },
  { field: 'seen', equals: true },
  { field: 'seen', equals: false },
  { not: { field: 'seen', in: [true, false] } },
  { field: 'castCount', equals: 0 },
  { field: 'note', equals: 'a "b"' },
  { field: 'note', equals: 'c\\' },
  { field: 'note', equals: '' },
  { field: 'note', in: ["it's", '%', '漢字\n"', 'Grüße 漢字'] },
  { not: { field: 'note', in: ['', '%'] } },
];

/** The nearest rows that meet a filter by comparing all of them. */
function slowFiltered(vectors: Float32Array, query: Float32Array, meets: Uint8Array): number[] {
  const found: { row: number; score: number }[] = [];
  for (let row = 0; row < rows; row++) {
    if (meets[row] !== 1) continue;
    let dot = 0;
    let squares = 0;
    for (let column = 0; column < spec.dimensions; column++) {
      const value = vectors[row * spec.dimensions + column] as number;
      dot += value * (query[column] as number);
      squares += value * value;
    }
    found.push({ row, score: dot / Math.sqrt(squares) });
  }
  found.sort((a, b) => b.score - a.score);
  return found.slice(0, k).map(({ row }) => row);
}

real('every kind of filter finds the rows that comparing all of them finds', async (context) => {
  const { dataset, payload, fields, vectors: values } = await films();
  const { vectors } = await openRedis(context, {}, { timeoutNs: 30e9, connections: 4 });
  await vectors.create({ ...spec, family: 'flat', payload: fields });
  const ids = Int32Array.from({ length: rows }, (_, row) => row);
  await vectors.upsert(vectors.prepareUpsert({ ids, vectors: values, payload }));
  await vectors.finish();
  assert.equal(await vectors.count(), rows);
  for (const filter of filters) {
    const meets = matchingRows(filter, payload);
    assert.ok(meets.includes(1), `no row meets ${JSON.stringify(filter)}`);
    for (const row of [0, 1, 2]) {
      const vector = vectorOf(dataset.queries, row);
      const request: SearchRequest = { vector: Float32Array.from(vector), k, params: {}, filter };
      const { ids: came } = await vectors.search(vectors.prepareSearch(request));
      const wanted = slowFiltered(values, request.vector, meets);
      const shown = JSON.stringify(filter);
      assert.deepEqual(
        [...came].filter((id) => id >= 0),
        wanted,
        shown,
      );
    }
  }
  await vectors.drop();
});

real(
  'the graph takes filters and its effort, and rows come with their payload',
  async (context) => {
    const { payload, fields, dataset, vectors: values } = await films();
    const { vectors } = await openRedis(context, {}, { timeoutNs: 30e9, connections: 4 });
    await vectors.create({ ...spec, family: 'hnsw-sq', payload: fields });
    const ids = Int32Array.from({ length: rows }, (_, row) => row);
    await vectors.upsert(vectors.prepareUpsert({ ids, vectors: values, payload }));
    const filter: Filter = { field: 'year', atLeast: 1905, atMost: 1912 };
    const meets = matchingRows(filter, payload);
    const vector = Float32Array.from(vectorOf(dataset.queries, 0));
    const params = { efSearch: 100, filterEf: rows };
    const names = fields.map(({ name }) => name);
    const request = { vector, k, params, filter, payload: names };
    const prepared = vectors.prepareSearch(request);
    const hits = await vectors.search(prepared);
    assert.equal(hits.ids.filter((id) => meets[id] === 1).length, k);
    const notes = payload.note as { values: readonly (string | undefined)[] };
    const years = payload.year as { values: Float64Array };
    for (const [place, id] of hits.ids.entries()) {
      assert.equal(hits.payload?.[place]?.note, notes.values[id]);
      assert.equal(hits.payload?.[place]?.year, years.values[id]);
    }
    const batch = await vectors.searchBatch?.(vectors.prepareSearchBatch?.([request, request]));
    assert.deepEqual([...(batch?.ids ?? [])], [...hits.ids, ...hits.ids]);
    await vectors.drop();
  },
);

real('what is named beside the namespace survives create, run, drop and clean', async (context) => {
  const side = await sideChannel(context);
  const decoys = [
    'decoy_bench_redis_test_films',
    'Bench_redis_test_films',
    'bench_redis_test_film',
  ];
  for (const key of decoys) await side.call('SET', [key, 'stays']);
  context.after(() => removeKeys(decoys));
  const store = await openRedis(context, {});
  const { vectors } = store;
  await vectors.create(smallSpec);
  const batch = { ids: Int32Array.of(7, 12), vectors: Float32Array.of(1, 0, 0, 1) };
  await vectors.upsert(vectors.prepareUpsert(batch));
  assert.ok((await store.leftovers?.())?.includes('bench_redis_test_films'));
  // What is there of the same name gives way to a new one.
  await vectors.create(smallSpec);
  assert.equal(await vectors.count(), 0);
  await vectors.upsert(vectors.prepareUpsert(batch));
  const { settings, version } = await store.describe();
  assert.match(version, /^Redis 8/);
  assert.equal(settings.components, 'f32');
  assert.ok(((await store.footprint?.())?.engineBytes ?? 0) > 0);
  await vectors.drop();
  await vectors.drop();
  await side.call('SET', ['bench_redis_test_old:7', 'left']);
  await store.removeLeftover?.('bench_redis_test_old');
  const others = async () => store.removeLeftover?.('decoy_bench_redis_test_films');
  await assert.rejects(others, { code: 'BAD_ARGUMENT' });
  for (const key of decoys) assert.equal(await side.call('EXISTS', [key]), 1, key);
  const gone = ['bench_redis_test_films', 'bench_redis_test_old:7'];
  assert.equal(await side.call('EXISTS', gone), 0);
});

async function removeKeys(keys: readonly string[]): Promise<void> {
  const options = parseOptions({});
  const client = clientOptions(options, 5000);
  const settings = { count: 1, timeoutNs: 5e9, url: options.url, client };
  const side = await Connections.open(await loadPackage(), settings);
  await side.call('UNLINK', keys);
  side.close();
}

real('a set that somebody else made is read, and never written', async (context) => {
  const side = await sideChannel(context);
  const key = 'own_set_of_somebody';
  context.after(() => removeKeys([key]));
  await side.call('UNLINK', [key]);
  await side.call('VADD', [key, 'VALUES', '2', '1', '0', '7', 'SETATTR', '{"year":3}']);
  await side.call('VADD', [key, 'VALUES', '2', '0', '1', '12']);
  const { vectors } = await openRedis(context, {});
  const existing = { collection: key, dimensions: 2, metric: 'cosine', family: 'hnsw-sq' } as const;
  const wrong = { ...existing, family: 'hnsw' };
  await assert.rejects(async () => vectors.attach?.(wrong), { code: 'BAD_TARGET' });
  const other = { ...existing, dimensions: 3 };
  await assert.rejects(async () => vectors.attach?.(other), { code: 'BAD_TARGET' });
  const absent = { ...existing, collection: 'own_set_that_is_not_there' };
  await assert.rejects(async () => vectors.attach?.(absent), { code: 'STORE_FAILED' });
  const payload = [{ name: 'year', type: 'integer', indexed: true }] as const;
  await vectors.attach?.({ ...existing, payload });
  assert.equal(await vectors.count(), 2);
  const request = { vector: Float32Array.of(0, 1), k: 3, params: {}, payload: ['year'] };
  const hits = await vectors.search(vectors.prepareSearch(request));
  assert.deepEqual([...hits.ids], [12, 7, -1]);
  assert.deepEqual(hits.payload, [{}, { year: 3 }]);
  const batch = { ids: Int32Array.of(1), vectors: Float32Array.of(1, 0) };
  assert.throws(() => vectors.prepareUpsert(batch), { code: 'READ_ONLY' });
  await vectors.drop();
  assert.equal(await side.call('VCARD', [key]), 2);
});

real('a wrong user is AUTH_FAILED', async (context) => {
  const wrong = openRedis(context, { user: 'nobody_of_this_name', password: 'wrong-secret' });
  await assert.rejects(wrong, (error: Error & { code: string }) => {
    assert.equal(error.code, 'AUTH_FAILED');
    assert.doesNotMatch(error.message, /wrong-secret/);
    return true;
  });
});

real(
  'what the server refuses is an error: another dimension, a key of another kind',
  async (context) => {
    const { vectors } = await openRedis(context, {});
    await vectors.create(smallSpec);
    const batch = { ids: Int32Array.of(7), vectors: Float32Array.of(1, 0) };
    await vectors.upsert(vectors.prepareUpsert(batch));
    const longer = { ids: Int32Array.of(8), vectors: Float32Array.of(1, 0, 1) };
    await assert.rejects(vectors.upsert(vectors.prepareUpsert(longer)), /dimension/i);
    const request = { vector: Float32Array.of(1, 0, 1), k: 1, params: {} };
    await assert.rejects(vectors.search(vectors.prepareSearch(request)), /dimension/i);
    await vectors.drop();
    const side = await sideChannel(context);
    // A plain text of the name that a collection would have, left by something else.
    await side.call('SET', ['bench_redis_test_films', 'text']);
    await vectors.create(smallSpec);
    assert.equal(await vectors.count(), 0);
    await vectors.drop();
  },
);

real('one connection gives the same answers as many', async (context) => {
  const many = await openRedis(context, {}, { connections: 4 });
  await many.vectors.create(smallSpec);
  const batch = { ids: Int32Array.of(7, 12), vectors: Float32Array.of(1, 0, 0, 1) };
  await many.vectors.upsert(many.vectors.prepareUpsert(batch));
  const one = await openRedis(context, { connections: 'one' }, { connections: 4 });
  await one.vectors.open(structuredClone(many.vectors.handle()));
  const request = { vector: Float32Array.of(1, 0), k: 2, params: {} };
  for (const { vectors } of [many, one]) {
    const prepared = vectors.prepareSearch(request);
    const hits = await Promise.all(Array.from({ length: 8 }, () => vectors.search(prepared)));
    for (const { ids } of hits) assert.deepEqual([...ids], [7, 12]);
  }
  assert.equal((await one.describe()).settings.connectionCount, 1);
  assert.equal((await many.describe()).settings.connectionCount, 4);
  await many.vectors.drop();
});
