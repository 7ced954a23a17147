import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import type { LanceHandle } from '../../adapters/lancedb/collection.js';
import adapter from '../../adapters/lancedb.js';
import type { IndexContext, Parameters, VectorOperations } from '../../core/adapter.js';
import { hostedStore } from '../../core/host/hosted-store.js';
import { nodeEngine } from '../../core/host/node/launch.js';
import type { Target } from '../../core/plan.js';
import { vectorOf } from '../../core/vectors.js';
import { emptyFolder } from '../core/folders.js';
import { runSmall } from '../core/run/small-run.js';
import { slowNearest } from '../core/tables.js';
import ofAnotherMetric from '../fixtures/adapters/lance-of-another-metric.js';
import {
  ask,
  base,
  build,
  connect,
  dimensions,
  k,
  queries,
  rows,
  testsOf,
} from './hosted-scene.js';

const installed = await testsOf('lancedb', adapter);
const adapterUrl = new URL('../../adapters/lancedb.js', import.meta.url).href;
const all = Array.from({ length: queries.rows }, (_, query) => query);
const truth = all.map((query) => slowNearest({ metric: 'l2', base }, vectorOf(queries, query), k));

function recallOf(answers: readonly (readonly number[])[]): number {
  const found = answers.flatMap((ids, query) => ids.filter((id) => truth[query]?.includes(id)));
  return found.length / (k * queries.rows);
}

installed('an index that LanceDB passes over in silence does not verify', async (t) => {
  const url = new URL('../fixtures/adapters/lance-of-another-metric.js', import.meta.url).href;
  const target = { adapterName: 'lancedb', options: {}, inProcess: true };
  const targets: Target[] = [
    { ...target, name: 'right', adapter, adapterUrl },
    { ...target, name: 'wrong', adapter: ofAnotherMetric, adapterUrl: url },
  ];
  const params = { nlist: 4, m: 4, nbits: 4 };
  const indexes = [{ family: 'ivf-pq', params, search: { nprobe: 4 } }];
  const measure = { warmUpS: 0, durationS: 0.05, repeats: 1, timeoutS: 5 };
  const folder = await emptyFolder(t);
  const { builds } = await runSmall({ folder, targets, suite: { indexes, measure } });
  // lance 10, dataset/scanner.rs: "incompatible with index metric ..., falling back to
  // brute-force search", which is only logged.
  const outcomes = builds.map(({ status, failure }) => [status, failure?.code]);
  assert.deepEqual(outcomes, [
    ['ready', undefined],
    ['failed', 'VERIFY_FAILED'],
  ]);
  assert.match(builds[1]?.failure?.message ?? '', /nothing ranks anew lose.* got 1\.0000: brute/);
});

installed('candidates are ranked anew where refine says so', async (t) => {
  const params = { nlist: 4, m: 4, nbits: 8 };
  const plain = await build(adapter, t, { family: 'ivf-pq', params });
  const phases = await plain.vectors.finish();
  assert.deepEqual(
    phases.map(({ name, s }) => [name, s > 0]),
    [['index', true]],
  );
  const recalls: number[] = [];
  for (const search of [{ nprobe: 4 }, { nprobe: 4, kFactor: 2 }, { nprobe: 4, kFactor: 20 }]) {
    recalls.push(recallOf(await Promise.all(all.map((query) => ask(plain, query, search)))));
  }
  const [codes = 1, some = 0, many = 0] = recalls;
  assert.ok(codes < some && some < many && many > 0.95, recalls.join(' '));
});

installed('rows of float16 are stored as they come', async (t) => {
  const { vectors } = await connect(adapter, t);
  const support = adapter.indexes?.find(({ family }) => family === 'ivf-flat');
  assert.equal(support?.takes?.('f16', { elements: 'float16' }), true);
  // It computes with them at a twentieth of the speed.
  assert.equal(support?.takes?.('f16', { elements: 'float32' }), false);
  await vectors.create({
    ...{ name: 'a', rows: 3, dimensions: 2, metric: 'l2', elements: 'f16', family: 'ivf-flat' },
    ...{ params: { nlist: 1 }, buildThreads: 1, searchThreads: 1, seed: 1 },
  });
  // IEEE 754, binary16: 0x3c00 is 1, 0x4000 is 2, 0x4500 is 5.
  const halves = Uint16Array.of(0x3c00, 0x3c00, 0x4000, 0x4000, 0x4500, 0x4500);
  const batch = { ids: Int32Array.of(7, 8, 9), vectors: halves };
  await vectors.upsert(vectors.prepareUpsert(batch));
  await vectors.finish();
  const request = { vector: Float32Array.of(5, 4), k: 3, params: { nprobe: 1 } };
  const { ids } = await vectors.search(vectors.prepareSearch(request));
  assert.deepEqual([...ids], [9, 8, 7]);
});

