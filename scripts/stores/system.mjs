import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runProgram, SetUpError, step } from '../setup/step.mjs';

/**
 * Refuses where this process is not root.
 *
 * @param {string} what what needs it, as `a private network`
 */
export function demandRoot(what) {
  if (process.getuid?.() === 0) return;
  throw new SetUpError(`${what} needs root, and this process is not root`, {
    hint: 'run the same command with sudo --preserve-env, or take docker-compose.bench.yml',
  });
}

/**
 * Installs what is missing of some programs with apt-get.
 *
 * @param {Record<string, string>} programs the Debian package of each program
 * @throws SetUpError when that is not possible
 */
export async function ensurePrograms(programs) {
  const missing = Object.keys(programs).filter((program) => !isThere(program));
  const packages = [...new Set(missing.map((program) => programs[program]))];
  if (packages.length === 0) return;
  const hint = `install it: sudo apt-get install ${packages.join(' ')}`;
  if (!isThere('apt-get') || process.getuid?.() !== 0) {
    throw new SetUpError(`missing: ${missing.join(', ')}`, { hint });
  }
  await step(`installing ${packages.join(', ')}`, async () => {
    const env = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
    await demand([...env, 'update', '-qq'], { hint });
    await demand([...env, 'install', '-y', '-qq', '--no-install-recommends', ...packages], {
      hint,
    });
  });
}

/** Whether a program is found by its name. */
export function isThere(program) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => isExecutable(join(folder, program)));
}

/**
 * Runs a program to its end, behind everything else that the machine does.
 *
 * @param {readonly string[]} command
 * @param {{ cwd?: string, hint: string }} details the folder, and what to do if it fails
 * @returns {Promise<string>} what it printed
 * @throws SetUpError when it fails, with what it printed last
 */
export async function demand(command, { cwd = '/', hint }) {
  const { code, output } = await runProgram('nice', ['-n', '10', ...command], cwd);
  if (code === 0) return output;
  const last = output.trimEnd().split('\n').slice(-20).join('\n');
  throw new SetUpError(`${command.join(' ')} failed`, { hint, output: last });
}

/**
 * Compares what a program says of its version with what it has to be.
 *
 * @param {string} what
 * @param {{ said: string, wanted: string }} versions the text that has to contain the version
 * @throws SetUpError when it does not
 */
export function demandVersion(what, { said, wanted }) {
  if (said.includes(wanted)) return;
  throw new SetUpError(`${what} should be ${wanted}, but says: ${said.trim()}`, {
    hint: 'remove its folder, so that it is installed again',
  });
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
