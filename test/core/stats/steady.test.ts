import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { steadiness } from '../../../core/stats/steady.js';
import { assertNear } from './near.js';

test('without ties and below ten windows the p-value is the exact one of scipy', () => {
  // scipy 1.17: kendalltau(range(n), windows, method='exact').pvalue, and
  // theilslopes(windows).slope * (n - 1) / median(windows).
  const cases = [
    { windows: [1, 2, 3, 4, 5], p: 0.016666666666666666, change: 1.3333333333333333 },
    { windows: [5, 3, 4, 2, 1], p: 0.08333333333333333, change: -1.3333333333333333 },
    { windows: [100, 103, 101, 104, 102, 107], p: 0.1361111111111111, change: 0.04878048780487805 },
    { windows: [10, 12, 11, 13, 15, 14, 16, 18], p: 0.001736111111111111, change: 0.5185185185185 },
    { windows: [12, 15, 11, 19, 14, 22, 18, 25, 21], p: 0.04461529982363316, change: 2 / 3 },
    { windows: [9, 1, 8, 2, 7, 3, 6], p: 0.7726190476190476, change: -0.5 },
  ];
  for (const { windows, p, change } of cases) {
    assertNear(steadiness(windows)?.p, p, 1e-12);
    assertNear(steadiness(windows)?.changeFraction, change, 1e-12);
  }
});

test('with ties or from ten windows on the p-value is that of pymannkendall', () => {
  // pymannkendall 1.4.3: original_test(windows).p, and .slope * (n - 1) / median(windows).
  const cases = [
    { windows: [100, 100, 104, 103, 108, 110], p: 0.035378171962853644, change: 0.0966183574879 },
    {
      windows: [50, 52, 52, 51, 55, 55, 58, 60, 57, 61, 63, 62],
      p: 0.0002606563091740455,
      change: 0.2378968253968254,
    },
    { windows: [3, 3, 3, 3, 4], p: 0.2888443663464848, change: 0 },
    {
      windows: [20, 19, 21, 20, 20, 22, 19, 20, 21, 20, 18, 20],
      p: 0.7670555247302038,
      change: 0,
    },
  ];
  for (const { windows, p, change } of cases) {
    assertNear(steadiness(windows)?.p, p, 1e-7);
    assertNear(steadiness(windows)?.changeFraction, change, 1e-12);
  }
});

function judged(windows: readonly number[]): string | undefined {
  const found = steadiness(windows);
  return found?.steady === true ? 'steady' : found?.why;
}

test('a trend needs both a sure direction and a change of a tenth', () => {
  assert.equal(judged([100, 103, 106, 109, 112, 115]), 'trend');
  assert.equal(judged([115, 112, 109, 106, 103, 100]), 'trend');
  // Sure, but small.
  assert.equal(judged([100, 101, 102, 103, 104, 105]), 'steady');
  // Large, but in no sure direction: at five windows one step back is enough.
  assert.equal(judged([100, 110, 108, 120, 130]), 'steady');
  assert.equal(judged([100, 108, 110, 120, 130]), 'trend');
});

test('a window further than half of the median from it is a stall', () => {
  assert.equal(judged([100, 101, 40, 99, 100, 102]), 'stall');
  assert.equal(judged([5, 5.1, 5.2, 9, 5, 5.1]), 'stall');
  assert.equal(judged([100, 101, 60, 99, 100, 102]), 'steady');
  // The limit itself is not further.
  assert.equal(judged([100, 100, 100, 50, 150]), 'steady');
});

test('a step in the middle of ten windows is a trend', () => {
  assert.equal(judged([101, 99, 100, 102, 98, 79, 81, 80, 82, 78]), 'trend');
});

test('equal windows are steady', () => {
  assert.deepEqual(steadiness([7, 7, 7, 7, 7]), { steady: true, changeFraction: 0, p: 1 });
});

test('windows without anything in them have no change in parts of their median', () => {
  assert.deepEqual(steadiness([0, 0, 0, 0, 0]), { steady: true, p: 1 });
  assert.equal(judged([0, 0, 0, 0, 0, 9]), 'stall');
});

test('fewer than five windows are not judged', () => {
  assert.equal(steadiness([1, 2, 3, 4]), undefined);
  assert.equal(steadiness([]), undefined);
});

test('the exact p-value is the share of all orders that are as far from no trend', () => {
  const orders = permutations([1, 2, 3, 4, 5, 6]);
  const scores = orders.map(score);
  fc.assert(
    fc.property(fc.constantFrom(...orders), (order) => {
      const far = Math.abs(score(order));
      const asFar = scores.filter((each) => Math.abs(each) >= far).length;
      assertNear(steadiness(order)?.p, asFar / orders.length, 1e-12);
    }),
  );
});

function score(values: readonly number[]): number {
  return values.reduce(
    (sum, late, index) =>
      sum + values.slice(0, index).reduce((part, early) => part + Math.sign(late - early), 0),
    0,
  );
}

function permutations(values: readonly number[]): number[][] {
  if (values.length < 2) return [[...values]];
  return values.flatMap((first) =>
    permutations(values.filter((value) => value !== first)).map((rest) => [first, ...rest]),
  );
}
