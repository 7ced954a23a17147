import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BenchError, codeOf, messageOf } from './errors.js';

/**
 * Writes a file so that it is there in full or not at all: a neighbour first, synced, then renamed.
 *
 * @throws BenchError DISK_FULL or NOT_WRITABLE
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const part = `${path}.part`;
  try {
    const file = await open(part, 'w');
    try {
      await file.writeFile(content);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(part, path);
    await syncFolder(dirname(path));
  } catch (error) {
    // What went wrong first is what is told.
    await rm(part, { force: true }).catch(() => undefined);
    throw fileError(error, path);
  }
}

/**
 * Appends to an open file; what is appended is on disk when the promise resolves.
 *
 * @param path of the file, for messages
 * @throws BenchError DISK_FULL or NOT_WRITABLE
 */
export async function appendSynced(file: FileHandle, path: string, text: string): Promise<void> {
  try {
    await file.appendFile(text);
    await file.datasync();
  } catch (error) {
    throw fileError(error, path);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * SHA-256 and size of a file.
 *
 * @param onRead how many bytes have been read
 * @throws Error of the system when it cannot be read
 */
export async function hashFile(
  path: string,
  onRead: (bytes: number) => void = () => undefined,
): Promise<{ readonly have: number; readonly hash: Hash }> {
  const hash = createHash('sha256');
  let have = 0;
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(piece as Buffer);
    have += (piece as Buffer).length;
    onRead(have);
  }
  return { have, hash };
}

/** A file-system error as something a person can act on; other errors as they are. */
export function fileError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new BenchError('DISK_FULL', `writing ${path}: the disk is full`, {
      hint: 'free some space, then go on with bench run --resume and the folder of the run',
      cause: error,
    });
  }
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT', 'EISDIR', 'EEXIST'].includes(code)) {
    return new BenchError('NOT_WRITABLE', `writing ${path}: ${messageOf(error)}`, {
      hint: 'choose a folder that may be written with --out',
      cause: error,
    });
  }
  return error;
}
