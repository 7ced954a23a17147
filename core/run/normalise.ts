import { norm } from '../measure/distance.js';
import { float32Table, type RowRange, type VectorTable, vectorOf } from '../vectors.js';

/**
 * Copies rows with unit norm, for stores without cosine: the norm in float64, the result rounded
 * to float32 once.
 *
 * @param range rows counted from 0; none of them may be the zero vector, which loading refuses
 */
export function normalisedRows(table: VectorTable, range: RowRange): VectorTable {
  const { dimensions } = table;
  const data = new Float32Array(new SharedArrayBuffer(range.count * dimensions * 4));
  for (let index = 0; index < range.count; index++) {
    const row = vectorOf(table, range.from + index);
    const scale = 1 / norm(row);
    const at = index * dimensions;
    for (let column = 0; column < dimensions; column++) {
      data[at + column] = (row[column] as number) * scale;
    }
  }
  return float32Table(data, dimensions);
}
