import { badData, type DataFile, maxDimensions } from './data-file.js';

/** Values of one size that fill a file from a byte on. */
export interface TableLayout {
  readonly rows: number;
  readonly columns: number;
  /** Bytes of a value. */
  readonly itemBytes: number;
  /** Where the values begin, in bytes. */
  readonly offset: number;
}

/**
 * Demands that a file has exactly the size that its header promises.
 *
 * @throws BenchError BAD_DATA with the size that was found and the one that was expected
 */
export function requireSize(
  file: DataFile,
  layout: TableLayout,
  hint = 'fetch the file again and compare its size',
): void {
  const { rows, columns, itemBytes, offset } = layout;
  const expected = offset + rows * columns * itemBytes;
  if (file.bytes === expected) return;
  const values = `${rows} x ${columns} values of ${bytesText(itemBytes)}`;
  throw badData(
    file.path,
    `it has ${file.bytes} bytes, expected ${expected} (${values} from byte ${offset} on): ` +
      'the file is truncated or over-long',
    hint,
  );
}

function bytesText(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}

/**
 * Demands rows, and dimensions within 1..65536.
 *
 * @throws BenchError BAD_DATA with the number that was found
 */
export function requireTable(file: DataFile, rows: number, columns: number): void {
  if (rows < 1) throw badData(file.path, 'it has 0 rows, expected at least 1');
  if (columns >= 1 && columns <= maxDimensions) return;
  throw badData(file.path, `rows have ${columns} values, expected 1..${maxDimensions}`);
}
