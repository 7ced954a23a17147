import { seededRandom } from '../random.js';

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
