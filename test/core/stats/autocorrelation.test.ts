import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectiveSamples, lag1Autocorrelation } from '../../../core/stats/autocorrelation.js';
import { correlated, seededNormal } from './draws.js';
import { assertNear } from './near.js';

test('the autocorrelation is that of statsmodels', () => {
  // statsmodels 0.15: statsmodels.tsa.stattools.acf(values, nlags=1, fft=False)[1].
  assertNear(lag1Autocorrelation([5, 7, 6, 9, 8, 8, 11, 10, 12, 9]), 0.40588235294117647, 1e-12);
  assertNear(lag1Autocorrelation([3.1, 1.2, 2.9, 1.4, 3.3, 0.9, 2.7]), -0.8379030636186902, 1e-12);
});

test('the effective samples follow from the autocorrelation', () => {
  // By hand: 10 (1 - r) / (1 + r) with the first r above, 69/170: 10 x 101/239.
  assertNear(effectiveSamples([5, 7, 6, 9, 8, 8, 11, 10, 12, 9]), 1010 / 239, 1e-12);
});

test('values that take turns count as what they are, not as more', () => {
  assert.equal(effectiveSamples([3.1, 1.2, 2.9, 1.4, 3.3, 0.9, 2.7]), 7);
});

test('two levels of values count as about two', () => {
  const halves = [...new Array<number>(500).fill(1), ...new Array<number>(500).fill(2)];
  // By hand: 998 products are 1/4 and one is -1/4, of 1,000 squares of 1/4.
  assertNear(lag1Autocorrelation(halves), 0.997, 1e-12);
  assertNear(effectiveSamples(halves), (1000 * 0.003) / 1.997, 1e-9);
});

test('one slow wave counts as one value, not as less', () => {
  const wave = Array.from({ length: 100 }, (_, t) => Math.sin((2 * Math.PI * (t + 1)) / 101));
  // By hand: r is the cosine of the step, so the formula gives 100 tan^2(pi / 101), about 0.1.
  assertNear(lag1Autocorrelation(wave), Math.cos((2 * Math.PI) / 101), 1e-12);
  assert.equal(effectiveSamples(wave), 1);
});

test('fewer than three values, and equal ones, have no autocorrelation', () => {
  for (const values of [[], [1], [1, 2], [4, 4, 4, 4]]) {
    assert.equal(lag1Autocorrelation(values), undefined);
    assert.equal(effectiveSamples(values), undefined);
  }
});

test('the mean of correlated values varies as that of the effective samples would', () => {
  const normal = seededNormal(3);
  let squares = 0;
  let effective = 0;
  const trials = 400;
  for (let trial = 0; trial < trials; trial++) {
    const values = correlated(400, 0.5, normal);
    squares += (values.reduce((sum, value) => sum + value, 0) / 400) ** 2;
    effective += effectiveSamples(values) ?? 0;
  }
  // The variance of a value is 1, so that of a mean is one over the effective samples: 400/3.
  // Of 400 squares of normal numbers the mean has a standard error of 7 %.
  assertNear(trials / squares, 400 / 3, 0.25 * (400 / 3));
  assertNear(effective / trials, 400 / 3, 0.05 * (400 / 3));
});
