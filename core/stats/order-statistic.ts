import binomialQuantile from '@stdlib/stats-base-dists-binomial-quantile';

/** Ranks counted from 1; absent where no observation bounds the quantile on that side. */
export interface RankInterval {
  readonly low?: number;
  readonly high?: number;
}

/**
 * The ranks of the two observations that enclose a quantile with the given confidence, whatever
 * the distribution.
 *
 * @param count observations, at least 1
 * @param quantile in (0, 1)
 * @param confidence in (0, 1)
 * @see Conover, Practical Nonparametric Statistics (1999), section 3.2
 */
export function orderStatisticRanks(
  count: number,
  quantile: number,
  confidence: number,
): RankInterval {
  const tail = (1 - confidence) / 2;
  const low = binomialQuantile(tail, count, quantile);
  const high = binomialQuantile(1 - tail, count, quantile) + 1;
  return {
    ...(low >= 1 ? { low } : {}),
    ...(high <= count ? { high } : {}),
  };
}
