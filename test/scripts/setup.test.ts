import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot } from '../../core/paths.js';

// The programs that set-up starts are stand-ins that note that they were called, so that what is
// seen here is the script's own doing: no network, no compiler, no real Python.
const npmStandIn = `#!/bin/sh
echo npm >> "$CALLS"
rm -rf node_modules
mkdir -p node_modules/typescript/bin node_modules/assemblyscript/bin
sleep "\${NPM_SLEEPS:-0}"
cp "$COMPILER" node_modules/typescript/bin/tsc
cp "$KERNEL_COMPILER" node_modules/assemblyscript/bin/asc.js
cd node_modules/assemblyscript
echo "{\\"version\\": \\"\${KERNEL_COMPILER_IS:-1.0.0}\\"}" > package.json
exit "\${NPM_EXITS:-0}"
`;

const compilerStandIn = `
const fs = require('node:fs');
fs.appendFileSync(process.env.CALLS, 'tsc\\n');
if (process.env.TSC_FAILS) {
  console.log('core/a.ts(1,1): error TS1005');
  process.exit(2);
}
for (const name of fs.readdirSync('core').filter((each) => each.endsWith('.ts'))) {
  fs.mkdirSync('dist/core', { recursive: true });
  fs.writeFileSync('dist/core/' + name.replace('.ts', '.js'), '');
}
`;

const kernelCompilerStandIn = `
const fs = require('node:fs');
fs.appendFileSync(process.env.CALLS, 'asc\\n');
if (process.env.ASC_FAILS) {
  console.log('ERROR TS1005 in core/measure/kernel/scan.ts(1,1)');
  process.exit(1);
}
const at = process.argv.indexOf('--outFile');
fs.copyFileSync(process.argv[2], process.argv[at + 1]);
`;

const pythonStandIn = `#!/bin/sh
case "$*" in
*"-m pip"*)
  echo pip >> "$CALLS"
  [ -z "$PIP_FAILS" ] || { echo 'ERROR: no such wheel'; exit 1; } ;;
*"-m venv"*)
  echo venv >> "$CALLS"
  for folder in "$@"; do :; done
  mkdir -p "$folder/bin"
  cp "$0" "$folder/bin/python" ;;
*)
  version="\\"version\\": \\"\${PYTHON_IS:-3.11.2}\\", \\"number\\": \${PYTHON_NUMBER:-[3, 11]}"
  echo "{$version, \\"lacks\\": \${PYTHON_LACKS:-[]}}" ;;
esac
`;

const kernel = 'core/measure/kernel/scan.ts';
const compiledKernel = 'dist/core/measure/kernel/scan.wasm';
const first = ['npm', 'asc', 'tsc', 'venv', 'pip'];

interface Outcome {
  readonly code: number | null;
  readonly stderr: string;
  readonly tookMs: number;
}

interface Clone {
  readonly root: string;
  readonly environment: Record<string, string>;
  start(extra?: Record<string, string>): ChildProcess;
  setUp(extra?: Record<string, string>): Promise<Outcome>;
  calls(): string[];
  record(): { python: string | null; pythonProblem?: string };
}

function programs(folder: string): void {
  for (const name of ['sh', 'rm', 'mkdir', 'cp', 'sleep', 'cat']) {
    const found = ['/bin', '/usr/bin'].find((each) => existsSync(join(each, name)));
    assert.ok(found, `${name} is needed by the stand-ins`);
    symlinkSync(join(found, name), join(folder, name));
  }
  writeProgram(join(folder, 'npm'), npmStandIn);
  writeProgram(join(folder, 'python3'), pythonStandIn);
}

function writeProgram(file: string, text: string): void {
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}

function makeClone(): Clone {
  const folder = mkdtempSync(join(tmpdir(), 'set-up-'));
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const root = join(folder, 'clone');
  const bin = join(folder, 'bin');
  for (const each of [bin, join(root, 'core/measure/kernel')]) mkdirSync(each, { recursive: true });
  programs(bin);
  // Its sources would have to be compiled, which the stand-in does for core alone.
  const filter = (path: string) => !path.endsWith('.ts');
  cpSync(join(packageRoot(), 'scripts'), join(root, 'scripts'), { recursive: true, filter });
  const configurations = ['package-lock.json', 'tsconfig.json', 'package.json'];
  for (const name of [...configurations, 'core/a.ts', kernel]) {
    writeFileSync(join(root, name), '{}');
  }
  writeFileSync(join(root, 'requirements.txt'), 'numpy==2.0.0\n');
  writeFileSync(join(folder, 'compiler.cjs'), compilerStandIn);
  writeFileSync(join(folder, 'kernel-compiler.cjs'), kernelCompilerStandIn);
  const calls = join(folder, 'calls');
  writeFileSync(calls, '');
  const environment = {
    PATH: bin,
    HOME: folder,
    CALLS: calls,
    COMPILER: join(folder, 'compiler.cjs'),
    KERNEL_COMPILER: join(folder, 'kernel-compiler.cjs'),
    XDG_CACHE_HOME: join(folder, 'cache'),
  };
  const start = (extra: Record<string, string> = {}) =>
    spawn(process.execPath, [join(root, 'scripts', 'setup.mjs')], {
      env: { ...environment, ...extra },
      stdio: ['ignore', 'inherit', 'pipe'],
    });
  return {
    root,
    environment,
    start,
    setUp: (extra) => outcomeOf(start(extra)),
    calls: () => readFileSync(calls, 'utf8').split('\n').filter(Boolean),
    record: () => JSON.parse(readFileSync(join(root, 'dist', 'set-up.json'), 'utf8')),
  };
}

