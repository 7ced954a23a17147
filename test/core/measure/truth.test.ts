import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Metric } from '../../../core/adapter.js';
import { checkOfficialTruth, computeTruth, tieFractionAt } from '../../../core/measure/truth.js';
import type { TruthRequest } from '../../../core/measure/truth-job.js';
import { type Random, seededRandom } from '../../../core/random.js';
import { float32Rows, float32Table, type VectorTable } from '../../../core/vectors.js';
import { plainTruth } from './plain-truth.js';

const metrics: readonly Metric[] = ['l2', 'ip', 'cosine'];

function table(dimensions: number, values: ArrayLike<number>): VectorTable {
  const data = new Float32Array(new SharedArrayBuffer(values.length * 4));
  data.set(values);
  return float32Table(data, dimensions);
}

interface Size {
  readonly rows: number;
  readonly queries: number;
  readonly dimensions: number;
}

function randomTables(size: Size, draw: () => number): Pick<TruthRequest, 'base' | 'queries'> {
  const { rows, queries, dimensions } = size;
  const make = (count: number): VectorTable =>
    table(dimensions, Array.from({ length: count * dimensions }, draw));
  return { base: make(rows), queries: make(queries) };
}

async function compare(request: TruthRequest): Promise<void> {
  const truth = await computeTruth(request);
  const expected = plainTruth(request);
  assert.deepEqual([...truth.ids], expected.ids);
  assert.deepEqual([...truth.distances], expected.distances);
}

function gaussian(random: Random): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

for (const metric of metrics) {
  test(`${metric} truth equals a slow sort on random vectors of many sizes`, async () => {
    const draw = gaussian(seededRandom(1));
    for (const [rows, queries, dimensions, k] of [
      [1, 1, 1, 1],
      [3, 17, 5, 3],
      [257, 33, 7, 10],
      [700, 5, 48, 100],
    ] as const) {
      await compare({ metric, k, ...randomTables({ rows, queries, dimensions }, draw) });
    }
  });

  test(`${metric} truth breaks ties by the lower row, also where hundreds tie`, async () => {
    const random = seededRandom(2);
    // Few different values in few dimensions: each vector occurs many times.
    const draw = (): number => 1 + Math.floor(random() * 3);
    const size = { rows: 900, queries: 20, dimensions: 2 };
    await compare({ metric, k: 50, ...randomTables(size, draw) });
  });

  test(`${metric} truth is the same however many threads compute it`, async () => {
    const random = seededRandom(3);
    // Above the size from which threads are started; whole numbers, so that ties occur.
    const size = { rows: 3000, queries: 70, dimensions: 100 };
    const tables = randomTables(size, () => Math.floor(random() * 3) - 0.5);
    const one = await computeTruth({ metric, k: 20, threads: 1, ...tables });
    const three = await computeTruth({ metric, k: 20, threads: 3, ...tables });
    assert.deepEqual(three, one);
    const few = {
      ...tables,
      queries: table(100, float32Rows(tables.queries, { from: 0, count: 3 })),
    };
    const slow = plainTruth({ metric, k: 20, ...few });
    assert.deepEqual([...one.ids.subarray(0, 60)], slow.ids);
  });
}

test('vectors whose norms differ by powers of ten are ranked exactly', async () => {
  const random = seededRandom(4);
  const draw = (): number => (random() - 0.5) * 10 ** Math.floor(random() * 12);
  for (const metric of metrics) {
    const size = { rows: 300, queries: 9, dimensions: 6 };
    await compare({ metric, k: 10, ...randomTables(size, draw) });
  }
});

test('rows of equal distance are ranked by row where the fast pass rounds them apart', async () => {
  // Differences of a quarter are exact next to 1234.567; squared norms of 3 million are not.
  const centre = Math.fround(1234.567);
  const steps = [0.25, 0, -0.25, 0, 0, 0.25, 0, -0.25];
  const values = Array.from({ length: 1600 }, (_, at) => centre + (steps[at % 8] as number));
  const queries = table(2, [centre, centre]);
  const truth = await computeTruth({ metric: 'l2', k: 40, base: table(2, values), queries });
  assert.deepEqual(
    [...truth.ids],
    Array.from({ length: 40 }, (_, row) => row),
  );
  assert.ok(truth.distances.every((distance) => distance === 0.0625));
  assert.equal(truth.tieFraction, 1);
});

test('the share of ties is known at every depth', async () => {
  const request = {
    metric: 'l2' as const,
    // From 0: distances 1, 4, 4, 9. From 10: 49, 64, 64, 81.
    base: table(1, [1, 2, 2, 3]),
    queries: table(1, [0, 10]),
    k: 3,
  };
  const truth = await computeTruth(request);
  assert.deepEqual(
    [1, 2, 3].map((k) => tieFractionAt(truth, k)),
    [0, 1, 0],
  );
  assert.equal(truth.tieFraction, 0);
  assert.equal((await computeTruth({ ...request, k: 2 })).tieFraction, 1);
  assert.equal((await computeTruth({ ...request, k: 4 })).tieFraction, 0);
  assert.throws(() => tieFractionAt(truth, 4), /1\.\.3, got 4/);
  assert.throws(() => tieFractionAt(truth, 0), /1\.\.3, got 0/);
});

test('k outside 1..rows is refused', async () => {
  const tables = { base: table(1, [1, 2]), queries: table(1, [0]) };
  for (const k of [0, 3, 1.5, Number.NaN]) {
    const work = computeTruth({ metric: 'l2', k, ...tables });
    await assert.rejects(work, { code: 'BAD_ARGUMENT', message: /1\.\.2 \(rows\), got/ });
  }
});

test('a zero vector under cosine is refused by its row', async () => {
  const base = table(2, [1, 2, 0, 0]);
  const work = computeTruth({ metric: 'cosine', base, queries: table(2, [1, 1]), k: 1 });
  await assert.rejects(work, { code: 'BAD_DATA', message: /row 1 is all zeros/ });
});

test('official neighbours count as wrong when farther, repeated or unknown', async () => {
  const base = table(1, [1, 2, 2, 3, 50]);
  const queries = table(1, [0, 0, 0]);
  const dataset = { name: 'sample', metric: 'l2' as const, base, queries };
  const truth = await computeTruth({ ...dataset, k: 2 });
  const check = (ids: number[]): number => {
    const officialTruth = { queries: 3, k: 2, ids: Int32Array.from(ids) };
    return checkOfficialTruth({ ...dataset, officialTruth }, truth);
  };
  // Rows 1 and 2 are equally far; the order does not matter.
  assert.equal(check([0, 1, 0, 2, 2, 0]), 0);
  assert.equal(check([0, 4, 0, 0, 0, 99]), 3);
  assert.throws(() => checkOfficialTruth(dataset, truth), /found none/);
});
