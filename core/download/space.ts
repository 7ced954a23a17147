import { statfs } from 'node:fs/promises';
import { BenchError } from '../errors.js';
import { formatBytes } from '../units.js';

/** The bytes that this process may still write into a folder. */
export type FreeBytes = (folder: string) => Promise<number>;

/** The free bytes of the file system of a folder. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** What is left alone: for the records, and for whoever else writes to the disk. */
const spareBytes = 16 * 1024 * 1024;

/** Something that is to be written. */
export interface Need {
  readonly what: string;
  readonly folder: string;
  readonly bytes: number;
}

/** @throws BenchError DISK_FULL when a folder has not enough room */
export async function demandSpace(need: Need, freeBytes: FreeBytes): Promise<void> {
  const free = await freeBytes(need.folder);
  if (need.bytes + spareBytes <= free) return;
  throw new BenchError(
    'DISK_FULL',
    `pulling ${need.what} into ${need.folder}: ${formatBytes(need.bytes)} are needed, ` +
      `${formatBytes(free)} are free`,
    { hint: 'free some space, or name a folder on another disk with --to FOLDER' },
  );
}
