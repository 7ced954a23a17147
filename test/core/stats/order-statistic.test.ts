import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orderStatisticRanks } from '../../../core/stats/order-statistic.js';

test('the ranks are the binomial quantiles of scipy', () => {
  // scipy 1.17: binom.ppf(tail, n, q) and binom.ppf(1 - tail, n, q) + 1.
  const cases = [
    [1000, 0.99, 0.95, 983, 997],
    [10_000, 0.99, 0.95, 9880, 9920],
    [12_345, 0.99, 0.95, 12_199, 12_244],
    [100_000, 0.999, 0.95, 99_880, 99_920],
    [1_000_000, 0.99, 0.95, 989_805, 990_196],
    [100, 0.5, 0.95, 40, 61],
    [5, 0.5, 0.9, 1, 5],
  ] as const;
  for (const [count, quantile, confidence, low, high] of cases) {
    assert.deepEqual(orderStatisticRanks(count, quantile, confidence), { low, high }, `${count}`);
  }
});

test('a side that no observation bounds is absent', () => {
  // scipy 1.17 gives 21 of 20, 0 and 2 of 1, 8 of 7 for these.
  assert.deepEqual(orderStatisticRanks(20, 0.99, 0.95), { low: 19 });
  assert.deepEqual(orderStatisticRanks(1, 0.5, 0.95), {});
  assert.deepEqual(orderStatisticRanks(7, 0.9, 0.99), { low: 4 });
});
