import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dataset } from '../../../core/dataset.js';
import { type Inspection, inspectDataset } from '../../../core/inspect/inspect.js';
import { silentProgress } from '../../../core/progress.js';
import { seededRandom } from '../../../core/random.js';
import { smallDataset, tableOf } from '../tables.js';

function inspect(
  dataset: Dataset,
  given: { readonly sample?: number; readonly seed?: number; readonly work?: number } = {},
): Promise<Inspection> {
  return inspectDataset(dataset, { sample: 1000, seed: 1, progress: silentProgress, ...given });
}

/** Rows of four values of a bell curve: sums of twelve uniform ones. */
function bell(rows: number, seed: number, scale = 1): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: rows * 4 }, () => {
    let sum = -6;
    for (let n = 0; n < 12; n++) sum += random();
    return sum * scale;
  });
}

function bellSet(
  queries: { readonly seed: number; readonly scale?: number },
  rows = 3000,
): Dataset {
  return smallDataset({
    base: tableOf(4, bell(rows, 1)),
    queries: tableOf(4, bell(300, queries.seed, queries.scale)),
  });
}

test('sizes, zeros and duplicates are those of the tables', async () => {
  const base = tableOf(2, [3, 4, 0, 0, 3, 4, 1, 0, 0, 2]);
  const found = await inspect(smallDataset({ base, queries: tableOf(2, [1, 1]) }));
  const { norms, neighbours, ...sizes } = found;
  assert.deepEqual(sizes, {
    name: 'small',
    metric: 'l2',
    rows: 5,
    dimensions: 2,
    type: 'f32',
    queries: 1,
    duplicateRows: 1,
  });
  assert.deepEqual(norms, { min: 0, median: 2, max: 5, zeros: 1, medianRows: 5 });
  // Of so few rows there are no 10, 20 or 100 neighbours.
  assert.deepEqual(neighbours?.intrinsicDimension, []);
  assert.deepEqual(neighbours?.ties, []);
  assert.deepEqual([neighbours?.rows, neighbours?.queries, neighbours?.among], [1, 1, 5]);
});

test('a zero vector is counted under cosine, and no neighbours are looked for', async () => {
  const base = tableOf(2, [3, 4, 0, 0]);
  const dataset = smallDataset({ metric: 'cosine', base, queries: tableOf(2, [1, 1]) });
  const found = await inspect(dataset);
  assert.equal(found.norms.zeros, 1);
  assert.equal(found.neighbours, undefined);
});

test('values that no dataset may have are refused', async () => {
  const dataset = smallDataset({ base: tableOf(2, [3, Number.NaN]) });
  await assert.rejects(inspect(dataset), { code: 'BAD_DATA' });
});

test('the share of ties is that of the queries whose ranks are equally far', async () => {
  // Query 0 has 20 rows at distance 1; query 100 has rows at distances 1, 2, 3 ...
  const near = Array.from({ length: 20 }, (_, n) => [Math.cos(n), Math.sin(n)]).flat();
  const far = Array.from({ length: 20 }, (_, n) => [100, n + 1]).flat();
  const base = tableOf(2, [...near, ...far]);
  const found = await inspect(smallDataset({ base, queries: tableOf(2, [0, 0, 100, 0]) }));
  assert.deepEqual(found.neighbours?.ties, [{ k: 10, value: 0.5 }]);
});

test('a tenth of the rows is looked at, and all queries up to the size of the sample', async () => {
  const { neighbours } = await inspect(bellSet({ seed: 2 }));
  assert.deepEqual([neighbours?.rows, neighbours?.queries, neighbours?.among], [300, 300, 3000]);
  const fewer = await inspect(bellSet({ seed: 2 }), { sample: 50 });
  assert.deepEqual([fewer.neighbours?.rows, fewer.neighbours?.queries], [50, 50]);
});

test('where all rows are too many, neighbours are looked for in a sample of them', async () => {
  const found = await inspect(bellSet({ seed: 2 }), { work: 300 * 4 * 1000 });
  assert.equal(found.neighbours?.among, 1000);
  const [at20] = found.neighbours?.intrinsicDimension ?? [];
  const all = await inspect(bellSet({ seed: 2 }));
  const [allAt20] = all.neighbours?.intrinsicDimension ?? [];
  // Fewer rows are farther apart, where the bell is more curved: 20 % leave room for that.
  assert.ok(Math.abs((at20?.value ?? 0) / (allAt20?.value ?? 1) - 1) < 0.2);
});

test('what is found follows from the seed', async () => {
  const first = await inspect(bellSet({ seed: 2 }), { sample: 50 });
  assert.deepEqual(await inspect(bellSet({ seed: 2 }), { sample: 50 }), first);
  assert.notDeepEqual(await inspect(bellSet({ seed: 2 }), { sample: 50, seed: 2 }), first);
});

test('queries from where the rows are from are told apart as often as chance has it', async () => {
  let below = 0;
  const sets = 60;
  for (let seed = 0; seed < sets; seed++) {
    // A tenth of the rows is as many as the sample.
    const set = bellSet({ seed: seed + 10 }, 1000);
    const { neighbours } = await inspect(set, { sample: 100, seed });
    if ((neighbours?.origin?.p ?? 0) < 0.1) below += 1;
  }
  // Of 60 sets 6 are expected; 14 or more come by chance in 0.2 % (binomial).
  assert.ok(below <= 13, `${below} of ${sets}`);
});

test('queries from elsewhere are told apart, with the ratio of distances', async () => {
  const base = tableOf(
    4,
    bell(3000, 1).map((value) => value + 3),
  );
  for (const metric of ['l2', 'ip', 'cosine'] as const) {
    const dataset = { ...bellSet({ seed: 2 }), metric, base };
    const { p = 1, medianRatio = 0 } = (await inspect(dataset)).neighbours?.origin ?? {};
    assert.ok(p < 1e-6 && medianRatio > 2, `${metric}: p ${p}, ratio ${medianRatio}`);
  }
  const inner = (await inspect(bellSet({ seed: 2, scale: 0.1 }))).neighbours?.origin;
  assert.ok(inner !== undefined && inner.p < 1e-6 && inner.medianRatio < 0.8);
});
