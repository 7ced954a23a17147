import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockInterval } from '../../../core/stats/block-bootstrap.js';
import type { Interval } from '../../../core/stats/interval.js';
import { mean, quantile7 } from '../../../core/stats/quantile.js';
import { correlated, seededNormal } from './draws.js';
import { assertNear } from './near.js';

/** A first-order autoregression of 0.6 around 100, rounded: numpy.random.default_rng(7). */
const seconds = [
  100, 102, 99, 92, 92, 87, 93, 106, 100, 95, 101, 103, 103, 94, 96, 103, 91, 91, 79, 77, 72, 81,
  79, 89, 95, 95, 77, 82, 89, 94, 84, 87, 84, 84, 99, 93, 95, 104, 98, 98,
];

test('the interval is that of numpy over the same draws', () => {
  // Python with the same generator and seed: idx = [(begin + j) % 40 for each block, j < L][:40],
  // numpy.quantile of the 1,000 means at tail and 1 - tail, where scipy.stats gives
  // tail = norm.cdf(t.ppf(0.025, b - 1) * sqrt(b / (b - 1))) for b = 40 / L blocks.
  const cases = [
    { blockLength: 1, low: 89.225, high: 94.89406802933797 },
    { blockLength: 5, low: 86.25976744947693, high: 97.37375967595896 },
    { blockLength: 6, low: 85.41536914188151, high: 97.34560881660528 },
  ];
  for (const { blockLength, low, high } of cases) {
    const found = blockInterval(seconds, mean, { seed: 1, blockLength });
    assertNear(found?.low, low, 1e-9);
    assertNear(found?.high, high, 1e-9);
  }
  // The square root of 40 is 6.3.
  assert.deepEqual(
    blockInterval(seconds, mean, { seed: 1 }),
    blockInterval(seconds, mean, { seed: 1, blockLength: 6 }),
  );
});

test('the interval is that of the package arch within its noise', () => {
  // arch 8.0: CircularBlockBootstrap(5, seconds).apply(f, 100000), quantiles at the tail above:
  // 86.1 to 97.45 (means), 95.0 to 104.2 (numpy.quantile(seconds, 0.9)), the same for two seeds.
  const p90 = (values: readonly number[]): number =>
    quantile7(
      [...values].sort((a, b) => a - b),
      0.9,
    );
  const options = { seed: 3, blockLength: 5, replicates: 20_000 };
  const means = blockInterval(seconds, mean, options);
  assertNear(means?.low, 86.1, 0.25);
  assertNear(means?.high, 97.45, 0.25);
  const p90s = blockInterval(seconds, p90, options);
  assertNear(p90s?.low, 95, 0.25);
  assertNear(p90s?.high, 104.2, 0.25);
});

function drawnFrom(count: number, blockLength: number, replicates: number): string[] {
  const drawn: string[] = [];
  const names = Array.from({ length: count }, (_, index) => index.toString(16));
  const record = (replicate: readonly string[]): number => drawn.push(replicate.join(''));
  blockInterval(names, record, { seed: 8, blockLength, replicates });
  return drawn;
}

test('all pairs of blocks are drawn, each about equally often', () => {
  const round = '0123456789ab0123456789ab';
  const blocks = Array.from({ length: 12 }, (_, begin) => round.slice(begin, begin + 6));
  const counts = new Map(blocks.flatMap((a) => blocks.map((b) => [a + b, 0])));
  for (const draw of drawnFrom(12, 6, 14_400)) {
    assert.ok(counts.has(draw), draw);
    counts.set(draw, (counts.get(draw) ?? 0) + 1);
  }
  // 100 expected of each; chi-square with 143 degrees of freedom is below 220 but once in 25,000:
  // scipy 1.17, chi2.isf(4e-5, 143) is 219.6.
  const chiSquare = [...counts.values()].reduce((sum, each) => sum + (each - 100) ** 2 / 100, 0);
  assert.ok(chiSquare < 220, `${chiSquare}`);
});

