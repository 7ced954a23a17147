import { accessSync, constants, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { withLock } from './lock.mjs';
import { hashOf } from './stamp.mjs';
import { runProgram, SetUpError, step } from './step.mjs';

const oldest = [3, 10];
const names = ['python3', 'python', ...[14, 13, 12, 11, 10].map((minor) => `python3.${minor}`)];
const probe = `
import json, platform, sys
lacks = []
for name in ('venv', 'ensurepip'):
    try:
        __import__(name)
    except ImportError:
        lacks.append(name)
print(json.dumps({
    'version': platform.python_version(),
    'number': list(sys.version_info[:2]),
    'lacks': lacks,
}))
`;

/** What keeps the Python environment from being made; the rest of the package works without. */
export class PythonProblem extends Error {}

/**
 * The interpreter of an environment that holds the packages of `requirements.txt`; made if need be.
 *
 * @param {{ root: string, requirements: string, base: string | undefined }} wanted the folder of
 *   the package, the content of the file, and the interpreter to make it from (searched if absent)
 * @returns {Promise<string>} an absolute path
 * @throws PythonProblem when there is no usable Python or the packages cannot be installed
 * @throws SetUpError when `base` is given and not usable
 */
export async function pythonEnvironment({ root, requirements, base }) {
  const found = await findPython(root, base);
  const identity = [requirements, found.version, process.platform, process.arch].join('\n');
  const folder = join(cacheFolder(), `python-${hashOf(identity).slice(0, 16)}`);
  const python = join(folder, 'bin', 'python');
  if (isComplete(folder)) return python;
  demandWritable(dirname(folder));
  return withLock(`${folder}.lock`, async () => {
    if (!isComplete(folder)) await build(root, found.command, folder);
    return python;
  });
}

/** Whether the environment of an interpreter was finished and still has its Python. */
export function isUsable(python) {
  return isComplete(dirname(dirname(python)));
}

function isComplete(folder) {
  return existsSync(join(folder, '.complete')) && existsSync(join(folder, 'bin', 'python'));
}

function cacheFolder() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'storebench');
}

function demandWritable(folder) {
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
  } catch (thrown) {
    throw new PythonProblem(
      `the cache folder ${folder} cannot be written (${thrown.code}); ` +
        'name another: export XDG_CACHE_HOME=FOLDER',
    );
  }
}

// Node's own recursive mkdir never returns where a parent cannot be made, as below /proc.
function makeFolder(folder) {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (thrown) {
    if (thrown.code !== 'EEXIST') throw thrown;
  }
}

async function findPython(root, base) {
  if (base !== undefined) return namedPython(root, base);
  const seen = [];
  for (const name of names) {
    const python = await look(root, name);
    if (python === undefined) continue;
    if (python.problem === undefined) return python;
    seen.push(python.problem);
  }
  const [first] = seen;
  if (first !== undefined) throw new PythonProblem(first);
  throw new PythonProblem(
    `no Python ${oldest.join('.')} or later was found; ` +
      'install it: sudo apt-get install python3 python3-venv',
  );
}

async function namedPython(root, base) {
  const python = await look(root, base);
  const problem = python === undefined ? 'it does not start' : python.problem;
  if (problem === undefined) return python;
  throw new SetUpError(`BENCH_PYTHON_BASE is ${base}: ${problem}`, {
    hint: `name a Python ${oldest.join('.')} or later, or: unset BENCH_PYTHON_BASE`,
  });
}

async function look(root, command) {
  const { code, output } = await runProgram(command, ['-I', '-c', probe], root);
  const answer = output.split('\n').findLast((line) => line.startsWith('{'));
  if (code !== 0 || answer === undefined) return undefined;
  const { version, number, lacks } = JSON.parse(answer);
  return { command, version, problem: problemOf({ version, number, lacks }) };
}

function problemOf({ version, number: [major, minor], lacks }) {
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    return (
      `Python ${version} is too old, ${oldest.join('.')} or later is needed; ` +
      'install it, or name it: export BENCH_PYTHON_BASE=/path/to/python3'
    );
  }
  if (lacks.length === 0) return undefined;
  return (
    `Python ${version} lacks its module ${lacks.join(' and ')}; ` +
    `install it: sudo apt-get install python${major}.${minor}-venv`
  );
}

async function build(root, command, folder) {
  // The paths of an environment are written into it, so it cannot be renamed into place.
  rmSync(folder, { recursive: true, force: true });
  const install = ['-I', '-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'];
  await step('making the Python environment', () =>
    demand(command, ['-I', '-m', 'venv', folder], root),
  );
  await step('installing Python packages', () =>
    demand(
      join(folder, 'bin', 'python'),
      [...install, '--only-binary', ':all:', '-r', join(root, 'requirements.txt')],
      root,
    ),
  );
  writeFileSync(join(folder, '.complete'), '');
}

async function demand(command, args, root) {
  const { code, output } = await runProgram(command, args, root);
  if (code === 0) return;
  const lines = output.trim().split('\n');
  const reason = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? '';
  throw new PythonProblem(
    `${reason.trim() || `exit code ${code}`}; see it whole: ${[command, ...args].join(' ')}`,
  );
}
