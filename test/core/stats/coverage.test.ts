import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import binomialQuantile from '@stdlib/stats-base-dists-binomial-quantile';
import { blockInterval } from '../../../core/stats/block-bootstrap.js';
import {
  type RepeatedPoint,
  ratioAtRecall,
  valueAtRecall,
} from '../../../core/stats/equal-recall.js';
import {
  bcaInterval,
  clusterInterval,
  type Interval,
  logTInterval,
} from '../../../core/stats/interval.js';
import { orderStatisticRanks } from '../../../core/stats/order-statistic.js';
import {
  type Pair,
  type PairedVerdict,
  pairedRatio,
  pairedVerdict,
} from '../../../core/stats/paired.js';
import { mean, median } from '../../../core/stats/quantile.js';
import { shiftBetween } from '../../../core/stats/shift.js';
import { steadiness } from '../../../core/stats/steady.js';
import { correlated, seededNormal } from './draws.js';

/** Simulated sets for each figure; more of them make the limits narrower. */
const sets = Number(process.env.BENCH_COVERAGE_SETS ?? '100');

/** What the share is in truth: exactly, or between these two. */
interface Share {
  readonly least: number;
  readonly most: number;
}

/**
 * Counts the sets of which something holds. If it does with the chance `least` or more, the count
 * is below the binomial quantile of 0.0001 less than once in 10,000 seeds; likewise for `most`.
 */
function checkShare(t: TestContext, { least, most }: Share, holds: (set: number) => boolean): void {
  let count = 0;
  for (let set = 0; set < sets; set++) if (holds(set)) count += 1;
  const low = binomialQuantile(0.0001, sets, least);
  const high = binomialQuantile(0.9999, sets, most);
  const share = ((100 * count) / sets).toFixed(1);
  t.diagnostic(`held ${count} of ${sets}, ${share} % (${low} to ${high} allowed)`);
  assert.ok(count >= low && count <= high, `${count} of ${sets}, expected ${low} to ${high}`);
}

function exactly(share: number): Share {
  return { least: share, most: share };
}

