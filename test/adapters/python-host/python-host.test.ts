import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { findPython } from '../../../core/host/python.js';
import { packageRoot } from '../../../core/paths.js';

test('the Python side of the engine host passes its own tests', async () => {
  const folder = join(packageRoot(), 'test', 'adapters', 'python-host');
  const args = ['-B', '-m', 'unittest', 'discover', '-s', folder];
  const ran = spawnSync(await findPython(), args, { encoding: 'utf8' });
  assert.equal(ran.status, 0, `${ran.error ?? ''}${ran.stderr}`);
  const count = /Ran (\d+) tests/.exec(ran.stderr)?.[1];
  assert.ok(Number(count) > 20, `ran ${count} tests`);
});
