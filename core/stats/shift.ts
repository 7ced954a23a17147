import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import type { Interval } from './interval.js';
import { quantile7 } from './quantile.js';
import { isSmall, type SampleSizes, uCounts } from './rank-sum.js';

/** By how much one sample lies above another. */
export interface Shift {
  /** The median of all differences head - base, in their unit. */
  readonly shift: number;
  /** Absent where the samples are too small for the confidence that was asked for. */
  readonly interval?: Interval;
}

/**
 * The Hodges-Lehmann estimator of the shift from base to head, with its distribution-free interval:
 * the shifts that the Mann-Whitney test does not reject. Exact below 50 values in each, normal
 * otherwise; with ties it holds the shift at least as often as it says. It assumes that both
 * distributions have one shape. Of logs it gives the log of a ratio.
 *
 * @param base at least one value
 * @param head at least one value; the differences of all pairs are sorted, so not many thousands
 * @param confidence in (0, 1); held or exceeded
 * @returns undefined where a sample is empty
 * @see Hodges and Lehmann, Estimates of Location Based on Rank Tests (1963)
 * @see Hollander and Wolfe, Nonparametric Statistical Methods (1999), sections 4.2 and 4.3
 */
export function shiftBetween(
  base: readonly number[],
  head: readonly number[],
  confidence = 0.95,
): Shift | undefined {
  if (base.length === 0 || head.length === 0) return undefined;
  const differences = Float64Array.from(
    head.flatMap((above) => base.map((below) => above - below)),
  );
  differences.sort();
  const shift = quantile7(differences, 0.5);
  const rank = lowRank({ first: head.length, second: base.length }, (1 - confidence) / 2);
  if (rank < 1) return { shift };
  const low = differences[rank - 1] as number;
  const high = differences[differences.length - rank] as number;
  return { shift, interval: { low, high, method: 'inverted Mann-Whitney test' } };
}

/** The largest c with P(U < c) at most the tail: the rank, from 1, of the lower end. */
function lowRank(sizes: SampleSizes, tail: number): number {
  if (!isSmall(sizes)) return normalRank(sizes, tail);
  const counts = uCounts(sizes);
  // The margin is for the rounding of a tail that is met exactly.
  const bound = tail * (1 + 1e-9) * counts.reduce((total, count) => total + count, 0);
  let rank = 0;
  let below = counts[0] as number;
  while (below <= bound) {
    rank += 1;
    below += counts[rank] as number;
  }
  return rank;
}

/** The same by the normal distribution, corrected for continuity. */
function normalRank({ first, second }: SampleSizes, tail: number): number {
  const pairs = first * second;
  const spread = Math.sqrt((pairs * (first + second + 1)) / 12);
  return Math.floor(pairs / 2 + normalQuantile(tail, 0, spread) + 0.5);
}
