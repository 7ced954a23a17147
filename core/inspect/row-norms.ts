import { norm } from '../measure/distance.js';
import { quantile7 } from '../stats/quantile.js';
import { readRows, type VectorTable } from '../vectors.js';

/** The Euclidean norms of the rows of a table. */
export interface RowNorms {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  /** How many rows are all zeros. */
  readonly zeros: number;
  /** How many evenly spaced rows the median is of; all other figures are of all rows. */
  readonly medianRows: number;
}

const blockRows = 1024;
/** Norms that are kept for the median, at most: 32 MiB. */
const mostKept = 2 ** 22;

/** Norms in float64, from the stored values. @param most norms kept for the median */
export function rowNorms(table: VectorTable, most: number = mostKept): RowNorms {
  const { rows, dimensions } = table;
  const step = Math.ceil(rows / most);
  const kept = new Float64Array(Math.ceil(rows / step));
  const block = new Float32Array(Math.min(blockRows, rows) * dimensions);
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  let zeros = 0;
  for (let from = 0; from < rows; from += blockRows) {
    const count = Math.min(blockRows, rows - from);
    readRows(table, { from, count }, block);
    for (let row = 0; row < count; row++) {
      const value = norm(block.subarray(row * dimensions, (row + 1) * dimensions));
      min = Math.min(min, value);
      max = Math.max(max, value);
      if (value === 0) zeros += 1;
      if ((from + row) % step === 0) kept[(from + row) / step] = value;
    }
  }
  return { min, median: quantile7(kept.sort(), 0.5), max, zeros, medianRows: kept.length };
}
