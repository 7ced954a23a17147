import assert from 'node:assert/strict';
import { test } from 'node:test';
import { intrinsicDimension } from '../../../core/inspect/intrinsic-dimension.js';
import { euclidean, nearestDistances } from '../../../core/inspect/neighbours.js';
import { describePayload } from '../../../core/inspect/payload-columns.js';
import { meanDistance, relativeContrast } from '../../../core/inspect/relative-contrast.js';
import { rowNorms } from '../../../core/inspect/row-norms.js';
import { seededRandom } from '../../../core/random.js';
import { vectorOf } from '../../../core/vectors.js';
import { randomTable, tableOf } from '../tables.js';

function assertNear(found: number | undefined, expected: number, share = 1e-9): void {
  assert.ok(found !== undefined && Math.abs(found / expected - 1) < share, `${found}`);
}

/** The Euclidean distance by its definition. */
function slowDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.hypot(...Array.from(a, (value, at) => value - (b[at] as number)));
}

function normalised(vector: Float32Array): number[] {
  return [...vector].map((value) => value / Math.hypot(...vector));
}

test('the norms of a table are the smallest, the median and the largest', () => {
  const table = tableOf(2, [3, 4, 0, 0, 6, 8, 0, -1]);
  const expected = { min: 0, median: 3, max: 10, zeros: 1, medianRows: 4 };
  assert.deepEqual(rowNorms(table), expected);
  // Of every other row: norms 5 and 10.
  assert.deepEqual(rowNorms(table, 2), { ...expected, median: 7.5, medianRows: 2 });
});

test('the intrinsic dimension is that of its formula', () => {
  // By hand: 1 / (1/2 (ln 4/1 + ln 4/2)) = 2 / (3 ln 2).
  const one = Float64Array.of(1, 2, 4);
  assertNear(intrinsicDimension([one], 3), 2 / (3 * Math.log(2)));
  // The mean of the inverses 3/2 ln 2 and 1/2 ln 2 is ln 2.
  assertNear(intrinsicDimension([one, Float64Array.of(1, 2, 2)], 3), 1 / Math.log(2));
  assertNear(intrinsicDimension([Float64Array.of(1, 2, 4, 100)], 3), 2 / (3 * Math.log(2)));
});

test('equal rows take no part in the intrinsic dimension', () => {
  assertNear(intrinsicDimension([Float64Array.of(0, 0, 1, 2, 4)], 3), 2 / (3 * Math.log(2)));
  assert.equal(intrinsicDimension([Float64Array.of(0, 0, 3)], 3), undefined);
  assert.equal(intrinsicDimension([Float64Array.of(3, 3, 3)], 3), undefined);
});

test('the intrinsic dimension of points in a cube is that of the cube', async () => {
  const random = seededRandom(4);
  for (const dimension of [1, 2, 4]) {
    // The cube stands askew in 10 dimensions: each value is a sum of its coordinates.
    const axes = Array.from({ length: 10 * dimension }, () => random() - 0.5);
    const values: number[] = [];
    for (let row = 0; row < 8000; row++) {
      const place = Array.from({ length: dimension }, () => random());
      for (let column = 0; column < 10; column++) {
        values.push(place.reduce((sum, x, axis) => sum + x * (axes[axis * 10 + column] ?? 0), 0));
      }
    }
    const among = tableOf(10, values);
    const own = Int32Array.from({ length: 400 }, (_, row) => row * 20);
    const points = tableOf(
      10,
      [...own].flatMap((row) => [...vectorOf(among, row)]),
    );
    const search = { metric: 'l2', points, among, own, k: 20 } as const;
    const found = intrinsicDimension(await nearestDistances(search), 20);
    // 400 x 19 terms: a standard error of 1.1 %; the edges of the cube lower it.
    assertNear(found, dimension, 0.1);
  }
});

test('distances are Euclidean, of unit vectors under cosine, and not to itself', async () => {
  const among = randomTable(60, 5, 1);
  const own = Int32Array.of(3, 17);
  const points = tableOf(5, [...vectorOf(among, 3), ...vectorOf(among, 17)]);
  for (const metric of ['l2', 'ip', 'cosine'] as const) {
    const found = await nearestDistances({ metric, points, among, own, k: 59 });
    const shape = metric === 'cosine' ? normalised : (vector: Float32Array) => [...vector];
    own.forEach((row, point) => {
      const expected = Array.from({ length: 60 }, (_, other) =>
        slowDistance(shape(vectorOf(among, row)), shape(vectorOf(among, other))),
      ).filter((_, other) => other !== row);
      expected.sort((a, b) => a - b);
      expected.forEach((value, rank) => {
        assertNear((found[point] as Float64Array)[rank], value, 1e-6);
      });
    });
  }
});

test('a row that occurs several times is a neighbour of itself at distance 0', async () => {
  const among = tableOf(1, [5, 5, 5, 7, 9]);
  const search = { metric: 'l2', points: tableOf(1, [5, 9]), among, k: 2 } as const;
  const found = await nearestDistances({ ...search, own: Int32Array.of(2, 4) });
  assert.deepEqual(found, [Float64Array.of(0, 0), Float64Array.of(2, 4)]);
  assert.equal(euclidean('cosine', 1 - 1e-16), 0);
});

test('the relative contrast is the mean distance over the mean of the nearest', () => {
  const rows = randomTable(200, 6, 1);
  const queries = randomTable(20, 6, 2);
  const slow = (shape: (vector: Float32Array) => readonly number[]) => {
    const all = Array.from({ length: 20 }, (_, query) =>
      Array.from({ length: 200 }, (_, row) =>
        slowDistance(shape(vectorOf(queries, query)), shape(vectorOf(rows, row))),
      ),
    );
    return { mean: all.flat().reduce((sum, value) => sum + value, 0) / 4000, all };
  };
  const plain = slow((vector) => [...vector]);
  const nearest = plain.all.map((distances) => Math.min(...distances));
  assertNear(meanDistance('l2', queries, rows), plain.mean);
  assertNear(meanDistance('cosine', queries, rows), slow(normalised).mean);
  const meanOfNearest = nearest.reduce((sum, value) => sum + value, 0) / 20;
  assertNear(relativeContrast(plain.mean, nearest), plain.mean / meanOfNearest);
  assert.equal(relativeContrast(1, [0, 0]), undefined);
});

test('columns of a payload are told with their type and how many rows have a value', () => {
  const shared = <T extends Int32Array | Float64Array>(values: T): T => values;
  const payload = {
    year: { type: 'integer', values: shared(Float64Array.of(1999, Number.NaN, 2001)) },
    genre: { type: 'category', categories: ['a', 'b'], codes: shared(Int32Array.of(0, 1, -1)) },
    title: { type: 'text', values: ['x', undefined, undefined] },
  } as unknown as Parameters<typeof describePayload>[0];
  assert.deepEqual(describePayload(payload), [
    { name: 'year', type: 'integer', values: 2 },
    { name: 'genre', type: 'category', values: 2, categories: 2 },
    { name: 'title', type: 'text', values: 1 },
  ]);
});