test('of the last block as much is taken as is missing', () => {
  const round = '0123456789ab0123456789ab';
  for (const draw of drawnFrom(12, 5, 200)) {
    assert.equal(draw.length, 12);
    for (const begin of [0, 5, 10]) assert.ok(round.includes(draw.slice(begin, begin + 5)));
  }
});

test('the ends are those of all resamples, listed', () => {
  // Eleven seconds of 0 and one of 12, in blocks of 6: a block holds the one in 6 of 12 begins, so
  // the mean is 0, 1 or 2 with the chances 1/4, 1/2, 1/4. At a confidence of 0.5 the expanded tail
  // of two blocks is 0.0786 (scipy as above), at 0.05 it is 0.456.
  const one = [12, ...new Array<number>(11).fill(0)];
  const options = { seed: 1, blockLength: 6 };
  const half = blockInterval(one, mean, { ...options, confidence: 0.5 });
  assert.deepEqual([half?.low, half?.high], [0, 2]);
  const least = blockInterval(one, mean, { ...options, confidence: 0.05 });
  assert.deepEqual([least?.low, least?.high], [1, 1]);
});

function width(interval: Interval | undefined): number {
  assert.ok(interval !== undefined);
  return interval.high - interval.low;
}

test('for independent seconds the interval of a mean comes near the normal one', () => {
  const normal = seededNormal(4);
  const values = Array.from({ length: 2000 }, normal);
  const spread = Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
  const expected = (2 * 1.959964 * spread) / Math.sqrt(2000);
  const found = blockInterval(values, mean, { seed: 1, blockLength: 1, replicates: 4000 });
  assertNear(width(found) / expected, 1, 0.05);
  // With blocks of 45 the spread is estimated from 44 of them, and so is less sure.
  const blocks = blockInterval(values, mean, { seed: 1, replicates: 4000 });
  assertNear(width(blocks) / expected, 1, 0.2);
});

test('for correlated seconds it is wider, as much as the correlation says', () => {
  const values = correlated(4000, 0.5, seededNormal(5));
  const alone = blockInterval(values, mean, { seed: 1, blockLength: 1, replicates: 2000 });
  const blocks = blockInterval(values, mean, { seed: 1, blockLength: 40, replicates: 2000 });
  // The long-run variance of a first-order autoregression is (1 + r) / (1 - r) of its variance.
  assertNear(width(blocks) / width(alone), Math.sqrt(3), 0.25);
});

test('seconds may be anything that a statistic can be taken of', () => {
  const counts = seconds.map((sent, index) => ({ sent, failed: index % 4 === 0 ? 2 : 0 }));
  const failedFraction = (drawn: readonly { sent: number; failed: number }[]): number =>
    drawn.reduce((sum, { failed }) => sum + failed, 0) /
    drawn.reduce((sum, { sent }) => sum + sent, 0);
  const found = blockInterval(counts, failedFraction, { seed: 1 });
  assert.ok(found !== undefined && found.low > 0);
  assert.ok(found.low < failedFraction(counts) && found.high > failedFraction(counts));
});

test('a seed gives the same interval each time, equal seconds give their value', () => {
  assert.deepEqual(
    blockInterval(seconds, mean, { seed: 9 }),
    blockInterval(seconds, mean, { seed: 9 }),
  );
  const { low, high } = blockInterval(new Array<number>(20).fill(4), mean, { seed: 1 }) as Interval;
  assert.deepEqual([low, high], [4, 4]);
});

test('below ten seconds, and below two blocks, there is no interval', () => {
  assert.equal(blockInterval(seconds.slice(0, 9), mean, { seed: 1 }), undefined);
  assert.equal(blockInterval(seconds, mean, { seed: 1, blockLength: 21 }), undefined);
  assert.notEqual(blockInterval(seconds.slice(0, 10), mean, { seed: 1 }), undefined);
});
