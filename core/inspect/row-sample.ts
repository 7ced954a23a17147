import { seededRandom } from '../random.js';
import { allocateTable, storedRuns, type VectorTable } from '../vectors.js';

/**
 * Distinct rows in ascending order, every choice of so many equally likely.
 *
 * @param count 0..rows
 * @see Knuth, The Art of Computer Programming 2, section 3.4.2, algorithm S
 */
export function sampleRows(rows: number, count: number, seed: number): Int32Array {
  const random = seededRandom(seed);
  const chosen = new Int32Array(count);
  for (let row = 0, taken = 0; taken < count; row++) {
    if (random() * (rows - row) < count - taken) chosen[taken++] = row;
  }
  return chosen;
}

/** Some rows of a table as a table of their own, stored as they are. */
export function copyRows(table: VectorTable, rows: Int32Array): VectorTable {
  const { dimensions, type } = table;
  const copy = allocateTable({ rows: rows.length, dimensions, type });
  for (const { values, range } of storedRuns(copy)) {
    for (let row = 0; row < range.count; row++) {
      const from = rows[range.from + row] as number;
      for (const run of storedRuns(table, { from, count: 1 })) {
        values.set(run.values, row * dimensions);
      }
    }
  }
  return copy;
}
