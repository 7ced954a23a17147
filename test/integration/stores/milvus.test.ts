import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { clientConfig, milvusOptions } from '../../../adapters/milvus/options.js';
import { loadPackage, type MilvusClient } from '../../../adapters/milvus/package.js';
import adapter from '../../../adapters/milvus.js';
import type {
  CollectionSpec,
  Parameters,
  PayloadField,
  SearchRequest,
  Store,
  VectorOperations,
} from '../../../core/adapter.js';
import { type Filter, matchingRows } from '../../../core/filter.js';
import { type Payload, payloadRow, payloadSlice } from '../../../core/payload.js';
import { firstRows, float32Rows, vectorOf } from '../../../core/vectors.js';
import wikiMovies from '../../../datasets/wiki-movies.js';
import { contextOf } from '../../adapters/milvus-scene.js';
import { isAskedFor } from '../../contract/left-out.js';
import { slowNearest } from '../../core/tables.js';

const isAsked = isAskedFor('milvus');
const skip = isAsked ? false : 'BENCH_STORES does not list milvus';
const url = 'http://127.0.0.1:19531';
const decoy = 'benchmark_of_somebody';
const count = 2000;
const k = 10;
const askedQueries = 20;

const dataset = isAsked ? await wikiMovies.load('wiki-movies', { payload: true }) : undefined;

/** Films with their payload, and some values that filters have trouble with. */
function films() {
  assert.ok(dataset?.payload !== undefined);
  const { base, queries } = dataset;
  const all = payloadSlice(dataset.payload, 0, count);
  const hard = ['a "b"', "it's", 'c\\', '%', '', 'Grüße 漢字', '漢字\n"', '\t', undefined];
  const score = new Float64Array(new SharedArrayBuffer(8 * count));
  for (let row = 0; row < count; row++) score[row] = row % 7 === 0 ? Number.NaN : (row - 1000) / 8;
  const seen = new Int8Array(new SharedArrayBuffer(count));
  for (let row = 0; row < count; row++) seen[row] = (row % 3) - 1;
  const payload: Payload = {
    ...all,
    score: { type: 'float', values: score },
    seen: { type: 'boolean', values: seen },
    note: { type: 'text', values: Array.from({ length: count }, (_, row) => hard[row % 9]) },
  };
  const fields = Object.entries(payload).map(([name, { type }]): PayloadField => {
    return { name, type, indexed: name !== 'title' };
  });
  return { base, queries, payload, fields };
}

function specOf(change: Partial<CollectionSpec> = {}): CollectionSpec {
  return {
    name: 'films',
    rows: count,
    dimensions: films().base.dimensions,
    metric: 'cosine',
    elements: 'f32',
    family: 'flat',
    params: {},
    buildThreads: 1,
    searchThreads: 1,
    seed: 1,
    ...change,
  };
}

async function connect(options: object = {}, namespace = 'bench_it'): Promise<Store> {
  const context = contextOf({ namespace, connections: 4, timeoutNs: 20e9 });
  return adapter.connect(milvusOptions.parse({ url, ...options }), context);
}

async function fill(store: Store, spec: CollectionSpec): Promise<VectorOperations> {
  const { base, payload } = films();
  const vectors = store.vectors as VectorOperations;
  await vectors.create(spec);
  for (const [from, to] of [
    [700, count],
    [0, 700],
  ] as const) {
    const ids = Int32Array.from({ length: to - from }, (_, row) => from + row);
    const rows = float32Rows(base, { from, count: to - from });
    const beside = spec.payload && { payload: payloadSlice(payload, from, to - from) };
    await vectors.upsert(vectors.prepareUpsert({ ids, vectors: rows, ...beside }));
  }
  const [phase] = await vectors.finish();
  assert.ok(phase?.name === 'index' && phase.s > 0);
  assert.equal(await vectors.count(), count);
  return vectors;
}

function query(row: number, rest: Partial<SearchRequest> = {}): SearchRequest {
  return { vector: vectorOf(films().queries, row), k, params: {}, ...rest };
}

const rankings = new Map<string, readonly number[]>();

/** All rows by their distance from a query, which are compared once for all filters. */
function rankingOf(metric: CollectionSpec['metric'], row: number): readonly number[] {
  const { base, queries } = films();
  const key = `${metric} ${row}`;
  const stored = { metric, base: firstRows(base, count) };
  const known = rankings.get(key) ?? slowNearest(stored, vectorOf(queries, row), count);
  rankings.set(key, known);
  return known;
}

