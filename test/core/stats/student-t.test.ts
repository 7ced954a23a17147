import assert from 'node:assert/strict';
import { test } from 'node:test';
import { twoSidedP } from '../../../core/stats/student-t.js';
import { assertNear } from './near.js';

test('the two-sided p-values are those of scipy, near 1 and far out', () => {
  // scipy 1.17: 2 * scipy.stats.t.sf(abs(t), df).
  const cases = [
    [0.5, 1, 0.7048327646991335],
    [1, 4, 0.37390096630005887],
    [2.5706, 5, 0.04999889788007795],
    [-3.2, 13, 0.006967589853413113],
    [12, 3.7, 0.000426787399381245],
    [40, 60.5, 3.1837495589430253e-45],
    [0.001, 9, 0.9992239303259733],
    [9, 199, 1.818882588897137e-16],
  ] as const;
  for (const [t, df, p] of cases) assertNear(twoSidedP(t, df), p, p * 1e-9);
});

test('no difference has the p-value 1, an infinite statistic 0', () => {
  assert.equal(twoSidedP(0, 3), 1);
  assert.equal(twoSidedP(Number.POSITIVE_INFINITY, 3), 0);
  assert.equal(twoSidedP(Number.NEGATIVE_INFINITY, 40), 0);
});
