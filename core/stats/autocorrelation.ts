import { mean } from './quantile.js';

/**
 * The correlation of values with the ones that follow them: the products of neighbours'
 * deviations from the mean, over the squared deviations. Of independent values it is about -1/n.
 *
 * @param values in the order in which they were measured, at least 3
 * @returns in (-1, 1); undefined where it is not defined (fewer than 3 values, or all equal)
 * @see Box, Jenkins, Reinsel and Ljung, Time Series Analysis (2015), section 2.1: r_1, with the
 *   divisor n in both sums
 */
export function lag1Autocorrelation(values: readonly number[]): number | undefined {
  if (values.length < 3) return undefined;
  const centre = mean(values);
  const deviations = values.map((value) => value - centre);
  const squares = deviations.reduce((sum, each) => sum + each * each, 0);
  if (squares === 0) return undefined;
  let products = 0;
  for (const [index, each] of deviations.entries()) products += each * (deviations[index + 1] ?? 0);
  return products / squares;
}

/**
 * As many independent values would tell as much about the mean as these do: n (1 - r) / (1 + r)
 * with r the lag-1 autocorrelation, if correlation falls off as in a first-order autoregression.
 * A negative r counts as 0, as it is found in independent values too: the result is never above n.
 * It is never below 1.
 *
 * @param values in the order in which they were measured, at least 3
 * @returns in [1, n]; undefined where the autocorrelation is
 * @see Bayley and Hammersley, The "Effective" Number of Independent Observations in an
 *   Autocorrelated Time Series (1946)
 */
export function effectiveSamples(values: readonly number[]): number | undefined {
  const found = lag1Autocorrelation(values);
  if (found === undefined) return undefined;
  const r = Math.max(0, found);
  return Math.max(1, (values.length * (1 - r)) / (1 + r));
}
