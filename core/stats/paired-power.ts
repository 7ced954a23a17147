import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';

const significance = 0.05;
const wantedPower = 0.8;
/** The integrand is smooth and vanishes at both ends: more steps change nothing. */
const stepsOfPower = 400;
/** A quantile lies between two of them. */
const stepsOfQuantile = 8000;

/** A point of the distribution of a sample's standard deviation over the true one. */
interface SpreadPoint {
  readonly ratio: number;
  readonly weight: number;
}

/**
 * The distribution of s / sigma of a normal sample, a chi over the root of its degrees of freedom,
 * as weights that sum to 1.
 */
function spreadOf(degreesOfFreedom: number, steps: number): SpreadPoint[] {
  const reach = 12 / Math.sqrt(2 * degreesOfFreedom);
  const from = Math.max(0, 1 - reach);
  const points = Array.from({ length: steps + 1 }, (_, step) => {
    const ratio = from + ((1 + reach - from) * step) / steps;
    const log =
      (degreesOfFreedom - 1) * Math.log(ratio) - (degreesOfFreedom * (ratio ** 2 - 1)) / 2;
    return { ratio, weight: Math.exp(log) };
  });
  const total = points.reduce((sum, { weight }) => sum + weight, 0);
  return points.map(({ ratio, weight }) => ({ ratio, weight: weight / total }));
}

/**
 * The chance that the two-sided paired t-test at 5 % tells a difference: the tails of the
 * noncentral t distribution, as the normal tails given s, averaged over the distribution of s.
 *
 * @param pairs at least 4
 * @param effect the true mean of the differences over their standard deviation
 * @returns in (0, 1)
 * @see Cohen, Statistical Power Analysis for the Behavioral Sciences (1988), chapter 2
 * @see Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 2 (1995), chapter 31
 */
export function pairedPower(pairs: number, effect: number): number {
  return powerOf(pairs)(effect);
}

/** The power by the effect. */
function powerOf(pairs: number): (effect: number) => number {
  const points = spreadOf(pairs - 1, stepsOfPower);
  const bound = tQuantile(1 - significance / 2, pairs - 1);
  return (effect) => {
    const shift = effect * Math.sqrt(pairs);
    return points.reduce((sum, { ratio, weight }) => {
      const above = normalCdf(shift - bound * ratio, 0, 1);
      const below = normalCdf(-shift - bound * ratio, 0, 1);
      return sum + weight * (above + below);
    }, 0);
  };
}

/**
 * The smallest true mean difference, in standard deviations of the differences, that the paired
 * t-test at 5 % tells with a chance of 0.8.
 *
 * @param pairs at least 4
 */
export function detectableShift(pairs: number): number {
  const power = powerOf(pairs);
  let below = 0;
  let above = 8;
  while (above - below > 1e-9) {
    const middle = (below + above) / 2;
    if (power(middle) < wantedPower) below = middle;
    else above = middle;
  }
  return above;
}

/** The range of numbers of pairs that is looked through. */
export interface PairLimits {
  /** At least 4. */
  readonly fewest: number;
  readonly most: number;
}

/**
 * The smallest number of pairs with which the paired t-test at 5 % tells a true mean difference
 * with a chance of 0.8.
 *
 * @param effect the true mean of the differences over their standard deviation, above 0
 * @returns undefined where even the most are too few
 */
export function pairsNeeded(effect: number, { fewest, most }: PairLimits): number | undefined {
  if (effect === Number.POSITIVE_INFINITY) return fewest;
  if (pairedPower(most, effect) < wantedPower) return undefined;
  let below = fewest - 1;
  let enough = most;
  while (enough - below > 1) {
    const middle = Math.floor((below + enough) / 2);
    if (pairedPower(middle, effect) < wantedPower) below = middle;
    else enough = middle;
  }
  return enough;
}

/**
 * How much smaller and larger than it was found a standard deviation may be: the bounds of its
 * 95 % interval as factors, of normal values.
 *
 * @param count values that it was found from, at least 4
 * @see Snedecor and Cochran, Statistical Methods (1989), intervals of a variance
 */
export function spreadFactors(count: number): { readonly low: number; readonly high: number } {
  const points = spreadOf(count - 1, stepsOfQuantile);
  return { low: 1 / quantileOf(points, 0.975), high: 1 / quantileOf(points, 0.025) };
}

/** By the trapezoids between the points, with a straight line within the one that is met. */
function quantileOf(points: readonly SpreadPoint[], probability: number): number {
  let sum = 0;
  for (const [index, { ratio, weight }] of points.entries()) {
    const next = points[index + 1];
    if (next === undefined) break;
    const part = (weight + next.weight) / 2;
    if (sum + part >= probability) {
      return ratio + ((next.ratio - ratio) * (probability - sum)) / part;
    }
    sum += part;
  }
  return points.at(-1)?.ratio ?? 1;
}