interface Asked {
  readonly metric?: CollectionSpec['metric'];
  readonly params?: Parameters;
  readonly filter?: Filter;
}

/** The share of the true neighbours among the rows that meet a filter that the answers have. */
async function recall(vectors: VectorOperations, asked: Asked = {}): Promise<number> {
  const { metric = 'cosine', params = {}, filter } = asked;
  const meets = filter && matchingRows(filter, films().payload);
  let found = 0;
  let wanted = 0;
  for (let row = 0; row < askedQueries; row++) {
    const isAllowed = (id: number): boolean => (meets?.[id] ?? 1) === 1;
    const truth = rankingOf(metric, row).filter(isAllowed).slice(0, k);
    const request = query(row, { params, ...(filter && { filter }) });
    const { ids } = await vectors.search(vectors.prepareSearch(request));
    const came = [...ids].filter((id) => id !== -1);
    assert.ok(came.every(isAllowed), `row ${came} under ${JSON.stringify(filter)}`);
    assert.equal(new Set(came).size, came.length);
    wanted += truth.length;
    found += truth.filter((id) => came.includes(id)).length;
  }
  return wanted === 0 ? 1 : found / wanted;
}

let side: MilvusClient | undefined;

/** A client beside the adapter. */
function beside(): MilvusClient {
  assert.ok(side !== undefined);
  return side;
}

async function names(): Promise<string[]> {
  return (await beside().listCollections()).data.map(({ name }) => name);
}

/** A collection of somebody else: three rows, loaded, with a metric and names of its own. */
async function makeDecoy(): Promise<void> {
  const client = beside();
  const named = { collection_name: decoy };
  await client.dropCollection(named);
  await client.createCollection({
    ...named,
    fields: [
      { name: 'key', data_type: 'VarChar', is_primary_key: true, max_length: 10 },
      { name: 'place', data_type: 'FloatVector', dim: 2 },
      { name: 'row', data_type: 'Int64' },
      { name: 'v', data_type: 'Double' },
    ],
    consistency_level: 'Strong',
  });
  const index = { field_name: 'place', index_type: 'FLAT', metric_type: 'L2' };
  assert.equal((await client.createIndex({ ...named, ...index })).code, 0);
  const data = [
    { key: 'a', place: [0, 0], row: 10, v: 1.5 },
    { key: 'b', place: [1, 0], row: 11, v: 2 },
    { key: 'c', place: [5, 0], row: 12, v: 0.5 },
  ];
  await client.insert({ ...named, data, timeout: 20_000 });
}

before(async () => {
  if (!isAsked) return;
  const { loaded } = await loadPackage();
  const config = clientConfig(milvusOptions.parse({ url }), { connections: 1, timeoutNs: 20e9 });
  side = new loaded.MilvusClient(config);
  await side.connectPromise;
  await makeDecoy();
});

after(async () => {
  if (!isAsked) return;
  await beside().dropCollection({ collection_name: decoy });
  await beside().closeConnection();
});

test('filters find what they say, and payload comes as it was stored', { skip }, async () => {
  const { payload, fields } = films();
  const store = await connect();
  try {
    const vectors = await fill(store, specOf({ payload: fields }));
    const { genre, year } = payloadRow(payload, 7);
    const sameGenre: Filter = { field: 'genre', equals: String(genre) };
    const years: Filter = { field: 'year', atLeast: Number(year), atMost: Number(year) + 8 };
    const filters: Filter[] = [
      sameGenre,
      years,
      { field: 'genre', in: [String(genre), 'no such'] },
      { field: 'castCount', in: [2, 2.5, 3] },
      { field: 'year', atLeast: Number(year) - 0.5 },
      { field: 'year', equals: Number(year) + 0.5 },
      { field: 'year', atMost: 1e300 },
      { field: 'score', atMost: 2.125 },
      { field: 'score', equals: -3.5 },
      { field: 'score', in: [1, -0.125] },
      { field: 'seen', equals: false },
      { field: 'seen', in: [true, false] },
      ...['a "b"', "it's", 'c\\', '%', '', '漢字\n"', '\t', 'absent'].map((text): Filter => {
        return { field: 'note', equals: text };
      }),
      { field: 'note', in: ['Grüße 漢字', '%', 'absent'] },
      { and: [sameGenre, years] },
      { or: [sameGenre, { field: 'castCount', atMost: 1 }] },
      { not: sameGenre },
      { not: years },
      { not: { field: 'score', atMost: 0 } },
      { not: { field: 'seen', equals: true } },
      { not: { or: [sameGenre, { and: [years, { field: 'castCount', atLeast: 2 }] }] } },
    ];
    assert.equal(await recall(vectors), 1);
    for (const filter of filters) {
      assert.equal(await recall(vectors, { filter }), 1, JSON.stringify(filter));
    }
    const names = fields.map(({ name }) => name);
    const asked = await vectors.search(vectors.prepareSearch(query(0, { k: 100, payload: names })));
    const stored = [...asked.ids].map((id) => payloadRow(payload, id));
    assert.deepEqual(asked.payload, stored);
    const some = await vectors.search(vectors.prepareSearch(query(0, { payload: ['year'] })));
    assert.deepEqual(
      some.payload,
      stored.slice(0, k).map(({ year: own }) => ({ year: own })),
    );
  } finally {
    await store.vectors?.drop();
    await store.close();
  }
});

