import tQuantile from '@stdlib/stats-base-dists-t-quantile';

/** Tails below this are told as 0; the quantiles of smaller ones are not exact. */
const smallestTail = 1e-290;

/**
 * The chance that |T| is at least |t|, for T of Student's distribution: the two-sided p-value of a
 * t-test. Found by halving between quantiles, which is exact to about ten digits.
 *
 * @param t the statistic; infinite where the spread is 0
 * @param degreesOfFreedom above 0, not necessarily whole
 * @returns in [0, 1]
 * @see Student, The Probable Error of a Mean (1908)
 */
export function twoSidedP(t: number, degreesOfFreedom: number): number {
  const bound = -Math.abs(t);
  if (bound === 0) return 1;
  if (bound < tQuantile(smallestTail, degreesOfFreedom)) return 0;
  // The log of the tail, so that small ones are as exact as large ones.
  let below = Math.log(smallestTail);
  let above = Math.log(0.5);
  while (above - below > 1e-12) {
    const middle = (below + above) / 2;
    if (tQuantile(Math.exp(middle), degreesOfFreedom) < bound) below = middle;
    else above = middle;
  }
  return Math.min(1, 2 * Math.exp((below + above) / 2));
}
