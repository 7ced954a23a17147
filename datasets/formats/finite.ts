import { firstNotFinite } from '../../core/finite.js';
import { float16ToNumber } from '../../core/float16.js';
import type { VectorValues } from '../../core/vectors.js';
import { badData } from './data-file.js';

/** Where values come from, for an error. */
export interface ValuePlace {
  readonly path: string;
  readonly dimensions: number;
  /** The row that the values begin with. */
  readonly firstRow: number;
}

/**
 * Demands finite values; bytes always are.
 *
 * @param values row after row: float32, the bits of float16, or bytes
 * @throws BenchError BAD_DATA with row, column and value
 */
export function requireFinite(values: VectorValues, place: ValuePlace): void {
  const at = firstNotFinite(values);
  if (at < 0) return;
  const stored = values[at] as number;
  const value = values instanceof Uint16Array ? float16ToNumber(stored) : stored;
  throw badValue(place, at, `${value}, expected a finite number`);
}

/** What tells of a value that cannot be taken, `at` values after the place's first. */
export function badValue({ path, dimensions, firstRow }: ValuePlace, at: number, found: string) {
  const row = firstRow + Math.floor(at / dimensions);
  const what = `row ${row}, column ${at % dimensions} is ${found}`;
  return badData(path, what, 'remove the row or make its vector again');
}
