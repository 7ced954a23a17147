import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  detectableShift,
  pairedPower,
  pairsNeeded,
  spreadFactors,
} from '../../../core/stats/paired-power.js';
import { assertNear } from './near.js';

test('the power is that of the noncentral t distribution of scipy', () => {
  // scipy 1.17: nct.sf(t, n - 1, d * sqrt(n)) + nct.cdf(-t, n - 1, d * sqrt(n)), t = ppf(0.975);
  // TTestPower().power of statsmodels 0.15 agrees.
  assertNear(pairedPower(4, 1), 0.28875241640171495, 1e-9);
  assertNear(pairedPower(12, 0.5), 0.3528241493273385, 1e-9);
  assertNear(pairedPower(30, 0.6), 0.8879621039099166, 1e-9);
  assertNear(pairedPower(4, 2.5), 0.8986059384676107, 1e-9);
  // Without an effect it is the level of the test.
  assertNear(pairedPower(12, 0), 0.05, 1e-9);
});

test('the shift that is found with a chance of 0.8 is that of statsmodels', () => {
  // statsmodels 0.15: TTestPower().solve_power(nobs=n, alpha=0.05, power=0.8), refined to 1e-14
  // by brentq over nct of scipy 1.17.
  const expected = [
    [4, 2.1279493432577996],
    [5, 1.6819969659555538],
    [8, 1.1560346779947335],
    [12, 0.8886542652934871],
    [20, 0.6604416546230264],
    [50, 0.40418300213604236],
    [200, 0.1990641754207067],
  ] as const;
  for (const [pairs, shift] of expected) assertNear(detectableShift(pairs), shift, 1e-7);
});

test('as many pairs are needed as statsmodels says', () => {
  // The smallest n with TTestPower().power(log(1 + effect) / sd, n, 0.05) >= 0.8, statsmodels 0.15.
  const expected = [
    [0.03, 6, 4],
    [0.05, 11, 5],
    [0.08, 24, 8],
    [0.1, 35, 11],
    [0.14, 67, 19],
    [0.3, 299, 80],
  ] as const;
  const limits = { fewest: 4, most: 1000 };
  for (const [sd, for5Percent, for10Percent] of expected) {
    assert.equal(pairsNeeded(Math.log(1.05) / sd, limits), for5Percent);
    assert.equal(pairsNeeded(Math.log(1.1) / sd, limits), for10Percent);
  }
});

test('pairs are never fewer than the fewest, and more than the most are not told', () => {
  const limits = { fewest: 4, most: 298 };
  // Without limits statsmodels says 2 and 299.
  assert.equal(pairsNeeded(Math.log(1.1) / 0.01, limits), 4);
  assert.equal(pairsNeeded(Number.POSITIVE_INFINITY, limits), 4);
  assert.equal(pairsNeeded(Math.log(1.05) / 0.3, limits), undefined);
});

test('the bounds of a standard deviation are those of the chi-squared distribution', () => {
  // scipy 1.17: sqrt((n - 1) / chi2.ppf(q, n - 1)) for q = 0.975 and 0.025.
  const expected = [
    [4, 1 / 1.7652576397886088, 1 / 0.26820097105460416],
    [12, 1 / 1.4116415093790375, 1 / 0.5889704616945881],
    [50, 1 / 1.1971259252675315, 1 / 0.8024823281501012],
  ] as const;
  for (const [count, low, high] of expected) {
    assertNear(spreadFactors(count).low, low, 1e-5);
    assertNear(spreadFactors(count).high, high, 1e-5);
  }
});
