import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rankSum, uCounts } from '../../../core/stats/rank-sum.js';
import { assertNear } from './near.js';

/** Permeability of membranes: help page of wilcox.test in R, after Hollander and Wolfe (1973). */
const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
const early = [1.15, 0.88, 0.9, 0.74, 1.21];

test('the exact test of R and scipy is found again', () => {
  // R, wilcox.test(term, early, alternative = 'greater'): W = 35, p = 0.1272.
  // scipy 1.17: mannwhitneyu(term, early, method='exact', alternative=...).
  const greater = rankSum(term, early, 'greater');
  assert.deepEqual([greater?.u, greater?.method], [35, 'exact']);
  assertNear(greater?.p, 0.1272061272061272, 1e-12);
  assertNear(rankSum(term, early)?.p, 0.2544122544122544, 1e-12);
  assertNear(rankSum(term, early, 'less')?.p, 0.8967698967698967, 1e-12);
  assert.equal(rankSum(early, term)?.u, 15);
  assertNear(rankSum(early, term)?.p, 0.2544122544122544, 1e-12);
});

test('the exact test of larger samples is that of scipy', () => {
  const first = Array.from({ length: 49 }, (_, index) => (index * 7) % 101);
  const second = Array.from({ length: 45 }, (_, index) => ((index * 11) % 103) + 9.5);
  // scipy 1.17: mannwhitneyu(first, second, method='exact').
  const found = rankSum(first, second);
  assert.deepEqual([found?.u, found?.method], [838, 'exact']);
  assertNear(found?.p, 0.045347495020421236, 1e-12);
});

test('with ties the test is the corrected normal one of scipy', () => {
  const first = [1, 2, 2, 3, 5, 5, 5, 8];
  const second = [2, 4, 5, 6, 7, 7, 9];
  // scipy 1.17: mannwhitneyu(first, second, method='asymptotic', use_continuity=True).
  const found = rankSum(first, second);
  assert.deepEqual([found?.u, found?.method], [15.5, 'normal']);
  assertNear(found?.p, 0.15921654578553635, 1e-12);
  assertNear(rankSum(first, second, 'greater')?.p, 0.9363730301249097, 1e-12);
  assertNear(rankSum(first, second, 'less')?.p, 0.07960827289276817, 1e-12);
  assert.equal(rankSum([1, 2, 3], [1, 2, 3])?.p, 1);
});

test('from 50 values on the test is the normal one of scipy', () => {
  const first = Array.from({ length: 60 }, (_, index) => (index * 7) % 101);
  const second = Array.from({ length: 55 }, (_, index) => ((index * 11) % 103) + 6.5);
  // scipy 1.17: mannwhitneyu(first, second, method='asymptotic').
  const found = rankSum(first, second);
  assert.deepEqual([found?.u, found?.method], [1402, 'normal']);
  assertNear(found?.p, 0.1658281529624661, 1e-12);
});

test('one sample of 50 values is enough for the normal test', () => {
  const values = Array.from({ length: 50 }, (_, index) => index);
  assert.equal(rankSum(values, [7.5])?.method, 'normal');
  assert.equal(rankSum([7.5], values)?.method, 'normal');
  assert.equal(rankSum(values.slice(1), [7.5])?.method, 'exact');
});

test('samples of one value each are not told apart, an empty one has no test', () => {
  assert.equal(rankSum([4, 4, 4], [4, 4])?.p, 1);
  assert.equal(rankSum([1], [2])?.p, 1);
  assert.equal(rankSum([], [2]), undefined);
  assert.equal(rankSum([2], []), undefined);
});

test('U is the count of pairs, and its distribution the count of all orders', () => {
  const values = fc.uniqueArray(fc.integer(), { minLength: 2, maxLength: 9 });
  fc.assert(
    fc.property(values, fc.nat(), (all, cut) => {
      const size = 1 + (cut % (all.length - 1));
      const first = all.slice(0, size);
      const second = all.slice(size);
      const found = rankSum(first, second, 'greater');
      assert.equal(found?.u, pairsWon(first, second));
      // Every way to choose the first sample is equally likely.
      const us = subsets(all, size).map((chosen) =>
        pairsWon(
          chosen,
          all.filter((value) => !chosen.includes(value)),
        ),
      );
      const asFar = us.filter((u) => u >= (found?.u ?? 0)).length;
      assertNear(found?.p, asFar / us.length, 1e-12);
      const counts = uCounts({ first: size, second: second.length });
      assert.deepEqual(
        [...counts],
        Array.from(counts, (_, u) => us.filter((each) => each === u).length),
      );
    }),
  );
});

function pairsWon(first: readonly number[], second: readonly number[]): number {
  return first.flatMap((a) => second.filter((b) => a > b)).length;
}

function subsets(values: readonly number[], size: number): number[][] {
  if (size === 0) return [[]];
  return values.flatMap((value, index) =>
    subsets(values.slice(index + 1), size - 1).map((rest) => [value, ...rest]),
  );
}
