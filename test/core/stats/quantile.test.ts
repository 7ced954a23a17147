import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mean, median, quantile7 } from '../../../core/stats/quantile.js';

test('quantiles are those of numpy', () => {
  const sorted = [-2, 1.25, 3.5, 4, 4, 7.75, 9];
  // numpy.quantile([3.5, 1.25, 9, 4, 4, 7.75, -2], p), numpy 2.4, its default method.
  const expected = [
    [0, -2],
    [0.05, -1.025],
    [0.25, 2.375],
    [0.5, 4],
    [0.9, 8.25],
    [0.99, 8.924999999999999],
    [1, 9],
  ] as const;
  for (const [probability, value] of expected) {
    assert.ok(Math.abs(quantile7(sorted, probability) - value) < 1e-12, `at ${probability}`);
  }
});

test('the quantile of one value is that value', () => {
  for (const probability of [0, 0.37, 1]) assert.equal(quantile7([5], probability), 5);
});

test('a median takes values in any order and leaves them as they are', () => {
  const values = [10, 9, 100];
  assert.equal(median(values), 10);
  assert.deepEqual(values, [10, 9, 100]);
  assert.equal(median([4, 1, 3, 2]), 2.5);
});

test('a mean is the sum over the count', () => {
  assert.equal(mean([1, 2, 6]), 3);
  assert.equal(mean(Float64Array.of(0.5, 1.5)), 1);
});

test('a quantile lies within the sample and rises with its probability', () => {
  const sample = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(sample, fc.double({ min: 0, max: 1, noNaN: true }), (values, probability) => {
      const sorted = Float64Array.from(values).sort();
      const value = quantile7(sorted, probability);
      assert.ok(value >= (sorted[0] as number) - 1e-6);
      assert.ok(value <= (sorted.at(-1) as number) + 1e-6);
      assert.ok(quantile7(sorted, probability / 2) <= value + 1e-6);
    }),
  );
});