function holds(interval: Interval | undefined, truth: number): boolean {
  return interval !== undefined && interval.low <= truth && interval.high >= truth;
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Of the geometric mean, which is the median, `scale`. */
function logNormals(count: number, scale: number, normal: () => number): number[] {
  return times(count, () => scale * Math.exp(0.3 * normal()));
}

for (const count of [3, 5]) {
  test(`the t-interval of ${count} logs holds the truth as often as it says`, (t) => {
    const normal = seededNormal(count);
    // Exact for logs that are normal.
    checkShare(t, exactly(0.95), () => holds(logTInterval(logNormals(count, 7, normal)), 7));
  });
}

for (const count of [10, 15, 20]) {
  test(`the BCa interval of the median of ${count} holds it about as often as it says`, (t) => {
    const normal = seededNormal(count);
    // The bootstrap of so few is a little too narrow.
    checkShare(t, { least: 0.91, most: 0.96 }, (set) =>
      holds(bcaInterval(logNormals(count, 7, normal), set), 7),
    );
  });
}

test('the order statistics of 1,000 hold p99 as often as the binomial distribution says', (t) => {
  const normal = seededNormal(31);
  const { low = 0, high = 0 } = orderStatisticRanks(1000, 0.99, 0.95);
  // scipy 1.17: norm.ppf(0.99), and for the ranks 983 and 997
  // binom.cdf(996, 1000, 0.99) - binom.cdf(982, 1000, 0.99).
  const truth = 2.3263478740408408;
  checkShare(t, exactly(0.976094763497977), () => {
    const sorted = Float64Array.from({ length: 1000 }, normal).sort();
    return (sorted[low - 1] as number) <= truth && (sorted[high - 1] as number) >= truth;
  });
});

test('the bootstrap over 100 queries holds the true mean about as often as it says', (t) => {
  const normal = seededNormal(32);
  // Recall as a rule is: most queries at 1, a tail below. The mean of exp(-x^2/4) for a normal x
  // is 1/sqrt(1.5), by the integral.
  const recalls = (): number[] => times(100, () => Math.exp((-1 / 4) * normal() ** 2));
  checkShare(t, { least: 0.92, most: 0.96 }, (set) =>
    holds(clusterInterval(recalls(), set), 1 / Math.sqrt(1.5)),
  );
});

/** Pairs with a slow or fast minute in common, and noise of 10 % in the ratio. */
function pairs(count: number, ratio: number, normal: () => number): Pair[] {
  return times(count, () => {
    const minute = Math.exp(0.5 * normal());
    return { base: minute, head: minute * ratio * Math.exp(0.1 * normal()) };
  });
}

for (const count of [5, 14]) {
  test(`the interval of ${count} pairs holds the true ratio as often as it says`, (t) => {
    const normal = seededNormal(40 + count);
    checkShare(t, exactly(0.95), () =>
      holds(pairedRatio(pairs(count, 1.2, normal))?.interval, 1.2),
    );
  });
}

function verdictOf(given: readonly Pair[]): PairedVerdict | undefined {
  const paired = pairedRatio(given);
  return paired && pairedVerdict(paired);
}

for (const count of [5, 14]) {
  test(`a thing against itself in ${count} pairs differs in at most 1 of 20 sets`, (t) => {
    const normal = seededNormal(50 + count);
    checkShare(t, { least: 0, most: 0.05 }, () => {
      const verdict = verdictOf(pairs(count, 1, normal));
      return verdict === 'more' || verdict === 'less';
    });
  });
}

test('14 pairs with noise of 10 % find 10 % more about as often as the power says', (t) => {
  const normal = seededNormal(60);
  // statsmodels 0.15: TTestPower().power(log(1.1) / 0.1, 14, 0.05) is 0.9087; the minimum effect
  // of 5 % takes away a little.
  checkShare(t, { least: 0.88, most: 0.9087 }, () => verdictOf(pairs(14, 1.1, normal)) === 'more');
});

test('the Hodges-Lehmann interval of 8 and 8 holds the shift as often as the ranks say', (t) => {
  const normal = seededNormal(70);
  const sample = (shift: number): number[] => times(8, () => shift + Math.exp(normal()));
  // All orders of 8 and 8 counted: 1 - 2 P(U <= 13) is 0.95012.
  checkShare(t, exactly(0.9501165501165502), () =>
    holds(shiftBetween(sample(0), sample(3))?.interval, 3),
  );
});

test('the block bootstrap of independent seconds holds the mean about as often as it says', (t) => {
  const normal = seededNormal(80);
  checkShare(t, { least: 0.93, most: 0.98 }, (set) =>
    holds(blockInterval(times(30, normal), mean, { seed: set }), 0),
  );
});

test('the block bootstrap of correlated seconds holds the mean nearly as often', (t) => {
  const normal = seededNormal(81);
  // The autocorrelation of 60 seconds is found too low, so the interval is a little too narrow.
  checkShare(t, { least: 0.89, most: 0.96 }, (set) =>
    holds(blockInterval(correlated(60, 0.5, normal), mean, { seed: set }), 0),
  );
});

test('drawing correlated seconds one by one holds the mean far less often', (t) => {
  const normal = seededNormal(82);
  // The spread is too small by sqrt(3): scipy 1.17, 1 - 2 norm.sf(1.96 / sqrt(3)) is 0.742.
  checkShare(t, { least: 0.68, most: 0.8 }, (set) =>
    holds(blockInterval(correlated(60, 0.5, normal), mean, { seed: set, blockLength: 1 }), 0),
  );
});

test('of p99 over 60 correlated seconds the block bootstrap says more than it holds', (t) => {
  const normal = seededNormal(83);
  const second = (level: number): number[] =>
    times(10, () => Math.exp(0.3 * level + 0.3 * normal()));
  const merged = new Float64Array(600);
  const p99 = (seconds: readonly (readonly number[])[]): number => {
    for (const [index, latencies] of seconds.entries()) merged.set(latencies, index * 10);
    return merged.sort()[593] as number;
  };
  // Logs of variance 0.18; scipy 1.17: norm.ppf(0.99). The share is what was found, and
  // not what the method claims.
  const truth = Math.exp(2.3263478740408408 * Math.sqrt(0.18));
  checkShare(t, { least: 0.75, most: 0.9 }, (set) => {
    const seconds = correlated(60, 0.5, normal).map(second);
    return holds(blockInterval(seconds, p99, { seed: set, replicates: 200 }), truth);
  });
});

/** Two points of a front on a straight line of log over nines, three repeats each. */
function front(scale: number, normal: () => number): RepeatedPoint[] {
  return [0.9, 0.99].map((recall) => {
    const repeats = logNormals(3, scale * (1 - recall) ** 0.5, normal);
    return { key: `${recall}`, recall, value: median(repeats), repeats };
  });
}

const target = { recall: 0.95, better: 'more' } as const;

test('between two points of a front the interval holds the line about as often as it says', (t) => {
  const normal = seededNormal(90);
  // By Welch and Satterthwaite, which is not exact: with three repeats a little off either way.
  checkShare(t, { least: 0.92, most: 0.98 }, () =>
    holds(valueAtRecall(front(1000, normal), target)?.interval, 1000 * Math.sqrt(0.05)),
  );
});

test('the interval of a ratio at equal recall holds it nearly as often as it says', (t) => {
  const normal = seededNormal(91);
  checkShare(t, { least: 0.92, most: 0.98 }, () =>
    holds(ratioAtRecall(front(1000, normal), front(1500, normal), target)?.interval, 1.5),
  );
});

test('steady windows are called not steady in at most 1 of 20 sets', (t) => {
  const normal = seededNormal(92);
  checkShare(t, { least: 0, most: 0.05 }, () => {
    const windows = times(10, () => 1000 + 100 * normal());
    return steadiness(windows)?.steady === false;
  });
});