const built: readonly (readonly [string, Parameters, Parameters, number, number])[] = [
  ['ivf-flat', { nlist: 32 }, { nprobe: 32 }, 1, 1],
  ['ivf-sq', { nlist: 32 }, { nprobe: 32 }, 0.9, 1],
  ['ivf-pq', { nlist: 32, m: 48, nbits: 8 }, { nprobe: 32 }, 0.3, 0.99],
  ['hnsw', { M: 16, efConstruction: 100 }, { efSearch: 1 }, 0.7, 1],
  ['scann', { nlist: 32, withRawData: false }, { nprobe: 32 }, 0.3, 0.99],
];

for (const [family, params, search, least, most] of built) {
  test(`${family} is searched through its index`, { skip }, async () => {
    const store = await connect({ consistency: 'Eventually', compact: false });
    try {
      const vectors = await fill(store, specOf({ family, params, metric: 'ip' }));
      const got = await recall(vectors, { metric: 'ip', params: search });
      assert.ok(got >= least && got <= most, `recall ${got}`);
      const { settings, warnings } = await store.describe();
      assert.deepEqual(warnings, []);
      assert.equal(settings.consistency, 'Eventually');
      assert.equal(settings.metricType, 'IP');
      assert.equal(settings.minSegmentRowsForIndex, 1024);
    } finally {
      await store.vectors?.drop();
      await store.close();
    }
  });
}

test('families that this build has not are UNSUPPORTED at once', { skip }, async () => {
  const store = await connect();
  const { version } = await store.describe();
  const missing = ['gpu-flat', 'gpu-ivf-flat', 'gpu-ivf-pq', 'gpu-cagra'];
  const wanted = /-lite/.test(version) ? [...missing, 'diskann'] : missing;
  for (const family of /-gpu/.test(version) ? [] : wanted) {
    const created = store.vectors?.create(specOf({ family, params: { m: 48 } }));
    await assert.rejects(async () => created, { code: 'UNSUPPORTED', hint: /version/ });
  }
  assert.ok(!(await names()).includes('bench_it_films'));
  await store.close();
});

test('few rows get no index, which is said; Strong costs a tick a search', { skip }, async () => {
  const store = await connect({ consistency: 'Strong' });
  try {
    const vectors = store.vectors as VectorOperations;
    const { base } = films();
    await vectors.create(specOf({ family: 'hnsw', rows: 500 }));
    const ids = Int32Array.from({ length: 500 }, (_, row) => row);
    const rows = float32Rows(base, { from: 0, count: 500 });
    await vectors.upsert(vectors.prepareUpsert({ ids, vectors: rows }));
    await vectors.finish();
    const [ticks = '', few = ''] = (await store.describe()).warnings;
    assert.match(ticks, /Strong.*200 ms/);
    assert.match(few, /^all 500 rows are searched without the index/);
    const request = query(0, { k: 1, vector: vectorOf(base, 3) });
    const prepared = vectors.prepareSearch(request);
    assert.deepEqual([...(await vectors.search(prepared)).ids], [3]);
    await vectors.remove?.(Int32Array.of(3));
    assert.equal(await vectors.count(), 499);
    assert.notDeepEqual([...(await vectors.search(prepared)).ids], [3]);
  } finally {
    await store.vectors?.drop();
    await store.close();
  }
});

