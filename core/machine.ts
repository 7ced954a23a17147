import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './errors.js';
import { writeWhole } from './files.js';
import { describeEnvironment } from './measure/environment.js';
import { userCacheFolder } from './paths.js';
import type { Environment } from './result.js';

/** What was found out about a machine and is kept for later runs on it. */
export type MachineRecord = 'calibration' | 'noise';

/** 16 hexadecimal digits that are the same for the same machine, system and version of Node. */
export function machineKey(environment: Environment): string {
  return createHash('sha256').update(JSON.stringify(environment)).digest('hex').slice(0, 16);
}

function recordPath(name: MachineRecord): string {
  const key = machineKey(describeEnvironment());
  return join(userCacheFolder(), 'machines', key, `${name}.json`);
}

/**
 * What is known of this machine, as it was stored; undefined where nothing is.
 *
 * @throws SyntaxError when the file is damaged
 */
export async function readMachineRecord(name: MachineRecord): Promise<unknown> {
  try {
    return JSON.parse(await readFile(recordPath(name), 'utf8')) as unknown;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Keeps what was found out about this machine, in place of what was known.
 *
 * @returns the file
 * @throws BenchError DISK_FULL or NOT_WRITABLE
 */
export async function writeMachineRecord(name: MachineRecord, content: object): Promise<string> {
  const path = recordPath(name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeWhole(path, `${JSON.stringify(content, null, 2)}\n`);
  return path;
}
