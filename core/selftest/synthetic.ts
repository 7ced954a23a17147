import type { Dataset } from '../dataset.js';
import { float32Table, type VectorTable } from '../vectors.js';

const rows = 400;
const queries = 100;

/**
 * Rows on a line at 0, 1, 2, ... 399, and queries a tenth beyond the rows 150 to 249: no two rows
 * are equally far, and the nearest of the query at r + 0.1 are r, r + 1, r - 1, r + 2, ...
 */
export function syntheticDataset(): Dataset {
  return {
    name: 'synthetic',
    metric: 'l2',
    base: lineOf(rows, (row) => row),
    queries: lineOf(queries, (query) => query + 150.1),
  };
}

function lineOf(count: number, at: (row: number) => number): VectorTable {
  const data = new Float32Array(new SharedArrayBuffer(count * 4));
  for (let row = 0; row < count; row++) data[row] = at(row);
  return float32Table(data, 1);
}
