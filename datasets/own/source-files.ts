import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { codeOf } from '../../core/errors.js';
import { hashFile } from '../../core/files.js';
import { findBeirFiles } from '../formats/beir.js';
import { badData, unreadable } from '../formats/data-file.js';
import { findParquetFiles } from '../formats/parquet.js';
import type { Description, SourceFile } from './description.js';

/** A path as the folder of a description means it. */
export function pathFrom(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

/**
 * The files that a dataset is read from.
 *
 * @param folder where relative paths begin
 * @throws BenchError BAD_DATA when a folder lacks one
 */
export async function filesOf(
  { vectors, payload }: Pick<Description, 'vectors' | 'payload'>,
  folder: string,
): Promise<readonly string[]> {
  const at = (path: string): string => pathFrom(folder, path);
  const found: (string | undefined)[] = [payload];
  if (vectors.layout === 'hdf5') found.push(vectors.file);
  if (vectors.layout === 'files') {
    found.push(vectors.base, vectors.queries, vectors.neighbours);
  }
  if (vectors.layout === 'parquet') {
    const { train, test, neighbours } = await findParquetFiles(at(vectors.folder));
    found.push(...train, test, neighbours);
  }
  if (vectors.layout === 'beir') {
    found.push(vectors.base, vectors.queries);
    found.push(...Object.values(await findBeirFiles(at(vectors.folder), vectors.split)));
  }
  return found.filter((path) => path !== undefined).map(at);
}

/**
 * What a file is like now; all of it is read.
 *
 * @throws BenchError BAD_DATA when it cannot be read
 */
export async function recordOf(path: string): Promise<SourceFile> {
  try {
    const { size, mtimeMs } = await stat(path);
    return {
      path,
      bytes: size,
      modifiedMs: mtimeMs,
      sha256: (await hashFile(path)).hash.digest('hex'),
    };
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

/**
 * Demands that files are those that were imported. A file of another time is read and compared; one
 * of the same size and time is taken for the same.
 *
 * @param folder where relative paths begin
 * @throws BenchError BAD_DATA when one has changed, or is not there any more
 */
export async function requireUnchanged(
  files: readonly SourceFile[],
  folder: string,
): Promise<void> {
  for (const { path, bytes, modifiedMs, sha256 } of files) {
    const file = pathFrom(folder, path);
    const found = await statOf(file);
    if (found.size === bytes && found.mtimeMs === modifiedMs) continue;
    if (found.size === bytes && (await recordOf(file)).sha256 === sha256) continue;
    const hint = 'import it again: bench dataset import ... --replace';
    throw badData(file, 'it is not the file that was imported, it has changed since', hint);
  }
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (thrown) {
    if (codeOf(thrown) !== 'ENOENT') throw unreadable(path, thrown);
    const hint = 'put it back, or import it from where it is now, with --replace';
    throw badData(path, 'it was imported from there, and is not there any more', hint);
  }
}
