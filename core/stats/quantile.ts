/**
 * The quantile of a sample by linear interpolation.
 *
 * @param sorted ascending, at least one value
 * @param probability in [0, 1]
 * @see Hyndman and Fan, Sample Quantiles in Statistical Packages (1996), definition 7
 */
export function quantile7(sorted: ArrayLike<number>, probability: number): number {
  const position = (sorted.length - 1) * probability;
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  const low = sorted[below] as number;
  return low + (position - below) * ((sorted[above] as number) - low);
}

/** The median of at least one value, in any order. */
export function median(values: readonly number[]): number {
  return quantile7(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

/** The mean of at least one value. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index] as number;
  return sum / values.length;
}
