import { type FileHandle, open } from 'node:fs/promises';
import { BenchError, codeOf, messageOf } from '../../core/errors.js';

/** A data file that is open for reading. */
export interface DataFile {
  readonly path: string;
  /** Its size when it was opened. */
  readonly bytes: number;
  readonly handle: FileHandle;
}

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
