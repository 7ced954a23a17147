import assert from 'node:assert/strict';
import { test } from 'node:test';
import adapter from '../../adapters/faiss.js';
import type {
  CollectionSpec,
  ConnectContext,
  IndexContext,
  Parameters,
  Store,
  VectorOperations,
} from '../../core/adapter.js';

const rows = 1000;
const dimensions = 16;
const k = 10;

/** Pseudo-random rows by a Weyl sequence: the same numbers everywhere. */
const base = Float32Array.from({ length: rows * dimensions }, (_, at) => {
  return ((at * 0.618_033_988_75) % 1) - 0.5 + ((at * at * 0.414_213_562) % 1);
});

const spec: CollectionSpec = {
  name: 'a',
  rows,
  dimensions,
  metric: 'l2',
  elements: 'f32',
  family: 'flat',
  params: {},
  buildThreads: 1,
  searchThreads: 1,
  seed: 1,
};

function context(): ConnectContext {
  const { signal } = new AbortController();
  return { namespace: 'bench_t', connections: 2, timeoutNs: 10e9, signal, log: () => {} };
}

interface Opened {
  readonly store: Store;
  readonly vectors: VectorOperations;
}

async function connect(): Promise<Opened> {
  const store = await adapter.connect({}, context());
  assert.ok(store.vectors);
  return { store, vectors: store.vectors };
}

async function build(part: Partial<CollectionSpec>, idOf = (row: number) => row): Promise<Opened> {
  const opened = await connect();
  const { vectors } = opened;
  await vectors.create({ ...spec, ...part });
  await vectors.train?.(base);
  for (let at = 0; at < rows; at += 300) {
    const end = Math.min(rows, at + 300);
    const ids = Int32Array.from({ length: end - at }, (_, row) => idOf(at + row));
    const batch = { ids, vectors: base.subarray(at * dimensions, end * dimensions) };
    await vectors.upsert(vectors.prepareUpsert(batch));
  }
  return opened;
}

function queryAt(row: number): Float32Array {
  return base.subarray(row * dimensions, (row + 1) * dimensions);
}

/** The k nearest rows by plain loops in float64. */
function nearest(query: Float32Array, metric: 'l2' | 'ip'): number[] {
  const scored = Array.from({ length: rows }, (_, row) => {
    let score = 0;
    for (const [at, value] of queryAt(row).entries()) {
      const asked = query[at] ?? 0;
      score += metric === 'ip' ? -asked * value : (asked - value) ** 2;
    }
    return { row, score };
  });
  return scored
    .sort((a, b) => a.score - b.score || a.row - b.row)
    .map(({ row }) => row)
    .slice(0, k);
}

for (const metric of ['l2', 'ip'] as const) {
  test(`flat gives the true neighbours in ${metric}, one by one and in a batch`, async () => {
    const { store, vectors } = await build({ metric });
    await vectors.finish();
    assert.equal(await vectors.count(), rows);
    const requests = [3, 500, 999].map((row) => ({ vector: queryAt(row), k, params: {} }));
    const expected = requests.map(({ vector }) => nearest(vector, metric));
    const single = await vectors.search(vectors.prepareSearch(requests[1] ?? assert.fail()));
    assert.deepEqual([...single.ids], expected[1]);
    assert.ok((single.engineNs ?? 0) > 0 && single.hostQueueNs !== undefined);
    assert.ok(vectors.prepareSearchBatch && vectors.searchBatch);
    const batch = await vectors.searchBatch(vectors.prepareSearchBatch(requests));
    assert.deepEqual([...batch.ids], expected.flat());
    await store.close();
  });
}

const families: readonly [string, Parameters, Parameters, string, readonly string[]][] = [
  ['flat', {}, {}, 'Flat', ['add']],
  ['ivf-flat', { nlist: 8 }, { nprobe: 8 }, 'IVF8,Flat', ['train', 'add']],
  ['pq', { m: 8, refine: 'flat' }, { kFactor: 10 }, 'PQ8x8np,RFlat', ['train', 'add']],
  ['ivf-pq', { nlist: 8, m: 16 }, { nprobe: 8 }, 'IVF8,PQ16x8np', ['train', 'add']],
  ['ivf-sq', { nlist: 8, bits: 6 }, { nprobe: 8 }, 'IVF8,SQ6', ['train', 'add']],
  ['hnsw', { M: 16, efConstruction: 50 }, { efSearch: 50 }, 'HNSW16', ['add']],
  ['hnsw-sq', { M: 16, bits: 8 }, { efSearch: 50 }, 'HNSW16,SQ8', ['train', 'add']],
  ['factory', { factory: 'IVF4,SQ8' }, { nprobe: 4 }, 'IVF4,SQ8', ['train', 'add']],
];

/** The bytes that are estimated of an index against those that it has. */
async function checkEstimate(store: Store, family: string, params: Parameters): Promise<void> {
  const support = adapter.indexes?.find((index) => index.family === family);
  const { engineBytes = 0 } = (await store.footprint?.()) ?? {};
  const estimate = support?.estimateBytes?.({ rows, dimensions, metric: 'l2', params }) ?? 0;
  const ratio = estimate / engineBytes;
  assert.ok(family === 'factory' || (ratio > 0.8 && ratio < 1.25), `${family}: ${ratio}`);
}

