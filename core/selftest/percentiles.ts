/** The percentiles that are compared, by name: the share of requests that they bound. */
export const percentiles = { p50: 0.5, p90: 0.9, p99: 0.99, 'p99.9': 0.999, max: 1 } as const;
/** The name of a percentile that is compared. */
export type PercentileName = keyof typeof percentiles;
/** Their names in order. */
export const percentileNames = Object.keys(percentiles) as readonly PercentileName[];

/**
 * The value that at least the stated share does not exceed: nearest rank.
 *
 * @param sorted ascending, at least one value
 * @param probability in (0, 1]
 */
export function nearestRank(sorted: readonly number[], probability: number): number {
  // A whole number of requests must not become one more by rounding.
  const rank = Math.ceil(probability * sorted.length - 1e-9);
  return sorted[Math.max(rank, 1) - 1] as number;
}
