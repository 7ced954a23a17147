import type { Metric } from '../adapter.js';
import { computeTruth, type Truth } from '../measure/truth.js';
import type { VectorTable } from '../vectors.js';

/** Cosines that differ from 1 by less are those of one direction, but for rounding. */
const sameDirection = 1e-12;

/** The metric by whose order distances are found; the inner product is none, so it is `l2`. */
export function metricOfDistance(metric: Metric): 'l2' | 'cosine' {
  return metric === 'cosine' ? 'cosine' : 'l2';
}

/**
 * A Euclidean distance: of the vectors, or under cosine of the vectors with norm 1.
 *
 * @param value a squared distance, or a cosine
 */
export function euclidean(metric: 'l2' | 'cosine', value: number): number {
  if (metric === 'l2') return Math.sqrt(value);
  const apart = 1 - value;
  return apart < sameDirection ? 0 : Math.sqrt(2 * apart);
}

/** Points and the rows among which their neighbours are looked for. */
export interface NeighbourSearch {
  readonly metric: Metric;
  readonly points: VectorTable;
  readonly among: VectorTable;
  /** The row of `among` that each point is itself, which is none of its neighbours. */
  readonly own?: Int32Array;
  /** Neighbours of each point, where there are so many. */
  readonly k: number;
}

/** The Euclidean distances of the nearest rows of each point, ascending, by exact search. */
export async function nearestDistances(search: NeighbourSearch): Promise<Float64Array[]> {
  const { points, among, own, k } = search;
  const metric = metricOfDistance(search.metric);
  const depth = Math.min(k + (own === undefined ? 0 : 1), among.rows);
  const truth = await computeTruth({ metric, base: among, queries: points, k: depth });
  return distancesOf(truth, metric).map((distances, point) => {
    if (own === undefined) return distances;
    const ids = truth.ids.subarray(point * depth, (point + 1) * depth);
    // Where more rows are equal than were asked for, any of them stands for the point itself.
    const self = Math.max(0, ids.indexOf(own[point] as number));
    return distances.filter((_, rank) => rank !== self);
  });
}

/** The Euclidean distances of a truth, by query. */
export function distancesOf(truth: Truth, metric: 'l2' | 'cosine'): Float64Array[] {
  return Array.from({ length: truth.queries }, (_, query) =>
    truth.distances
      .slice(query * truth.k, (query + 1) * truth.k)
      .map((value) => euclidean(metric, value)),
  );
}