for (const [family, params, search, factory, phases] of families) {
  test(`${family} finds most rows, says phases and factory, has the estimated size`, async () => {
    const { store, vectors } = await build({ family, params });
    const timed = await vectors.finish();
    assert.deepEqual(
      timed.map((phase) => phase.name),
      phases,
    );
    assert.ok(timed.every((phase) => phase.s > 0));
    const { settings, pids } = await store.describe();
    assert.equal(settings.faissFactory, factory);
    await checkEstimate(store, family, params);
    assert.equal(pids.length, 1);
    let foundThemselves = 0;
    for (let row = 0; row < rows; row += 10) {
      const request = { vector: queryAt(row), k, params: search };
      const { ids } = await vectors.search(vectors.prepareSearch(request));
      if (ids.includes(row)) foundThemselves += 1;
    }
    assert.ok(foundThemselves >= 90, `${foundThemselves} of 100`);
    await store.close();
  });
}

test('another thread reaches the build by its handle, and ids may be any numbers', async () => {
  const { store, vectors } = await build({}, (row) => 7 * row + 1);
  await vectors.finish();
  const other = await connect();
  await other.vectors.open(structuredClone(vectors.handle()));
  const request = { vector: queryAt(42), k: 1, params: {} };
  const hits = await other.vectors.search(other.vectors.prepareSearch(request));
  assert.deepEqual([...hits.ids], [7 * 42 + 1]);
  await other.store.close();
  assert.equal(await vectors.count(), rows);
  await store.close();
});

test('k above the rows is filled up with -1', async () => {
  const { store, vectors } = await build({});
  await vectors.finish();
  const request = { vector: queryAt(0), k: rows + 2, params: {} };
  const { ids } = await vectors.search(vectors.prepareSearch(request));
  assert.equal(new Set(ids.subarray(0, rows)).size, rows);
  assert.deepEqual([...ids.subarray(rows)], [-1, -1]);
  await store.close();
});

test('the bytes of a flat index are its vectors and a short header', async () => {
  const { store, vectors } = await build({});
  await vectors.finish();
  const { engineBytes } = (await store.footprint?.()) ?? {};
  const raw = rows * dimensions * 4;
  assert.ok(engineBytes !== undefined && engineBytes >= raw && engineBytes < raw + 200);
  await store.close();
});

test('what the engine refuses comes back with its reason, and the host goes on', async () => {
  const { store, vectors } = await build({ family: 'ivf-flat', params: { nlist: 8 } });
  await vectors.finish();
  const ask = (params: Parameters, vector = queryAt(0)) =>
    vectors.search(vectors.prepareSearch({ vector, k, params }));
  await assert.rejects(ask({ nprobe: 9 }), { code: 'BAD_ARGUMENT', message: /1\.\.8, got 9/ });
  await assert.rejects(ask({ efSearch: 9 }), { code: 'BAD_ARGUMENT', message: /efSearch/ });
  await assert.rejects(ask({}, queryAt(0).subarray(1)), { code: 'BAD_ARGUMENT' });
  assert.equal((await ask({ nprobe: 8 })).ids[0], 0);
  await store.close();
});

test('the threads of building and searching are told apart in what the store says', async () => {
  const { store } = await build({ buildThreads: 2, searchThreads: 1 });
  const { settings } = await store.describe();
  assert.deepEqual(
    [settings.buildThreads, settings.searchThreads, settings.ompNumThreads],
    [2, 1, '2'],
  );
  await store.close();
});

test('the probe says the version and the SIMD level', async () => {
  const probe = await adapter.probe?.();
  assert.equal(probe?.works, true);
  // The version that requirements.txt pins.
  assert.equal(probe.version, '1.15.1');
  assert.match(probe.detail, /SIMD level \w+/);
});

function broken(family: string, params: Parameters): readonly string[] {
  const support = adapter.indexes?.find((index) => index.family === family);
  const about: IndexContext = { rows: 100, dimensions, metric: 'l2', params };
  return support?.check?.(about) ?? [];
}

test('more centroids than rows, and kFactor without refine, are mistakes of the plan', () => {
  // 2^6 = 64 centroids fit 100 rows, 2^8 = 256 do not.
  assert.match(broken('ivf-pq', { nlist: 4, m: 8 })[0] ?? '', /nbits must be 1\.\.6/);
  assert.deepEqual(broken('ivf-pq', { nlist: 4, m: 8, nbits: 6 }), []);
  const refined = (adapter.indexes ?? []).filter(({ params }) => params.refine !== undefined);
  assert.deepEqual(
    refined.map(({ search }) => search.kFactor?.needs),
    ['refine', 'refine', 'refine', 'refine'],
  );
});

test('options that nobody knows are refused', async () => {
  const checked = await adapter.options['~standard'].validate({ nprobe: 4 });
  assert.ok(checked.issues);
});
