import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { SetUpError } from '../setup/step.mjs';
import { madeFolder, storesPath } from './folder.mjs';

/** The file that a server writes what it says to; begun anew at each start. */
export function logFile(name) {
  return storesPath('logs', `${name}.log`);
}

/** The last lines of it. */
export function lastLines(name, count = 20) {
  try {
    return readFileSync(logFile(name), 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '';
  }
}

/**
 * Starts a program that outlives this process, in a session of its own.
 *
 * @param {string} name names its log
 * @param {readonly string[]} command
 * @param {{ env?: Record<string, string>, cwd?: string }} surroundings what to add to the
 *   environment, and the folder to start in
 * @returns {Promise<number>} its process id
 * @throws SetUpError when it cannot be started
 */
export async function spawnLogged(name, [program, ...args], { env = {}, cwd = '/' } = {}) {
  madeFolder('logs');
  const log = openSync(logFile(name), 'w');
  try {
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...env },
      cwd,
    });
    await new Promise((resolve, reject) => child.on('spawn', resolve).on('error', reject));
    child.unref();
    return child.pid;
  } catch (thrown) {
    const hint = `see whether it is there: command -v ${program}`;
    throw new SetUpError(`${name} does not start: ${thrown.message}`, { hint, exitCode: 1 });
  } finally {
    closeSync(log);
  }
}
