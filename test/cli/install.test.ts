import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { callBench } from './bench-call.js';
import { type Ended, withFolder } from './bench-process.js';

// Stands in for npm: it writes down its arguments, then does what a test says.
const npmHead = `
const { mkdirSync, appendFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const args = process.argv.slice(2);
appendFileSync(process.env.CALLS, JSON.stringify(args) + '\\n');
const modules = join(args[args.indexOf('--prefix') + 1], 'node_modules');
function install(name, code) {
  mkdirSync(join(modules, name), { recursive: true });
  const version = args.find((arg) => arg.startsWith(name + '@'))?.split('@').at(-1) ?? '1.0.0';
  writeFileSync(join(modules, name, 'package.json'), JSON.stringify({ name, version }));
  writeFileSync(join(modules, name, 'index.js'), code);
}
`;
const fakeUsearch = `
install('usearch', 'exports.Index = class {};');
const native = "() => ({ hardwareAccelerationAvailable: () => 'serial, haswell' })";
install('node-gyp-build', 'module.exports = ' + native);
`;

/** What `bench doctor --install` left. */
interface Outcome extends Ended {
  /** The arguments of each call of the tool. */
  readonly calls: readonly (readonly string[])[];
  /** What is in the cache folder. */
  readonly cached: readonly string[];
}

/** Surroundings with a cache of their own and stand-ins for npm and Python. */
async function install(
  names: readonly string[],
  tools: { readonly npm?: string; readonly python?: string; readonly times?: number },
): Promise<Outcome> {
  return withFolder(async (folder) => {
    const files = {
      npm: join(folder, 'npm-cli.js'),
      python: join(folder, 'python'),
      calls: join(folder, 'calls'),
    };
    writeFileSync(files.npm, npmHead + (tools.npm ?? ''));
    writeFileSync(files.python, `#!/bin/sh\necho "$@" >> "$CALLS"\n${tools.python ?? ''}\n`);
    chmodSync(files.python, 0o755);
    const env = {
      XDG_CACHE_HOME: join(folder, 'cache'),
      npm_execpath: files.npm,
      BENCH_PYTHON: files.python,
      CALLS: files.calls,
    };
    let ended = await callBench(['doctor', '--install', ...names], { folder, env });
    for (let more = 1; more < (tools.times ?? 1); more++) {
      ended = await callBench(['doctor', '--install', ...names], { folder, env });
    }
    const calls = existsSync(files.calls) ? readFileSync(files.calls, 'utf8') : '';
    const cache = join(folder, 'cache', 'storebench');
    return {
      ...ended,
      calls: calls.split('\n').filter(Boolean).map(argumentsOf),
      cached: existsSync(cache) ? readdirSync(cache) : [],
    };
  });
}

function argumentsOf(line: string): string[] {
  return line.startsWith('[') ? (JSON.parse(line) as string[]) : line.split(' ');
}

test('a package is installed without its scripts, in one version, and tried out', async () => {
  const { code, stderr, stdout, calls, cached } = await install(['usearch'], { npm: fakeUsearch });
  assert.equal(code, 0, stderr);
  assert.equal(stdout, '');
  const [first = [], ...others] = calls;
  assert.deepEqual(others, []);
  for (const wanted of ['install', '--ignore-scripts', '--omit=optional', '--no-save']) {
    assert.ok(first.includes(wanted), wanted);
  }
  const specs = first.filter((arg, at) => at > 0 && !arg.startsWith('-') && !arg.startsWith('/'));
  assert.deepEqual(specs, ['usearch@2.25.3']);
  assert.equal(cached.length, 1);
  assert.match(cached[0] ?? '', /^packages-[0-9a-f]{16}$/);
  const lines = stderr.trimEnd().split('\n');
  assert.match(
    lines[0] ?? '',
    /^install: usearch: usearch@2\.25\.3: from the npm registry into \//,
  );
  assert.match(lines[1] ?? '', /^install: usearch: works: 2\.25\.3, SIMD serial, haswell/);
});

test('the client of a server is installed where the server is not there', async () => {
  const npm = "install('@qdrant/js-client-rest', ''); install('@qdrant/js-client-grpc', '');";
  const { code, stderr } = await install(['qdrant'], { npm });
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /^install: qdrant: installed, and its server is not there: .*bench up qdrant/m,
  );
});

test('what is there is not installed again', async () => {
  const { code, stderr, calls } = await install(['usearch'], { npm: fakeUsearch, times: 2 });
  assert.equal(code, 0);
  assert.equal(calls.length, 1);
  assert.match(stderr, /usearch@2\.25\.3: there already, in \//);
});

test('an installation that fails leaves nothing and exits with its last words', async () => {
  const npm = `
    install('usearch', '');
    for (let line = 0; line < 40; line++) console.error('line ' + line);
    process.exit(7);`;
  const { code, stderr, cached } = await install(['usearch'], { npm });
  assert.equal(code, 3);
  assert.deepEqual(cached, []);
  assert.match(stderr, /error NO_PACKAGE: installing for usearch: npm failed:\nline 28\n/);
  assert.match(stderr, /line 39\nhint: see it whole: .*npm-cli\.js install --prefix/);
});

test('a package that was installed and does not work ends with 3 and the reason', async () => {
  const npm = "install('usearch', 'throw new Error(\"no build for this system\");');";
  const { code, stderr } = await install(['usearch'], { npm });
  assert.equal(code, 3);
  assert.match(stderr, /error NO_PACKAGE: usearch does not work here: .*no build for this system/);
});

test('a Python package is installed by the Python that the engines use', async () => {
  const python = 'echo "error: no compiler here"; exit 1';
  const { code, stderr, calls } = await install(['hnswlib'], { python });
  assert.equal(code, 3);
  const [first = []] = calls;
  assert.deepEqual(first.slice(0, 4), ['-I', '-m', 'pip', 'install']);
  assert.match(first.at(-1) ?? '', /^hnswlib==\d+\.\d+\.\d+$/);
  assert.match(stderr, /^install: hnswlib: hnswlib==[\d.]+: from PyPI for \//);
  assert.match(stderr, /error NO_PACKAGE: installing for hnswlib: pip failed:\n.*no compiler here/);
});

test('a name that is no target is refused before anything is installed', async () => {
  const { code, stderr, calls } = await install(['usearch', 'userach'], { npm: fakeUsearch });
  assert.equal(code, 2);
  assert.match(stderr, /error UNKNOWN_NAME: there is no target userach; .*usearch/);
  assert.deepEqual(calls, []);
});

test('a target without packages of its own says so', async () => {
  const { code, stderr, calls } = await install(['exact'], {});
  assert.equal(code, 0);
  assert.equal(stderr, 'install: exact: needs nothing that the set-up did not bring\n');
  assert.deepEqual(calls, []);
});

test('a run on a target whose package is missing says how to install it', () =>
  withFolder(async (folder) => {
    const env = { XDG_CACHE_HOME: join(folder, 'cache') };
    const args = ['run', '--suite', 'smoke', '--target', 'usearch', '--quiet'];
    const { code, stderr } = await callBench(args, { folder, env });
    assert.equal(code, 3);
    assert.match(stderr, /error NO_PACKAGE: target usearch does not work here: .*not installed/);
    assert.match(stderr, /hint: bench doctor --install usearch/);
  }));
