import { badData } from './data-file.js';

/** A size that a file states, next to what it can hold. */
export interface DeclaredSize {
  readonly path: string;
  /** What is as large, for the message. */
  readonly what: string;
  /** Bytes in memory, by what the file says. */
  readonly bytes: number;
  /** Bytes of the file that hold it. */
  readonly storedBytes: number;
  /** Whether it is stored as it is, so that it cannot be larger than where it lies. */
  readonly isPlain: boolean;
}

// Vectors pack to a half, texts to a tenth; only what has been made up packs to a hundredth.
const packing = 100;
// What may be allocated whatever the file says: runs of one value pack to nearly nothing.
const freeBytes = 8 * 1024 * 1024;

/** How many bytes packed bytes of a file may unpack to: 8 MiB, and a hundred times their number. */
export function unpackedRoom(storedBytes: number): number {
  return freeBytes + packing * storedBytes;
}

/**
 * Compares a declared size with what the file can hold, before anything of that size is allocated.
 *
 * @throws BenchError BAD_DATA when it is above the stored bytes, or 8 MiB and a hundred times
 *   these where they are packed
 */
export function requireRoom({ path, what, bytes, storedBytes, isPlain }: DeclaredSize): void {
  const room = isPlain ? storedBytes : unpackedRoom(storedBytes);
  if (bytes <= room) return;
  const found = `${what} would take ${bytes} bytes by what the file says`;
  throw badData(
    path,
    `${found}, more than the ${storedBytes} bytes that it has for it can hold`,
    'fetch the file again and compare its size, or write it without compression',
  );
}
