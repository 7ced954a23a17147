import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileKernel } from './kernel.mjs';
import { withLock } from './lock.mjs';
import { isUsable, PythonProblem, pythonEnvironment } from './python.mjs';
import { hashOf, isStamped, missingOutputs, removeStale, sourcesStamp } from './stamp.mjs';
import { endOnSignals, runProgram, SetUpError, say, step } from './step.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const lockFile = join(root, 'package-lock.json');
const packagesStamp = join(root, 'node_modules', '.bench-setup');
const dist = join(root, 'dist');
const compiledStamp = join(dist, '.bench-setup');
const recordFile = join(dist, 'set-up.json');

/** Makes the package ready to run; ends the process where that cannot be done. */
export async function setUpOrExit() {
  const ignoreSignals = endOnSignals();
  try {
    await setUp();
  } catch (thrown) {
    process.stderr.write(`${asSetUpError(thrown).format()}\n`);
    process.exit(asSetUpError(thrown).exitCode);
  } finally {
    ignoreSignals();
  }
}

/** Only a clone has its lock file; an installed package came compiled, with its packages. */
async function setUp() {
  if (!existsSync(lockFile)) {
    if (!isPythonReady()) await preparePython();
    return;
  }
  if (arePackagesReady() && isCompiled() && isPythonReady()) return;
  await withLock(join(root, '.cache', 'set-up.lock'), async () => {
    if (!arePackagesReady()) await step('installing packages', installPackages);
    if (!isCompiled()) await step('compiling', compile);
    if (!isPythonReady()) await preparePython();
  });
}

function asSetUpError(thrown) {
  if (thrown instanceof SetUpError) return thrown;
  // The system refused something: a full disk, a folder that cannot be written.
  if (typeof thrown?.syscall !== 'string') throw thrown;
  const hint = `free space, or make it writable: chmod -R u+w ${root}`;
  return new SetUpError(thrown.message, { hint });
}

function lockFileHash() {
  return hashOf(readFileSync(lockFile));
}

function arePackagesReady() {
  return isStamped(packagesStamp, lockFileHash());
}

async function installPackages() {
  const hash = lockFileHash();
  const npm = process.env.npm_execpath ?? '';
  const isNpm = basename(npm) === 'npm-cli.js';
  const args = ['ci', '--include=dev', '--loglevel=error'];
  const { code, output } = isNpm
    ? await runProgram(process.execPath, [npm, ...args], root)
    : await runProgram('npm', args, root);
  if (code !== 0) {
    const hint = `see what is wrong: cd ${root} && npm ci`;
    throw new SetUpError('the packages were not installed', { hint, output });
  }
  writeFileSync(packagesStamp, hash);
}

function isCompiled() {
  return isStamped(compiledStamp, sourcesStamp(root));
}

async function compile() {
  const stamp = sourcesStamp(root);
  removeStale(root);
  await compileKernel(root);
  await runCompiler();
  // What the compiler remembers of an earlier output may no longer be there.
  if (missingOutputs(root).length > 0) {
    rmSync(join(dist, '.tsbuildinfo'), { force: true });
    await runCompiler();
  }
  writeFileSync(compiledStamp, stamp);
}

async function runCompiler() {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { code, output } = await runProgram(process.execPath, [compiler, '-p', root], root);
  if (code === 0) return;
  const hint = 'correct the sources named above, or return to a commit that compiles';
  throw new SetUpError('the sources do not compile', { hint, output, exitCode: 4 });
}

function requirements() {
  return readFileSync(join(root, 'requirements.txt'), 'utf8');
}

function recordKey() {
  return { requirements: hashOf(requirements()), base: process.env.BENCH_PYTHON_BASE || null };
}

function isPythonReady() {
  if (!existsSync(recordFile)) return false;
  if (process.env.BENCH_SKIP_PYTHON === '1') return true;
  const record = JSON.parse(readFileSync(recordFile, 'utf8'));
  if (record.python === null || !isUsable(record.python)) return false;
  const key = recordKey();
  return record.requirements === key.requirements && record.base === key.base;
}

async function preparePython() {
  if (process.env.BENCH_SKIP_PYTHON === '1') {
    writeRecord({ python: null, pythonProblem: 'BENCH_SKIP_PYTHON was set during the set-up' });
    return;
  }
  const base = process.env.BENCH_PYTHON_BASE || undefined;
  try {
    const python = await pythonEnvironment({ root, requirements: requirements(), base });
    writeRecord({ python, ...recordKey() });
  } catch (thrown) {
    if (!(thrown instanceof PythonProblem)) throw thrown;
    say(`going on without the engines that need Python: ${thrown.message}`);
    writeRecord({ python: null, pythonProblem: thrown.message });
  }
}

function writeRecord(record) {
  const draft = `${recordFile}.${process.pid}`;
  try {
    mkdirSync(dist, { recursive: true });
    writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`);
  } catch (thrown) {
    // Installed for all users, the folder belongs to another; only this process can be told.
    if (existsSync(lockFile)) throw thrown;
    if (record.python !== null) process.env.BENCH_PYTHON = record.python;
    return;
  }
  renameSync(draft, recordFile);
}
