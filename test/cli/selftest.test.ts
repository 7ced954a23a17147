import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { selftestSchema } from '../../core/selftest/result.js';
import { scenariosOf } from '../../core/selftest/scenarios.js';
import { callBench } from './bench-call.js';
import { runBench, withFolder } from './bench-process.js';

test('the harness measures right: the short self-test', async () => {
  await withFolder(async (folder) => {
    const args = ['selftest', '--short', '--out', 'proof'];
    const { code, stdout } = await runBench(args, { folder });
    assert.equal(code, 0, stdout);
    const path = join(folder, 'proof', 'selftest.json');
    const found = selftestSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    assert.equal(found.form, 'short');
    assert.equal(found.right, found.checked);
    assert.equal(found.checked, found.checks.length);
    assert.ok(stdout.includes(`\n${found.right} of ${found.checked} checks are right\n`), stdout);
    assert.ok(stdout.includes('a closed loop hides a stall'));
    assert.ok(stdout.trimEnd().endsWith(path));
    for (const { name } of scenariosOf('short')) {
      assert.ok(stdout.includes(`\n${name} `), `${name} has a row`);
    }
  });
});

test('both forms have every law, kind of load, answer, store, pacer and number of workers', () => {
  for (const form of ['full', 'short'] as const) {
    const scenarios = scenariosOf(form);
    const values = (of: (scenario: (typeof scenarios)[number]) => unknown) =>
      [...new Set(scenarios.map(of))].map(String).sort();
    assert.deepEqual(
      values(({ options }) => options.law),
      ['bimodal', 'constant', 'lognormal'],
    );
    assert.deepEqual(
      values(({ options }) => options.answers ?? 'true'),
      ['half', 'repeated', 'short', 'true', 'wrong'],
    );
    assert.deepEqual(
      values(({ store }) => store),
      ['null', 'null-http'],
    );
    assert.deepEqual(
      values(({ load }) => `${load.kind} ${'arrivals' in load ? load.arrivals : ''}`.trim()),
      ['closed', 'open', 'open poisson'],
    );
    assert.deepEqual(
      values(({ pacer }) => pacer),
      ['sleep', 'spin'],
    );
    assert.deepEqual(
      values(({ workers }) => workers),
      ['1', '2'],
    );
    for (const has of ['concurrency', 'errorFraction']) {
      assert.ok(
        scenarios.some(({ options }) => has in options),
        has,
      );
    }
    assert.equal(new Set(scenarios.map(({ name }) => name)).size, scenarios.length);
  }
});

test('a folder that cannot be made is told before anything is measured', async () => {
  await withFolder(async (folder) => {
    const { code, stderr } = await callBench(['selftest', '--out', '/dev/null/x'], { folder });
    assert.equal(code, 3);
    assert.match(stderr, /^error NOT_WRITABLE: /);
  });
});

test('an option that there is not is a mistake of the caller', async () => {
  await withFolder(async (folder) => {
    const { code, stderr } = await callBench(['selftest', '--quick'], { folder });
    assert.equal(code, 2);
    assert.match(stderr, /error BAD_ARGUMENT: unknown option '--quick'/);
  });
});
