import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { GraphHandle } from '../../adapters/usearch/graph.js';
import { type GraphConfig, loadUsearch } from '../../adapters/usearch/package.js';
import adapter from '../../adapters/usearch.js';
import { seededRandom } from '../../core/random.js';
import { float32Rows, vectorOf } from '../../core/vectors.js';
import { slowNearest, tableOf } from '../core/tables.js';
import {
  ask,
  base,
  build,
  connect,
  dimensions,
  k,
  type Opened,
  queries,
  rows,
  testsOf,
} from './hosted-scene.js';

const installed = await testsOf('usearch', adapter);
const all = Array.from({ length: queries.rows }, (_, query) => query);
const keys = BigUint64Array.from({ length: rows }, (_, row) => BigInt(row));

function ofLength(vector: Float32Array, wanted: number): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => (value / length) * wanted);
}

/** Rows in random directions, of lengths 1 - spread to 1 + spread. */
function rowsOfLengths(spread: number): Float32Array {
  const random = seededRandom(5);
  const values = float32Rows(base, { from: 0, count: rows }).slice();
  for (let from = 0; from < values.length; from += dimensions) {
    const own = values.subarray(from, from + dimensions);
    own.set(ofLength(own, 1 + spread * (2 * random() - 1)));
  }
  return values;
}

/** The mean recall@10 of usearch itself at 300 candidates. */
async function recallOf(
  values: Float32Array,
  part: Pick<GraphConfig, 'metric' | 'quantization'>,
): Promise<number> {
  const { Index } = await loadUsearch();
  const graph = new Index({
    ...{ dimensions, connectivity: 32, expansion_add: 200, expansion_search: 300, multi: false },
    ...part,
  });
  graph.add(keys, values, 1);
  const table = tableOf(dimensions, values);
  const metric = ({ l2sq: 'l2', ip: 'ip', cos: 'cosine' } as const)[part.metric];
  let found = 0;
  for (const query of all) {
    const vector = ofLength(vectorOf(queries, query), 1);
    const truth = new Set(slowNearest({ metric, base: table }, vector, k));
    for (const key of graph.search(vector, k, 1).keys) if (truth.has(Number(key))) found += 1;
  }
  return found / (k * queries.rows);
}

function insert(opened: Opened, values: Float32Array): Promise<void> {
  const { vectors } = opened;
  const ids = Int32Array.from({ length: rows }, (_, row) => row);
  return vectors.upsert(vectors.prepareUpsert({ ids, vectors: values }));
}

const spec = {
  name: 'a',
  rows,
  dimensions,
  metric: 'l2',
  elements: 'f32',
  family: 'hnsw',
  params: { M: 32, efConstruction: 200, quantization: 'i8' },
  buildThreads: 1,
  searchThreads: 1,
  seed: 1,
} as const;

installed('i8 loses what rows of several lengths need, and such rows are refused', async (t) => {
  // usearch 2.25.3, cast_to_i8_gt of index_plugins.hpp: a row is divided by its own length.
  const recalls: string[] = [];
  for (const spread of [0, 0.1, 0.3]) {
    const values = rowsOfLengths(spread);
    const i8 = await recallOf(values, { metric: 'l2sq', quantization: 'i8' });
    const f16 = await recallOf(values, { metric: 'l2sq', quantization: 'f16' });
    recalls.push(`${spread}: i8 ${i8.toFixed(3)}, f16 ${f16.toFixed(3)}`);
    assert.ok(f16 >= 0.98, recalls.at(-1));
    if (spread === 0) assert.ok(i8 >= 0.9, recalls.at(-1));
    else assert.ok(i8 <= f16 - 0.1, recalls.at(-1));
    const cosine = await recallOf(values, { metric: 'cos', quantization: 'i8' });
    assert.ok(cosine >= 0.9, `cosine ${cosine}`);
  }
  t.diagnostic(`recall@10 by the spread of the lengths: ${recalls.join('; ')}`);
  const opened = await connect(adapter, t);
  for (const metric of ['l2', 'ip'] as const) {
    await opened.vectors.create({ ...spec, metric });
    assert.throws(() => insert(opened, rowsOfLengths(0.1)), {
      code: 'UNSUPPORTED',
      message: /i8 drops the lengths of the rows.* got 0\.9\d*\.\.1\.\d*; take f16/,
    });
    await opened.vectors.create({ ...spec, metric });
    await insert(opened, rowsOfLengths(0));
    assert.equal(await opened.vectors.count(), rows);
  }
  await opened.vectors.create({ ...spec, metric: 'cosine' });
  await insert(opened, rowsOfLengths(0.3));
});

