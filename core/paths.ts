import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package: where `package.json`, `datasets/bundled` and `adapters` lie. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!isRoot(folder)) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('the folder of the package was not found');
    folder = parent;
  }
  return folder;
}

/** Whether the package is a clone of its repository, not an installed package. */
export function isClone(root: string = packageRoot()): boolean {
  return existsSync(join(root, 'tsconfig.json'));
}

/** Where a person's cache of bench lies: below `XDG_CACHE_HOME`, else `~/.cache`. */
export function userCacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'storebench');
}

function isRoot(folder: string): boolean {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return false;
  return (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name === 'storebench';
}