installed('its estimates are near the bytes on the disk, which go with the table', async (t) => {
  const families: [string, Parameters][] = [
    ['flat', {}],
    ['ivf-flat', { nlist: 4 }],
    ['ivf-pq', { nlist: 4, m: 8 }],
    ['ivf-rq', { nlist: 4, nbits: 1 }],
    ['ivf-hnsw-sq', { nlist: 1, M: 16, efConstruction: 100 }],
  ];
  for (const [family, params] of families) {
    const opened = await build(adapter, t, { family, params });
    await opened.vectors.finish();
    const { diskBytes = 0 } = (await opened.store.footprint?.()) ?? {};
    const support = adapter.indexes?.find((index) => index.family === family);
    const context: IndexContext = { rows, dimensions, metric: 'l2', params };
    const estimate = support?.estimateBytes?.(context) ?? 0;
    // Heads of files and versions are a large part of so small a table.
    const slack = 0.4 * estimate + 12_000;
    assert.ok(Math.abs(diskBytes - estimate) <= slack, `${family}: ${diskBytes}, ${estimate}`);
    const { folder } = opened.vectors.handle() as LanceHandle;
    await opened.vectors.drop();
    assert.equal(existsSync(folder), false);
  }
});

installed('nothing is left of a host that was killed', async (t) => {
  const folder = await emptyFolder(t);
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  t.after(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  });
  const { signal } = new AbortController();
  const context = { namespace: 'bench_t', connections: 1, timeoutNs: 20e9, signal, log: () => {} };
  const store = hostedStore(nodeEngine({ name: 'lancedb', adapterUrl, options: {} }), context);
  const vectors = store.vectors as VectorOperations;
  await vectors.create({
    ...{ name: 'a', rows: 1, dimensions: 8, metric: 'l2', elements: 'f32', family: 'flat' },
    ...{ params: {}, buildThreads: 1, searchThreads: 1, seed: 1 },
  });
  const written = readdirSync(folder, { recursive: true }).map(String);
  assert.ok(
    written.some((path) => path.includes('bench-lancedb-')),
    written.join(' '),
  );
  const [pid = 0] = (await store.describe()).pids;
  process.kill(pid, 'SIGKILL');
  await store.close();
  assert.deepEqual(readdirSync(folder), []);
});

installed('what the engine refuses comes with its reason', async (t) => {
  const params = { nlist: 1, M: 8, efConstruction: 50 };
  const opened = await build(adapter, t, { family: 'ivf-hnsw-sq', params });
  await opened.vectors.finish();
  await assert.rejects(ask(opened, 0, { nprobe: 1, efSearch: 5 }), /ef must be greater/);
  assert.equal((await ask(opened, 0, { nprobe: 1, efSearch: 50 })).length, k);
});

installed('what the plan can know is a mistake of the plan', async () => {
  const check = (family: string, context: Partial<IndexContext>): readonly string[] => {
    const support = adapter.indexes?.find((index) => index.family === family);
    const whole = { rows: 100, dimensions: 12, metric: 'l2' as const, params: {}, ...context };
    return support?.check?.(whole) ?? [];
  };
  // 2^8 = 256 centroids are more than 100 rows, 2^4 = 16 are not.
  assert.match(check('ivf-pq', { params: { nbits: 8 } })[0] ?? '', /nbits must be 4 .*got 8/);
  assert.deepEqual(check('ivf-pq', { params: { nbits: 4 } }), []);
  assert.match(check('ivf-rq', {})[0] ?? '', /dimensions that 8 divides, got 12/);
  assert.deepEqual(check('ivf-rq', { dimensions: 16 }), []);
  for (const family of ['ivf-flat', 'ivf-pq', 'ivf-rq', 'ivf-hnsw-sq']) {
    const asked = { rows: 300, dimensions: 16, params: { elements: 'float16' } };
    assert.match(check(family, { ...asked, elements: 'f32' }).join(), /data are not float16/);
    assert.deepEqual(check(family, { ...asked, elements: 'f16' }), []);
  }
});
