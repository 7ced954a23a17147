import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../core/random.js';
import {
  bcaInterval,
  clusterInterval,
  logTInterval,
  repeatInterval,
} from '../../../core/stats/interval.js';
import { assertNear } from './near.js';

test('the t-interval of logs is that of scipy', () => {
  // scipy 1.17: l = log(v); exp(l.mean() -+ t.ppf(0.975, n - 1) * l.std(ddof=1) / sqrt(n)).
  const cases = [
    { values: [10, 12, 11], low: 8.74598637159559, high: 13.75858668854502 },
    { values: [0.8, 1.1, 0.95, 1.3, 1.02], low: 0.8170641022952377, high: 1.2753922992419418 },
    { values: [5, 6], low: 1.7199430444926571, high: 17.44243804820252 },
  ];
  for (const { values, low, high } of cases) {
    const interval = logTInterval(values);
    assertNear(interval?.low, low, low * 1e-9);
    assertNear(interval?.high, high, high * 1e-9);
  }
  // The same with t.ppf(0.95, 2).
  assertNear(logTInterval([10, 12, 11], 0.9)?.low, 9.406417240970082, 1e-8);
});

test('the t-interval of logs scales with the unit', () => {
  const ms = logTInterval([10, 12, 11]);
  const ns = logTInterval([10e6, 12e6, 11e6]);
  assertNear(ns?.low, (ms?.low ?? 0) * 1e6, 1e-2);
});

test('there is no t-interval of one value, of zero, of a negative or of an infinite value', () => {
  for (const values of [[], [3], [1, 0], [1, -2, 3], [1, Number.NaN], [1, Infinity]]) {
    assert.equal(logTInterval(values), undefined);
  }
});

test('the t-interval of equal values is that value', () => {
  const interval = logTInterval([7, 7, 7]);
  assertNear(interval?.low, 7, 1e-12);
  assertNear(interval?.high, 7, 1e-12);
});

const skewed = [
  ...Array.from({ length: 21 }, (_, index) => (10 + index) / 10),
  ...[3.3, 3.9, 4.8, 6.1, 7.7, 9.2, 12.5, 17.1, 30.3, 41],
];

test('the BCa interval of a median is that of scipy within its own noise', () => {
  // scipy 1.17: bootstrap((skewed,), numpy.median, method='BCa', n_resamples=200000) is 2.0..3.0;
  // the order statistics around these ends are 0.1 apart.
  const interval = bcaInterval(skewed, 1);
  assertNear(interval.low, 2, 0.1001);
  assertNear(interval.high, 3, 0.1001);
});

test('the BCa interval of a small sample is that of scipy within its own noise', () => {
  const values = [
    10.2, 11.8, 9.7, 10.9, 14.5, 10.1, 12.3, 9.9, 11.1, 10.6, 19.4, 10.4, 12, 9.8, 11.5,
  ];
  // As above: 10.1..12.0 with two seeds of scipy, 10.1..11.8 with a third.
  for (const seed of [1, 2, 3]) {
    const interval = bcaInterval(values, seed);
    assertNear(interval.low, 10.1, 0.101);
    assertNear(interval.high, 11.9, 0.101);
  }
});

test('the BCa interval of equal values is that value', () => {
  const { low, high } = bcaInterval(new Array<number>(12).fill(3.5), 1);
  assert.deepEqual([low, high], [3.5, 3.5]);
});

test('a seed gives the same interval each time', () => {
  assert.deepEqual(bcaInterval(skewed, 5), bcaInterval(skewed, 5));
  assert.deepEqual(clusterInterval(skewed, 5), clusterInterval(skewed, 5));
});

const recalls = [1, 0.9, 0.8, 1, 0.7, 1, 0.6, 0.9, 1, 0.5, 1, 1, 0.9, 0.8, 1, 0.4, 1, 1, 0.9, 0.7];

test('the interval over clusters is the percentile bootstrap of scipy within its noise', () => {
  // scipy 1.17: bootstrap((recalls,), numpy.mean, method='percentile', n_resamples=200000).
  for (const seed of [1, 2, 3]) {
    const interval = clusterInterval(recalls, seed);
    assertNear(interval.low, 0.77, 0.011);
    assertNear(interval.high, 0.93, 0.011);
  }
});

test('the interval over clusters of one value is that value', () => {
  const { low, high } = clusterInterval(new Float64Array(30).fill(0.5), 1);
  assert.deepEqual([low, high], [0.5, 0.5]);
});

test('the interval over clusters covers the true mean about as often as it says', () => {
  const random = seededRandom(20);
  let covered = 0;
  const trials = 200;
  for (let trial = 0; trial < trials; trial++) {
    // The mean of uniform numbers in [0, 1) is a half.
    const { low, high } = clusterInterval(Array.from({ length: 40 }, random), trial);
    if (low <= 0.5 && high >= 0.5) covered += 1;
  }
  // 200 trials at 0.95 have a standard error of 0.015; the bootstrap of 40 is a little too narrow.
  assertNear(covered / trials, 0.94, 0.05);
});

test('repeats have the t-interval below ten and the bootstrap from ten on', () => {
  const methodOf = (count: number): string | undefined =>
    repeatInterval(skewed.slice(0, count), 1)?.method;
  assert.deepEqual([1, 2, 9, 10].map(methodOf), [
    undefined,
    't of logs',
    't of logs',
    'BCa bootstrap',
  ]);
});
