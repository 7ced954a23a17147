import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the servers, their data, logs and process files lie. */
export function storesFolder() {
  if (process.env.BENCH_STORES_FOLDER) return process.env.BENCH_STORES_FOLDER;
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'storebench', 'stores');
}

/** A path below the folder of the stores. */
export function storesPath(...parts) {
  return join(storesFolder(), ...parts);
}

/** A folder below it, made if need be. */
export function madeFolder(...parts) {
  const folder = storesPath(...parts);
  mkdirSync(folder, { recursive: true });
  return folder;
}
