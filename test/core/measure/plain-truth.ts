import type { Metric } from '../../../core/adapter.js';
import type { TruthRequest } from '../../../core/measure/truth-job.js';
import { vectorOf } from '../../../core/vectors.js';

/** What a truth has to be, bit for bit. */
export interface PlainTruth {
  readonly ids: number[];
  readonly distances: number[];
  readonly tieFractions: number[];
}

interface Place {
  readonly row: number;
  readonly distance: number;
}

/** The definition, without any cleverness: every distance in float64, sorted, ties by lower row. */
export function plainTruth(request: TruthRequest): PlainTruth {
  const { base, queries, k } = request;
  const rows = Array.from({ length: base.rows }, (_, row) => Array.from(vectorOf(base, row)));
  const ids: number[] = [];
  const distances: number[] = [];
  const ties = new Array<number>(k).fill(0);
  for (let index = 0; index < queries.rows; index++) {
    const query = Array.from(vectorOf(queries, index));
    const places = sortedPlaces(request.metric, query, rows);
    for (const { row, distance } of places.slice(0, k)) {
      ids.push(row);
      distances.push(distance);
    }
    for (let rank = 1; rank <= Math.min(k, places.length - 1); rank++) {
      const [last, next] = [places[rank - 1] as Place, places[rank] as Place];
      const gap = Math.abs(next.distance - last.distance);
      const limit = tieLimit(request.metric, query, rows[next.row] as number[]);
      if (gap <= limit) ties[rank - 1] = (ties[rank - 1] as number) + 1;
    }
  }
  return { ids, distances, tieFractions: ties.map((count) => count / queries.rows) };
}

function sortedPlaces(metric: Metric, query: number[], rows: number[][]): Place[] {
  const sign = metric === 'l2' ? 1 : -1;
  return rows
    .map((values, row) => ({ row, distance: plainDistance(metric, query, values) }))
    .sort((a, b) => sign * (a.distance - b.distance) || a.row - b.row);
}

function plainDistance(metric: Metric, q: number[], x: number[]): number {
  let sum = 0;
  if (metric === 'l2') {
    for (let i = 0; i < q.length; i++) sum += ((q[i] as number) - (x[i] as number)) ** 2;
    return sum;
  }
  const product = plainDot(q, x);
  return metric === 'ip' ? product : product / (plainNorm(q) * plainNorm(x));
}

/** One accumulator, in the order of the dimensions. */
export function plainDot(q: ArrayLike<number>, x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < q.length; i++) sum += (q[i] as number) * (x[i] as number);
  return sum;
}

function plainNorm(x: number[]): number {
  return Math.sqrt(plainDot(x, x));
}

/** Rule 15 of docs/methodology.md: what counts as equally far. */
function tieLimit(metric: Metric, q: number[], x: number[]): number {
  const [a, b] = [plainNorm(q), plainNorm(x)];
  if (metric === 'l2') return 1e-6 * (a * a + b * b);
  return metric === 'ip' ? 1e-6 * a * b : 1e-6;
}