function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const startMs = performance.now();
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, stderr, tookMs: performance.now() - startMs }));
  });
}

test('a first set-up installs, compiles, makes a Python environment, step by step', async () => {
  const clone = makeClone();
  const { code, stderr } = await clone.setUp();
  assert.equal(code, 0, stderr);
  assert.deepEqual(clone.calls(), first);
  for (const title of ['installing packages', 'compiling', 'installing Python packages']) {
    assert.match(stderr, new RegExp(`^set-up: ${title} \\.\\.\\. \\d+\\.\\d s$`, 'm'));
  }
  assert.ok(existsSync(clone.record().python ?? ''));
});

test('a second set-up does nothing, says nothing and is quick', async () => {
  const clone = makeClone();
  await clone.setUp();
  const { code, stderr, tookMs } = await clone.setUp();
  assert.deepEqual([code, stderr, clone.calls()], [0, '', first]);
  // The promise is 300 ms; the rest is leave for a machine that is busy with other tests.
  assert.ok(tookMs < 1500, `took ${tookMs} ms`);
});

test('only what changed is done again', async () => {
  const clone = makeClone();
  await clone.setUp();
  writeFileSync(join(clone.root, 'core/a.ts'), '{ changed }');
  await clone.setUp();
  assert.deepEqual(clone.calls().slice(5), ['tsc']);
  writeFileSync(join(clone.root, 'package-lock.json'), '{"changed": 1}');
  await clone.setUp();
  assert.deepEqual(clone.calls().slice(6), ['npm', 'tsc']);
  writeFileSync(join(clone.root, 'requirements.txt'), 'numpy==2.0.1\n');
  await clone.setUp();
  assert.deepEqual(clone.calls().slice(8), ['venv', 'pip']);
});

test('the kernel is compiled when its source or its compiler changed, or it is gone', async () => {
  const clone = makeClone();
  await clone.setUp();
  writeFileSync(join(clone.root, kernel), '{ changed }');
  await clone.setUp();
  assert.deepEqual(clone.calls().slice(5), ['asc', 'tsc']);
  assert.equal(readFileSync(join(clone.root, compiledKernel), 'utf8'), '{ changed }');
  writeFileSync(join(clone.root, 'package-lock.json'), '{"changed": 1}');
  await clone.setUp({ KERNEL_COMPILER_IS: '1.0.1' });
  assert.deepEqual(clone.calls().slice(7), ['npm', 'asc', 'tsc']);
  rmSync(join(clone.root, 'dist/core'), { recursive: true });
  writeFileSync(join(clone.root, 'core/a.ts'), '{ changed }');
  await clone.setUp();
  assert.deepEqual(clone.calls().slice(10), ['asc', 'tsc']);
});

test('a kernel that does not compile ends it with 4 and the errors, each time', async () => {
  const clone = makeClone();
  for (const _ of [1, 2]) {
    const { code, stderr } = await clone.setUp({ ASC_FAILS: '1' });
    assert.equal(code, 4);
    assert.match(stderr, /TS1005 in core.*\nset-up: the kernel does not compile\nhint: correct/);
  }
});

test('what was compiled from a source that is gone does not stay', async () => {
  const clone = makeClone();
  writeFileSync(join(clone.root, 'core/b.ts'), '');
  await clone.setUp();
  const compiled = join(clone.root, 'dist/core/b.js');
  assert.ok(existsSync(compiled));
  rmSync(join(clone.root, 'core/b.ts'));
  await clone.setUp();
  assert.ok(!existsSync(compiled));
});

test('without Python it says so in one line, goes on, and tries again the next time', async () => {
  const clone = makeClone();
  const python = join(clone.environment.PATH ?? '', 'python3');
  rmSync(python);
  const { code, stderr } = await clone.setUp();
  assert.equal(code, 0);
  assert.match(stderr, /^set-up: going on without.*no Python 3\.10.*apt-get install python3.*$/m);
  assert.equal(clone.record().python, null);
  assert.match(clone.record().pythonProblem ?? '', /no Python/);
  writeProgram(python, pythonStandIn);
  await clone.setUp();
  assert.ok(existsSync(clone.record().python ?? ''));
});

