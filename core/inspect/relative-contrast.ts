import type { Metric } from '../adapter.js';
import { distance } from '../measure/distance.js';
import { mean } from '../stats/quantile.js';
import { type VectorTable, vectorOf } from '../vectors.js';
import { euclidean, metricOfDistance } from './neighbours.js';

/** The mean Euclidean distance of all pairs of a query and a row. */
export function meanDistance(metric: Metric, queries: VectorTable, rows: VectorTable): number {
  const order = metricOfDistance(metric);
  let sum = 0;
  for (let query = 0; query < queries.rows; query++) {
    const vector = vectorOf(queries, query);
    for (let row = 0; row < rows.rows; row++) {
      sum += euclidean(order, distance(order, vector, vectorOf(rows, row)));
    }
  }
  return sum / (queries.rows * rows.rows);
}

/**
 * How much farther a row is from a query on average than the nearest row: near 1, the nearest is
 * hardly nearer than any, and search is hard and of little use.
 *
 * @param meanOfAll the mean distance of queries and rows
 * @param nearest of each query the distance of its nearest row
 * @returns undefined where every query is a row
 * @see He, Kumar and Chang, On the Difficulty of Nearest Neighbor Search (2012), section 2
 */
export function relativeContrast(
  meanOfAll: number,
  nearest: readonly number[],
): number | undefined {
  const meanOfNearest = mean(nearest);
  return meanOfNearest > 0 ? meanOfAll / meanOfNearest : undefined;
}
