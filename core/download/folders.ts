import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { codeOf } from '../errors.js';
import { isClone, packageRoot } from '../paths.js';
import { writingError } from './part-file.js';

/**
 * The folders where a pulled dataset may lie, the first choice first: below `BENCH_DATASETS` where
 * that is set, within a clone below the package, else where a person's data lie. Never within an
 * installed package, which an update replaces.
 *
 * @param root of the package
 */
export function pulledFolders(
  name: string,
  root: string = packageRoot(),
): readonly [string, ...string[]] {
  const own = join(ownDatasetsFolder(), name);
  if (!isClone(root)) return [own];
  const cloned = join(root, 'datasets', '.cache', name);
  return process.env.BENCH_DATASETS ? [own, cloned] : [cloned, own];
}

/** Where a person's own datasets are described and public ones kept: a folder of its name each. */
export function ownDatasetsFolder(): string {
  const data = process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share');
  return process.env.BENCH_DATASETS || join(data, 'storebench', 'datasets');
}

/** The first of some folders that can be written or made; the last one where none can. */
export function writableFolder(folders: readonly [string, ...string[]]): string {
  const found = folders.find(isWritable);
  return found ?? (folders.at(-1) as string);
}

function isWritable(folder: string): boolean {
  let existing = folder;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  try {
    accessSync(existing, constants.W_OK);
    return statSync(existing).isDirectory();
  } catch {
    return false;
  }
}

/** Makes a folder and those above it. @throws BenchError NOT_WRITABLE or DISK_FULL */
export async function makeFolder(folder: string): Promise<void> {
  // Node's own recursive mkdir never returns where a parent cannot be made, as below /proc.
  if (existsSync(folder)) return;
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  try {
    await mkdir(folder);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw writingError(error, folder);
  }
}
