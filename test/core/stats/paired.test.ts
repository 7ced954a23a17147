import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Pair,
  type PairedRatio,
  pairedRatio,
  pairedVerdict,
} from '../../../core/stats/paired.js';
import { assertNear } from './near.js';

function pairsOf(base: readonly number[], head: readonly number[]): Pair[] {
  return base.map((value, index) => ({ base: value, head: head[index] as number }));
}

const faster = pairsOf([100, 120, 90, 105, 98], [110, 126, 101, 113, 104]);
const alike = pairsOf(
  [10.5, 9.8, 11.2, 10.1, 10.9, 9.5, 12],
  [10.2, 10.1, 11, 10.4, 10.6, 9.9, 11.7],
);

test('ratio, interval and p-value are those of the paired t-test of scipy on logs', () => {
  // scipy 1.17: r = ttest_rel(log(head), log(base)); r.pvalue; exp(r.confidence_interval(0.95)).
  const cases = [
    {
      pairs: faster,
      ratio: 1.0816118864118183,
      low: 1.0459885288385744,
      high: 1.1184484729735296,
      p: 0.002883429184701943,
    },
    {
      pairs: alike,
      ratio: 1.0000619648522497,
      low: 0.9711152900293738,
      high: 1.0298714723293987,
      p: 0.9960487049136679,
    },
  ];
  for (const { pairs, ratio, low, high, p } of cases) {
    const found = pairedRatio(pairs);
    assert.equal(found?.pairs, pairs.length);
    assertNear(found?.ratio, ratio, 1e-12);
    assertNear(found?.interval.low, low, 1e-9);
    assertNear(found?.interval.high, high, 1e-9);
    assertNear(found?.p, p, 1e-9);
  }
  // As above, confidence_interval(0.9).
  assertNear(pairedRatio(faster, 0.9)?.interval.low, 1.054153071064521, 1e-9);
});

test("Student's own pairs, the hours of sleep of ten patients, give his result", () => {
  // Student (1908), the data `sleep` of R. t.test(extra2, extra1, paired = TRUE) of R 4:
  // p-value 0.002833, interval 0.7001142 to 2.4598858, mean of the differences 1.58.
  const first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
  const second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
  const found = pairedRatio(pairsOf(first.map(Math.exp), second.map(Math.exp)));
  assertNear(Math.log(found?.ratio ?? 0), 1.58, 1e-9);
  assertNear(Math.log(found?.interval.low ?? 0), 0.7001142, 1e-7);
  assertNear(Math.log(found?.interval.high ?? 0), 2.4598858, 1e-7);
  assertNear(found?.p, 0.002833, 5e-7);
});

test('exchanging base and head turns the ratio over and leaves the p-value', () => {
  const found = pairedRatio(faster);
  const turned = pairedRatio(faster.map(({ base, head }) => ({ base: head, head: base })));
  assertNear(turned?.ratio, 1 / (found?.ratio ?? 0), 1e-12);
  assertNear(turned?.interval.low, 1 / (found?.interval.high ?? 0), 1e-12);
  assertNear(turned?.p, found?.p ?? 0, 1e-12);
});

test('equal pairs have the ratio 1 and the p-value 1', () => {
  const found = pairedRatio(pairsOf([3, 4, 5], [3, 4, 5]));
  assert.deepEqual([found?.ratio, found?.interval.low, found?.interval.high], [1, 1, 1]);
  assert.equal(found?.p, 1);
});

test('one pair, and a figure not above 0, have no ratio', () => {
  assert.equal(pairedRatio([{ base: 1, head: 2 }]), undefined);
  assert.equal(pairedRatio([]), undefined);
  for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.equal(pairedRatio([...faster, { base: wrong, head: 1 }]), undefined);
    assert.equal(pairedRatio([...faster, { base: 1, head: wrong }]), undefined);
  }
  // Two wrong signs would make a ratio above 0.
  assert.equal(pairedRatio([...faster, { base: -1, head: -1 }]), undefined);
});

function foundOf(low: number, ratio: number, high: number): PairedRatio {
  const p = low > 1 || high < 1 ? 0.01 : 0.5;
  return { pairs: 10, ratio, interval: { low, high, method: 'given' }, confidence: 0.95, p };
}

test('a difference is told if the interval leaves out 1 and the effect is large enough', () => {
  const cases = [
    [foundOf(1.02, 1.08, 1.14), 'more'],
    [foundOf(0.87, 0.92, 0.97), 'less'],
    // Sure, but smaller than 5 %; it may be more, or it may not.
    [foundOf(1.01, 1.04, 1.07), 'undecided'],
    [foundOf(1.01, 1.03, 1.049), 'same'],
    // Large, but not sure.
    [foundOf(0.95, 1.2, 1.5), 'undecided'],
    [foundOf(0.96, 1, 1.04), 'same'],
    [foundOf(0.9, 1, 1.1), 'undecided'],
    // 5 % less is not yet 1/1.05: more and less are told by the same distance.
    [foundOf(0.93, 0.955, 0.98), 'undecided'],
    [foundOf(0.93, 0.952, 0.98), 'less'],
  ] as const;
  for (const [found, verdict] of cases) {
    assert.equal(pairedVerdict(found), verdict, JSON.stringify(found.interval));
  }
});

test('the minimum effect is what the caller says', () => {
  const found = foundOf(1.02, 1.08, 1.14);
  assert.equal(pairedVerdict(found, { minimumEffect: 0.1 }), 'undecided');
  assert.equal(pairedVerdict(found, { minimumEffect: 0.2 }), 'same');
  assert.equal(pairedVerdict(foundOf(1.01, 1.03, 1.049), { minimumEffect: 0.02 }), 'more');
});

test('a difference that other metrics make doubtful is not told', () => {
  const found = foundOf(1.02, 1.08, 1.14);
  assert.equal(pairedVerdict(found, { adjustedP: 0.049 }), 'more');
  assert.equal(pairedVerdict(found, { adjustedP: 0.051 }), 'undecided');
  // Nor does a p-value make up for an interval.
  assert.equal(pairedVerdict(foundOf(0.95, 1.2, 1.5), { adjustedP: 0.001 }), 'undecided');
  assert.equal(pairedVerdict(foundOf(0.6, 0.8, 1.05), { adjustedP: 0.001 }), 'undecided');
});
