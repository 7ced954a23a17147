import { type FileHandle, open } from 'node:fs/promises';
import { BenchError, codeOf, messageOf } from '../../core/errors.js';

/** A data file that is open for reading. */
export interface DataFile {
  readonly path: string;
  /** Its size when it was opened. */
  readonly bytes: number;
  readonly handle: FileHandle;
}

/** The values of one piece of a file, and where in the file it begins. */
export interface Piece {
  /** Whole units only; the memory is used again for the next piece. */
  readonly buffer: ArrayBuffer;
  readonly bytes: number;
  /** How many units lie before this piece. */
  readonly firstUnit: number;
  readonly units: number;
}

const pieceBytes = 4 * 1024 * 1024;
/** The largest number of dimensions that a reader takes. */
export const maxDimensions = 65_536;

/** An error about the content of a file: `reading PATH: what`. */
export function badData(path: string, what: string, hint?: string): BenchError {
  return new BenchError('BAD_DATA', `reading ${path}: ${what}`, hint === undefined ? {} : { hint });
}

/** What stands for a failed system call while a data file is read. */
export function unreadable(path: string, thrown: unknown): unknown {
  // System calls and zlib number their errors; anything else is a bug or already explained.
  if (!(thrown instanceof Error && 'errno' in thrown)) return thrown;
  const hints: Record<string, string> = {
    ENOENT: 'check the path of the file',
    EACCES: 'give yourself permission to read the file',
    EMFILE: 'raise the limit of open files (ulimit -n)',
  };
  const hint = hints[codeOf(thrown)] ?? 'check that the file is whole and the disk is healthy';
  return new BenchError('BAD_DATA', `reading ${path}: ${messageOf(thrown)}`, {
    hint,
    cause: thrown,
  });
}

/**
 * Opens a file, gives it to `use` and closes it.
 *
 * @throws BenchError BAD_DATA when it is missing, unreadable or not a regular file
 */
export async function withDataFile<T>(
  path: string,
  use: (file: DataFile) => Promise<T>,
): Promise<T> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const stat = await handle.stat();
    if (!stat.isFile()) throw badData(path, 'it is not a regular file', 'name a file');
    return await use({ path, bytes: stat.size, handle });
  } catch (thrown) {
    throw unreadable(path, thrown);
  } finally {
    await handle?.close();
  }
}

/**
 * Reads `bytes` bytes of a file from `offset` on.
 *
 * @throws BenchError BAD_DATA when the file ends before
 */
export async function readExactly(
  file: DataFile,
  target: Uint8Array,
  offset: number,
): Promise<void> {
  let done = 0;
  while (done < target.length) {
    const rest = target.length - done;
    const { bytesRead } = await file.handle.read(target, done, rest, offset + done);
    if (bytesRead === 0) {
      throw badData(file.path, `it ends at byte ${offset + done}, expected ${rest} bytes more`);
    }
    done += bytesRead;
  }
}

/**
 * Reads a file in pieces of about 4 MiB that each hold whole units (records, rows, values).
 *
 * @param layout where the units begin, their size in bytes (a multiple of the values' size) and
 *   their number, which the caller has checked against the size of the file
 */
export async function* readPieces(
  file: DataFile,
  layout: { readonly offset: number; readonly unitBytes: number; readonly units: number },
): AsyncGenerator<Piece> {
  const { offset, unitBytes, units } = layout;
  if (units === 0) return;
  const unitsAPiece = Math.max(1, Math.min(units, Math.floor(pieceBytes / unitBytes)));
  const buffer = new ArrayBuffer(unitsAPiece * unitBytes);
  for (let firstUnit = 0; firstUnit < units; firstUnit += unitsAPiece) {
    const count = Math.min(unitsAPiece, units - firstUnit);
    const bytes = count * unitBytes;
    await readExactly(file, new Uint8Array(buffer, 0, bytes), offset + firstUnit * unitBytes);
    yield { buffer, bytes, firstUnit, units: count };
  }
}

/**
 * Demands finite values.
 *
 * @param values row after row
 * @param place the file, the dimensions of a row, and the row that `values` begins with
 * @throws BenchError BAD_DATA with row, column and value
 */
export function requireFinite(
  values: Float32Array,
  place: { readonly path: string; readonly dimensions: number; readonly firstRow: number },
): void {
  // Any NaN or infinity makes the sum NaN: one pass without a branch a value.
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += (values[index] as number) * 0;
  if (sum === 0) return;
  const at = values.findIndex((value) => !Number.isFinite(value));
  const row = place.firstRow + Math.floor(at / place.dimensions);
  const column = at % place.dimensions;
  throw badData(
    place.path,
    `row ${row}, column ${column} is ${values[at]}, expected a finite number`,
    'remove the row or make its vector again',
  );
}
