import type { Metric } from '../adapter.js';
import { type VectorTable, vectorOf } from '../vectors.js';

/**
 * The distance that truth is defined by: float64, one accumulator, in the order of the dimensions,
 * from the stored float32 values. `l2` is the squared Euclidean distance, `ip` the inner product,
 * `cosine` the inner product over both norms (NaN for a zero vector).
 *
 * @param query as long as `row`
 */
export function distance(metric: Metric, query: Float32Array, row: Float32Array): number {
  if (metric === 'l2') return squaredDistance(query, row);
  const product = innerProduct(query, row);
  return metric === 'ip' ? product : product / (norm(query) * norm(row));
}

/** The Euclidean norm, in float64. */
export function norm(vector: Float32Array): number {
  return Math.sqrt(innerProduct(vector, vector));
}

/** The Euclidean norm of every row, in float64. */
export function normsOf(table: VectorTable): Float64Array {
  return Float64Array.from({ length: table.rows }, (_, row) => norm(vectorOf(table, row)));
}

/**
 * How much two distances may differ and still count as equal: 1e-6 (|q|^2 + |x|^2) for `l2`,
 * 1e-6 |q| |x| for `ip`, 1e-6 for `cosine`. Wide enough for stores that compute in float32.
 */
export function tolerance(metric: Metric, queryNorm: number, rowNorm: number): number {
  if (metric === 'l2') return 1e-6 * (queryNorm * queryNorm + rowNorm * rowNorm);
  return metric === 'ip' ? 1e-6 * queryNorm * rowNorm : 1e-6;
}

/** How much farther `value` is than `reference`; negative when it is nearer. */
export function excess(metric: Metric, value: number, reference: number): number {
  return metric === 'l2' ? value - reference : reference - value;
}

function innerProduct(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) {
    sum += (a[index] as number) * (b[index] as number);
  }
  return sum;
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) {
    const difference = (a[index] as number) - (b[index] as number);
    sum += difference * difference;
  }
  return sum;
}
