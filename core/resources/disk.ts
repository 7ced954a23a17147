import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError, codeOf, messageOf } from '../errors.js';

/** The unit in which file systems tell what is allocated, whatever their blocks are. */
const blockBytes = 512;

/** Files that are asked about at once. */
const batch = 64;

/**
 * What a folder takes on disk: the allocated blocks of all in it and of itself, so that a sparse or
 * compressed file counts with what it takes. Links are not followed, a file with several names
 * counts once, and what is removed meanwhile is left out. Data that is written but not flushed may
 * not be allocated yet: to be read after the store's flush, and never inside a window.
 *
 * @param folder or a file
 * @returns bytes
 * @throws BenchError BAD_TARGET when there is none, NOT_READABLE when a part of it may not be read
 * @see stat(2), st_blocks
 */
export async function diskBytes(folder: string): Promise<number> {
  const seen = new Set<string>();
  const pending = [folder];
  let blocks = 0;
  for (let paths = pending.splice(0, batch); paths.length > 0; paths = pending.splice(0, batch)) {
    const entries = await Promise.all(paths.map((path) => look(path, path === folder)));
    for (const entry of entries) {
      if (entry === undefined || (entry.id !== undefined && seen.has(entry.id))) continue;
      if (entry.id !== undefined) seen.add(entry.id);
      blocks += entry.blocks;
      pending.push(...entry.inside);
    }
  }
  return blocks * blockBytes;
}

interface Entry {
  readonly blocks: number;
  /** What tells that two names are one file. */
  readonly id: string | undefined;
  readonly inside: readonly string[];
}

/** @returns undefined where it vanished */
async function look(path: string, isTop: boolean): Promise<Entry | undefined> {
  try {
    const stat = await lstat(path, { bigint: true });
    const isFolder = stat.isDirectory();
    const names = isFolder ? await readdir(path) : [];
    return {
      blocks: Number(stat.blocks),
      id: isFolder || stat.nlink === 1n ? undefined : `${stat.dev}:${stat.ino}`,
      inside: names.map((name) => join(path, name)),
    };
  } catch (error) {
    const code = codeOf(error);
    // Stores remove files at any time: a log that was merged takes no room any more.
    if (code === 'ENOENT' && !isTop) return undefined;
    throw unreadable(path, code, error);
  }
}

function unreadable(path: string, code: string, cause: unknown): BenchError {
  const what = `disk space of ${path}`;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new BenchError('BAD_TARGET', `${what}: there is no such folder`, {
      hint: "give the store's folder as this machine sees it, not as its container does",
      cause,
    });
  }
  return new BenchError('NOT_READABLE', `${what}: ${messageOf(cause)}`, {
    hint: 'run bench as the user that the store runs as, or as root; or leave the folder out',
    cause,
  });
}