installed('usearch drops the lengths of rows that come as bytes, too', async () => {
  const { Index } = await loadUsearch();
  const graph = new Index({
    ...{ dimensions: 2, metric: 'l2sq', quantization: 'i8', multi: false },
    ...{ connectivity: 4, expansion_add: 20, expansion_search: 20 },
  });
  const bytes = Int8Array.of(100, 0, 50, 0, 10, 10) as unknown as Float32Array;
  graph.add(BigUint64Array.of(0n, 1n, 2n), bytes, 1);
  const { distances } = graph.search(bytes.subarray(2, 4), 3, 1) as unknown as {
    readonly distances: Float32Array;
  };
  // Of (50, 0) to (100, 0) it should be 2500.
  assert.deepEqual([...distances.subarray(0, 2)], [0, 0]);
  const takes = adapter.indexes?.map((support) => support.takes?.('i8', { quantization: 'i8' }));
  assert.deepEqual(takes, [undefined, undefined]);
});

installed('efSearch of a call is that of a graph which was made with it', async (t) => {
  const params = { M: 4, efConstruction: 20, quantization: 'f32' };
  const opened = await build(adapter, t, { family: 'hnsw', params });
  const { Index } = await loadUsearch();
  const answers = new Set<string>();
  for (const efSearch of [1, 20, 100]) {
    const graph = new Index({
      ...{ dimensions, metric: 'l2sq', quantization: 'f32', multi: false },
      ...{ connectivity: 4, expansion_add: 20, expansion_search: efSearch },
    });
    // In the batches of `build`, since the order decides what the graph becomes.
    for (let from = 0; from < rows; from += 250) {
      const count = Math.min(250, rows - from);
      graph.add(keys.slice(from, from + count), float32Rows(base, { from, count }), 1);
    }
    const expected = all.map((query) => {
      return Array.from(graph.search(vectorOf(queries, query), k, 1).keys, Number);
    });
    const got = await Promise.all(all.map((query) => ask(opened, query, { efSearch })));
    assert.deepEqual(got, expected, `efSearch ${efSearch}`);
    answers.add(JSON.stringify(got));
  }
  assert.equal(answers.size, 3, 'each finds something else');
});

installed('a graph is a file only while another thread may open it', async (t) => {
  const opened = await build(adapter, t, { family: 'hnsw', params: {} });
  const { path } = opened.vectors.handle() as GraphHandle;
  assert.ok(existsSync(path));
  const { engineBytes = 0 } = (await opened.store.footprint?.()) ?? {};
  const context = { rows, dimensions, metric: 'l2' as const, params: {} };
  const estimate = adapter.indexes?.at(1)?.estimateBytes?.(context) ?? 0;
  assert.ok(Math.abs(engineBytes - estimate) <= 0.05 * estimate, `${engineBytes}, ${estimate}`);
  await opened.vectors.drop();
  assert.equal(existsSync(dirname(path)), false);
});

installed('what moves its numbers is told: version, SIMD, one call in flight', async (t) => {
  const { store } = await connect(adapter, t);
  const { version, settings } = await store.describe();
  // The version that the adapter installs.
  assert.equal(version, '2.25.3');
  assert.equal(settings.callsInFlight, 1);
  assert.match(String(settings.simd), /serial/);
  const probe = await adapter.probe?.();
  assert.deepEqual([probe?.works, probe?.version], [true, version]);
});