test('limits of the server are told, and a lost collection', { skip }, async () => {
  const store = await connect();
  try {
    const vectors = store.vectors as VectorOperations;
    for (const dimensions of [1, 32_769]) {
      await assert.rejects(vectors.create(specOf({ dimensions })), { code: 'BAD_ARGUMENT' });
    }
    await fill(store, specOf());
    const most = await vectors.search(vectors.prepareSearch(query(0, { k: 16_384 })));
    assert.deepEqual(
      [most.ids.length, most.ids[count - 1] !== -1, most.ids[count]],
      [16_384, true, -1],
    );
    const prepared = vectors.prepareSearch(query(0));
    await beside().dropCollection({ collection_name: 'bench_it_films' });
    await assert.rejects(vectors.search(prepared), { code: 'STORE_FAILED' });
    const other = await connect();
    await assert.rejects(async () => other.vectors?.open(vectors.handle()), {
      code: 'STORE_FAILED',
      hint: /removed/,
    });
    await other.close();
    await vectors.drop();
  } finally {
    await store.close();
  }
});

test('a connection for each request, shards and replicas are as asked', { skip }, async () => {
  const store = await connect({ connections: 'per-request', shards: 2 });
  try {
    const vectors = await fill(store, specOf());
    assert.equal(await recall(vectors), 1);
    const { settings } = await store.describe();
    assert.deepEqual([settings.connections, settings.shards, settings.replicas], [4, 2, 1]);
  } finally {
    await store.vectors?.drop();
    await store.close();
  }
  await assert.rejects(connect({ database: 'no_such' }), { code: 'BAD_TARGET' });
  await assert.rejects(connect({ mmap: true }), { code: 'TOO_OLD', hint: /2\.4/ });
});

test('what a stopped run left is listed and removed, and nothing else', { skip }, async () => {
  const store = await connect({}, 'bench_left');
  await store.vectors?.create(specOf());
  await store.close();
  const other = await connect({}, 'bench_other');
  const left = (await other.leftovers?.()) ?? [];
  assert.ok(left.includes('bench_left_films') && !left.includes(decoy));
  await assert.rejects(async () => other.removeLeftover?.(decoy), { code: 'BAD_ARGUMENT' });
  await other.removeLeftover?.('bench_left_films');
  await other.removeLeftover?.('bench_left_films');
  const now = await names();
  assert.ok(!now.includes('bench_left_films') && now.includes(decoy));
  await other.close();
});

test('a collection of somebody else is read and never written', { skip }, async () => {
  const existing = {
    collection: decoy,
    idField: 'row',
    dimensions: 2,
    metric: 'l2',
    family: 'flat',
    payload: [{ name: 'v', type: 'float', indexed: false }],
  } as const;
  const store = await connect();
  const vectors = store.vectors as VectorOperations;
  const attach = async (change: object): Promise<void> =>
    vectors.attach?.({ ...existing, ...change });
  await assert.rejects(attach({}), { code: 'BAD_TARGET', message: /not loaded/ });
  await beside().loadCollection({ collection_name: decoy, replica_number: 1 });
  while ((await beside().getLoadState({ collection_name: decoy })).state !== 'LoadStateLoaded');
  for (const wrong of [
    { dimensions: 3 },
    { metric: 'ip' },
    { collection: 'nobody' },
    { vectorField: 'row' },
    { idField: 'no such' },
    { idField: 'v' },
    { payload: [{ name: 'w', type: 'float', indexed: false }] },
  ]) {
    await assert.rejects(attach(wrong), { code: 'BAD_TARGET' }, JSON.stringify(wrong));
  }
  await attach({});
  const request = { vector: Float32Array.of(4, 0), k: 4, params: {}, payload: ['v'] };
  const { ids, payload } = await vectors.search(vectors.prepareSearch(request));
  assert.deepEqual([...ids], [12, 11, 10, -1]);
  assert.deepEqual(payload, [{ v: 0.5 }, { v: 2 }, { v: 1.5 }]);
  const range: Filter = { not: { field: 'v', atLeast: 1.75 } };
  const some = await vectors.search(vectors.prepareSearch({ ...request, filter: range }));
  assert.deepEqual([...some.ids], [12, 10, -1, -1]);
  // Its own key is text that is no number.
  await attach({ idField: undefined });
  await assert.rejects(vectors.search(vectors.prepareSearch(request)), { hint: /idField/ });
  await attach({});
  const other = await connect();
  await other.vectors?.open(structuredClone(vectors.handle()));
  assert.equal(await other.vectors?.count(), 3);
  await other.vectors?.drop();
  await other.close();
  await vectors.drop();
  await store.close();
  assert.ok((await names()).includes(decoy));
});
