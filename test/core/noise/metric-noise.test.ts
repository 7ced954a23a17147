import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noiseOfPairs, type OrderedPair } from '../../../core/noise/metric-noise.js';
import { assertNear } from '../stats/near.js';

const base = [1000, 1040, 985, 1010, 1022, 990, 1050, 1003];
const head = [1012, 1030, 1001, 1008, 1040, 1002, 1031, 1010];
const baseFirst = [true, false, true, true, false, false, true, false];

const pairs: readonly OrderedPair[] = base.map((value, index) => ({
  base: value,
  head: head[index] as number,
  isBaseFirst: baseFirst[index] as boolean,
}));

test('spread and ratio of pairs are those of numpy and scipy', () => {
  // numpy 2, scipy 1.17, of the logs: sqrt(exp(var(ddof=1)) - 1) of all 16 in the order of
  // measuring; std(ddof=1) of head over base; ttest_1samp and its confidence_interval.
  const found = noiseOfPairs(pairs, 1);
  assert.equal(found?.pairs, 8);
  assertNear(found?.cv, 0.018594931574214615, 1e-12);
  assertNear(found?.logRatioSd, 0.012991138144212893, 1e-12);
  assertNear(found?.ratio, 1.004334248241111, 1e-12);
  assertNear(found?.low, 0.9934853322191731, 1e-9);
  assertNear(found?.high, 1.015301635039651, 1e-9);
  assert.deepEqual([found?.differs, found?.alarm], [false, false]);
  assertNear(found?.logRatios[0], Math.log(1.012), 1e-12);
});

test('autocorrelations are those of statsmodels, in the order of measuring', () => {
  // acf(x, nlags=1)[1] of statsmodels 0.15, of the logs of all 16 and of the 8 ratios.
  const { lag1 } = noiseOfPairs(pairs, 1) ?? {};
  assertNear(lag1?.measurements, 0.010505741233377908, 1e-12);
  assertNear(lag1?.ratios, -0.47471009899266836, 1e-12);
  // 1.96 over the root of how many they are.
  assertNear(lag1?.measurementsBound, 0.49, 1e-12);
  assertNear(lag1?.ratiosBound, 0.692965, 1e-6);
});

test('what can be told is what statsmodels and scipy say', () => {
  // expm1 of 1.156035 (TTestPower().solve_power for 8 pairs) times the spread; its bounds with
  // sqrt(7 / chi2.ppf(q, 7)). TTestPower().power: 4 pairs suffice for 5 %, so for 10 %.
  const found = noiseOfPairs(pairs, 1);
  assertNear(found?.detectableEffect.value, 0.015131546136784977, 1e-8);
  assertNear(found?.detectableEffect.low, 0.009979112253451774, 1e-6);
  assertNear(found?.detectableEffect.high, 0.031038076461331013, 1e-5);
  assert.deepEqual([found?.pairsFor5Percent, found?.pairsFor10Percent], [4, 4]);
  // numpy over all 256 signs, itertools.product: 16 of them differ, none by 5 %.
  assert.equal(found?.falseAlarmRate.anyEffect.rate, 16 / 256);
  assert.equal(found?.falseAlarmRate.minimumEffect.rate, 0);
});

test('halves that differ alike in every pair are told apart, and by how much', () => {
  const scaled = (factor: number) => pairs.map((pair) => ({ ...pair, head: pair.head * factor }));
  const little = noiseOfPairs(scaled(1.03), 1);
  assert.deepEqual([little?.differs, little?.alarm], [true, false]);
  const much = noiseOfPairs(scaled(0.9), 1);
  assert.deepEqual([much?.differs, much?.alarm], [true, true]);
});

test('a slow minute that both halves share is in the variation, not in the ratios', () => {
  const drifting = pairs.map((pair, index) => ({
    ...pair,
    base: pair.base * 1.2 ** index,
    head: pair.head * 1.2 ** index,
  }));
  const found = noiseOfPairs(drifting, 1);
  assertNear(found?.logRatioSd, 0.012991138144212893, 1e-12);
  assert.ok((found?.cv ?? 0) > 0.4);
  assert.ok((found?.lag1.measurements ?? 0) > (found?.lag1.measurementsBound ?? 1));
});

test('equal figures have no noise and no autocorrelation', () => {
  const equal = pairs.map((pair) => ({ ...pair, base: 7, head: 7 }));
  const found = noiseOfPairs(equal, 1);
  assert.deepEqual([found?.cv, found?.logRatioSd, found?.detectableEffect.value], [0, 0, 0]);
  assert.equal(found?.pairsFor5Percent, 4);
  assert.ok(!('measurements' in (found?.lag1 ?? {})));
});

test('more than a thousand pairs are absent', () => {
  // 30 times the spread is 0.39; 1000 pairs tell 0.0886 of it, which is 3.5 %; 60 times, 7 %.
  const spread = (times: number) =>
    pairs.map((pair) => ({ ...pair, head: pair.base * (pair.head / pair.base) ** times }));
  assert.ok((noiseOfPairs(spread(30), 1)?.pairsFor5Percent ?? 0) > 400);
  const wild = noiseOfPairs(spread(60), 1);
  assert.equal(wild?.pairsFor5Percent, undefined);
  assert.ok((wild?.pairsFor10Percent ?? 0) > 400);
});

test('three pairs, and a figure of 0, say nothing', () => {
  assert.equal(noiseOfPairs(pairs.slice(0, 3), 1), undefined);
  assert.equal(noiseOfPairs([...pairs, { base: 0, head: 1, isBaseFirst: true }], 1), undefined);
});
