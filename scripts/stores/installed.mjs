import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { withLock } from '../setup/lock.mjs';
import { madeFolder, storesPath } from './folder.mjs';

/** Whether an installation was finished with exactly these versions. */
export function isInstalled(name, versions) {
  const file = stampFile(name);
  return existsSync(file) && readFileSync(file, 'utf8') === versions;
}

/**
 * Does an installation unless it was finished before. One that was cut off begins anew.
 *
 * @param {string} name the folder that it fills, below the folder of the stores
 * @param {string} versions what identifies it
 * @param {(folder: string) => Promise<void>} install is given the folder, which is not there
 */
export async function installOnce(name, versions, install) {
  if (isInstalled(name, versions)) return;
  madeFolder('locks');
  await withLock(storesPath('locks', `${name}.lock`), async () => {
    if (isInstalled(name, versions)) return;
    const folder = storesPath(name);
    rmSync(folder, { recursive: true, force: true });
    await install(folder);
    writeFileSync(stampFile(name), versions);
  });
}

function stampFile(name) {
  return storesPath(name, '.complete');
}
