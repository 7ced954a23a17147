import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Interval } from '../../../core/stats/interval.js';
import { rankSum } from '../../../core/stats/rank-sum.js';
import { shiftBetween } from '../../../core/stats/shift.js';
import { assertNear } from './near.js';

/** Permeability of membranes: help page of wilcox.test in R, after Hollander and Wolfe (1973). */
const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
const early = [1.15, 0.88, 0.9, 0.74, 1.21];

test('shift and interval are those of all differences and all orders', () => {
  // numpy 2.4: the median of all 50 differences term - early is 0.305; the 9th from either end are
  // -0.15 and 0.76. Of all 3,003 orders of 10 and 5 values counted, 1 - 2 P(U <= 8) is 0.960, and
  // 1 - 2 P(U <= 9) is below 0.95.
  const found = shiftBetween(early, term);
  assertNear(found?.shift, 0.305, 1e-12);
  assertNear(found?.interval?.low, -0.15, 1e-12);
  assertNear(found?.interval?.high, 0.76, 1e-12);
  // By the same count it is the 12th for 90 %, with 0.901, and the 5th for 99 %, with 0.992.
  assertNear(shiftBetween(early, term, 0.9)?.interval?.high, 0.72, 1e-12);
  assertNear(shiftBetween(early, term, 0.99)?.interval?.low, -0.35, 1e-12);
});

/** All values of the test statistic when every order is equally likely, by listing the orders. */
function allScores(first: number, second: number): number[] {
  if (first === 0 || second === 0) return [0];
  // The largest value is of the first sample, and above all of the second, or it is of the second.
  return [...allScores(first - 1, second).map((u) => u + second), ...allScores(first, second - 1)];
}

/** The interval as its definition says: of each shift, whether the two-sided test rejects it. */
function slowInterval(
  base: readonly number[],
  head: readonly number[],
  level: number,
): [number, number] | undefined {
  const scores = allScores(head.length, base.length);
  const ends = head.flatMap((a) => base.map((b) => a - b)).sort((a, b) => a - b);
  const isKept = (shift: number): boolean => {
    const u = head.flatMap((a) => base.filter((b) => a - shift > b)).length;
    const below = scores.filter((each) => each <= u).length;
    const above = scores.filter((each) => each >= u).length;
    return (2 * Math.min(below, above)) / scores.length > level;
  };
  if (isKept((ends[0] as number) - 1)) return undefined;
  const kept = ends.slice(1).flatMap((end, index): [number, number][] => {
    const begin = ends[index] as number;
    return isKept((begin + end) / 2) ? [[begin, end]] : [];
  });
  return [kept[0]?.[0] as number, kept.at(-1)?.[1] as number];
}

test('the interval holds the shifts that the test does not reject', () => {
  const sample = fc.uniqueArray(fc.integer({ min: 0, max: 1e6 }), { minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(sample, sample, fc.constantFrom(0.2, 0.1, 0.05), (whole, head, level) => {
      // Irrational steps apart, so that no two differences are equal.
      const base = whole.map((value, index) => value + Math.sqrt(2 + index));
      const found = shiftBetween(base, head, 1 - level)?.interval;
      const expected = slowInterval(base, head, level);
      assert.deepEqual(found && [found.low, found.high], expected);
    }),
    { numRuns: 200 },
  );
});

test('the ends of the interval of large samples are where the test of scipy changes', () => {
  const head = Array.from({ length: 60 }, (_, index) => (index * 7) % 101);
  const base = Array.from({ length: 55 }, (_, index) => ((index * 11) % 103) + 6.5 + index / 1000);
  // scipy 1.17, mannwhitneyu(head - d, base, method='asymptotic') with d just outside of and just
  // inside of these ends: 0.0497 and 0.0504; numpy.median of all differences is -8.5055.
  const found = shiftBetween(base, head);
  assertNear(found?.shift, -8.5055, 1e-9);
  assertNear(found?.interval?.low, -19.535, 1e-9);
  assertNear(found?.interval?.high, 3.476, 1e-9);
});

test('the exact interval and the normal one agree where one gives way to the other', () => {
  const values = Array.from({ length: 50 }, (_, index) => (index * 37) % 101);
  const near = values.map((value) => value * 1.1 + 0.013);
  const width = ({ low, high }: Interval): number => high - low;
  const exact = shiftBetween(values.slice(1), near.slice(1))?.interval as Interval;
  const normal = shiftBetween(values, near)?.interval as Interval;
  assertNear(width(normal) / width(exact), 1, 0.05);
});

test('a shift that is added is found, and the test rejects what is outside', () => {
  const head = early.map((value) => value + 10);
  const found = shiftBetween(early, head);
  assertNear(found?.shift, 10, 1e-12);
  const interval = found?.interval;
  assert.ok(interval !== undefined);
  const { low, high } = interval;
  assert.ok(low < 10 && high > 10);
  const pAt = (shift: number): number =>
    rankSum(
      head.map((value) => value - shift),
      early,
    )?.p ?? 0;
  assert.ok(pAt(low - 0.001) <= 0.05 && pAt(high + 0.001) <= 0.05);
  assert.ok(pAt(low + 0.001) > 0.05 && pAt(high - 0.001) > 0.05);
});

test('samples too small for the confidence have a shift without an interval', () => {
  // Of 20 orders of 3 and 3 the two extreme ones are a tenth: 90 % is the most.
  assert.deepEqual(shiftBetween([1, 2, 3], [5, 7, 9]), { shift: 5 });
  assert.equal(shiftBetween([1, 2, 3], [5, 7, 9], 0.91)?.interval, undefined);
  assert.equal(shiftBetween([1, 2, 3], [5, 7, 9], 0.9)?.interval?.low, 2);
  assert.equal(shiftBetween([], [1]), undefined);
  assert.equal(shiftBetween([1], []), undefined);
});
