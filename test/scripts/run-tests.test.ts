import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { packageRoot } from '../../core/paths.js';

const passing = "require('node:test').test('passes', () => {});\n";
const failing = "require('node:test').test('fails', () => { throw new Error('no'); });\n";
const skipping = "require('node:test').test('left out', { skip: true }, () => {});\n";

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly counts: Record<string, number> | undefined;
}

/** Runs `scripts/test.mjs` in a package that has these compiled files and nothing else. */
function runTests(files: Record<string, string>, args: string[] = [], stores = ''): Outcome {
  const root = mkdtempSync(join(tmpdir(), 'run-tests-'));
  after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'scripts'));
  cpSync(join(packageRoot(), 'scripts/test.mjs'), join(root, 'scripts/test.mjs'));
  writeFileSync(join(root, 'package.json'), '{"type": "commonjs"}');
  for (const [name, text] of Object.entries(files)) {
    const file = join(root, 'dist', name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const countsFile = join(root, 'counts.json');
  const { NODE_TEST_CONTEXT: _, INIT_CWD: __, ...inherited } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'scripts/test.mjs'), ...args],
    {
      cwd: root,
      encoding: 'utf8',
      env: { ...inherited, BENCH_TEST_COUNTS: countsFile, BENCH_STORES: stores },
    },
  );
  const counts = status === 2 ? undefined : JSON.parse(readFileSync(countsFile, 'utf8'));
  return { code: status, stdout, stderr, counts };
}

test('all files are run but those that need stores or a browser', () => {
  const { code, stdout, counts } = runTests({
    'test/a.test.js': passing,
    'test/core/b.test.js': passing,
    'test/integration/c.test.js': failing,
    'test/browser/d.test.js': failing,
    'test/fixtures/not-a-test.js': failing,
  });
  assert.equal(code, 0, stdout);
  assert.equal(counts?.passed, 2);
  assert.match(stdout, /^test files: 2, tests: 2 in /m);
});

test('one failing test makes the exit code 1 and is counted', () => {
  const { code, counts, stdout } = runTests({
    'test/a.test.js': passing,
    'test/b.test.js': failing,
  });
  assert.equal(code, 1);
  assert.deepEqual([counts?.passed, counts?.failed], [1, 1]);
  assert.match(stdout, /^1 passed, 1 failed, 0 skipped$/m);
});

test('a file that cannot be loaded and a failing hook are failures', () => {
  const hook =
    "const t = require('node:test'); t.describe('g', () => { t.before(() => { throw 1; }); });";
  assert.equal(runTests({ 'test/a.test.js': 'syntax error(' }).code, 1);
  assert.equal(runTests({ 'test/a.test.js': hook }).code, 1);
});

test('a test that is left out is named at the end', () => {
  const { stdout } = runTests({ 'test/a.test.js': passing + skipping });
  assert.match(stdout, /^skipped: left out$/m);
});

test('arguments name sources or folders, and an unknown one is refused', () => {
  const files = { 'test/a.test.js': failing, 'test/browser/b.test.js': passing };
  assert.equal(runTests(files, ['test/browser/b.test.ts']).code, 0);
  assert.equal(runTests(files, ['test/browser']).code, 0);
  const { code, stderr } = runTests(files, ['test/nope.test.ts']);
  assert.equal(code, 2);
  assert.match(stderr, /no test file or folder test\/nope\.test\.ts\nhint: /);
});

test('the last line names the stores that a contract test left out', () => {
  const leaving = (name: string) => {
    const says = `(t) => t.diagnostic('not tested: ${name}: it is away')`;
    return `require('node:test').test('${name}', ${says});\n`;
  };
  const files = { 'test/a.test.js': leaving('qdrant') + leaving('sqlite-vec') + leaving('qdrant') };
  const last = (stdout: string) => stdout.trimEnd().split('\n').at(-1);
  const none = runTests({ 'test/a.test.js': passing }).stdout;
  assert.equal(last(none), 'stores not tested: none asked for');
  const unasked = runTests(files).stdout;
  assert.equal(last(unasked), 'stores not tested: qdrant, sqlite-vec (none asked for)');
  const some = runTests(files, [], 'redis').stdout;
  assert.equal(last(some), 'stores not tested: qdrant, sqlite-vec (asked for: redis)');
});