test('a Python that is too old or lacks venv is named with what fixes it', async () => {
  const old = await makeClone().setUp({ PYTHON_IS: '3.9.2', PYTHON_NUMBER: '[3, 9]' });
  assert.equal(old.code, 0);
  assert.match(old.stderr, /Python 3\.9\.2 is too old, 3\.10 or later/);
  const bare = await makeClone().setUp({ PYTHON_LACKS: '["ensurepip"]' });
  assert.equal(bare.code, 0);
  assert.match(bare.stderr, /lacks its module ensurepip.*apt-get install python3\.11-venv/);
});

test('a Python named by BENCH_PYTHON_BASE that does not start is an error', async () => {
  const { code, stderr } = await makeClone().setUp({ BENCH_PYTHON_BASE: '/nowhere/python3' });
  assert.equal(code, 3);
  assert.match(stderr, /BENCH_PYTHON_BASE is \/nowhere\/python3.*\nhint: /);
});

test('an environment whose packages cannot be installed is made anew', async () => {
  const clone = makeClone();
  const { code, stderr } = await clone.setUp({ PIP_FAILS: '1' });
  assert.equal(code, 0);
  assert.match(stderr, /ERROR: no such wheel; see it whole: .*pip install/);
  await clone.setUp();
  assert.deepEqual(clone.calls(), [...first, 'venv', 'pip']);
});

test('a cache that cannot be written is named with the variable that names another', async () => {
  const clone = makeClone();
  // Neither a file nor the kernel's own tree takes a new folder, whoever asks.
  for (const folder of [join(clone.root, 'package.json'), '/proc/storebench-test']) {
    const { code, stderr } = await clone.setUp({ XDG_CACHE_HOME: folder });
    assert.equal(code, 0);
    assert.ok(stderr.includes(`the cache folder ${folder}/storebench cannot be written`), stderr);
    assert.match(stderr, /name another: export XDG_CACHE_HOME=/);
  }
});

test('BENCH_SKIP_PYTHON leaves Python out and keeps an environment that is there', async () => {
  const clone = makeClone();
  await clone.setUp({ BENCH_SKIP_PYTHON: '1' });
  assert.deepEqual(clone.calls(), ['npm', 'asc', 'tsc']);
  assert.match(clone.record().pythonProblem ?? '', /BENCH_SKIP_PYTHON/);
  await clone.setUp();
  const { stderr } = await clone.setUp({ BENCH_SKIP_PYTHON: '1' });
  assert.equal(stderr, '');
  assert.notEqual(clone.record().python, null);
});

test('packages that cannot be installed end it with 3 and are tried again', async () => {
  const clone = makeClone();
  const { code, stderr } = await clone.setUp({ NPM_EXITS: '1' });
  assert.equal(code, 3);
  assert.match(stderr, /packages were not installed\nhint: .*npm ci/);
  assert.equal((await clone.setUp()).code, 0);
  assert.deepEqual(clone.calls().slice(0, 2), ['npm', 'npm']);
});

test('sources that do not compile end it with 4 and the errors, each time', async () => {
  const clone = makeClone();
  for (const _ of [1, 2]) {
    const { code, stderr } = await clone.setUp({ TSC_FAILS: '1' });
    assert.equal(code, 4);
    assert.match(stderr, /core\/a\.ts\(1,1\): error TS1005\nset-up: the sources do not compile/);
  }
});

test('two at once: one does the work, the other waits and says so', async () => {
  const clone = makeClone();
  const both = await Promise.all([
    clone.setUp({ NPM_SLEEPS: '1' }),
    sleep(400).then(() => clone.setUp()),
  ]);
  assert.deepEqual(
    both.map(({ code }) => code),
    [0, 0],
  );
  assert.match(both[1].stderr, /waiting for another set-up, process \d+/);
  assert.deepEqual(clone.calls(), first);
});

function lockOf(root: string): string {
  const file = join(root, '.cache/set-up.lock');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

test('after a killed set-up the next one waits for its programs and starts over', async () => {
  const clone = makeClone();
  const child = clone.start({ NPM_SLEEPS: '1.5' });
  while (!existsSync(join(clone.root, 'node_modules'))) await sleep(20);
  // What was started between two writes of the lock cannot be known to the next one.
  while (!/"programs":\[\d/.test(lockOf(clone.root))) await sleep(5);
  child.kill('SIGKILL');
  const { code, stderr, tookMs } = await clone.setUp();
  assert.equal(code, 0, stderr);
  assert.match(stderr, /waiting for another set-up/);
  assert.ok(tookMs > 500, `took ${tookMs} ms`);
  assert.deepEqual(clone.calls(), ['npm', ...first]);
});

test('an interrupted set-up ends with 130 and leaves no lock', async () => {
  const clone = makeClone();
  const child = clone.start({ NPM_SLEEPS: '5' });
  while (!existsSync(join(clone.root, 'node_modules'))) await sleep(20);
  child.kill('SIGINT');
  assert.equal((await outcomeOf(child)).code, 130);
  assert.ok(!existsSync(join(clone.root, '.cache/set-up.lock')));
});
