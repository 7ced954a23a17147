import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { findPython } from '../../../core/host/python.js';
import { packageRoot } from '../../../core/paths.js';

test('the Python side of the engine host passes its own tests', async (context) => {
  const folder = join(packageRoot(), 'test', 'adapters', 'python-host');
  const args = ['-B', '-m', 'unittest', 'discover', '-v', '-s', folder];
  const ran = spawnSync(await findPython(), args, { encoding: 'utf8' });
  assert.equal(ran.status, 0, `${ran.error ?? ''}${ran.stderr}`);
  const count = /Ran (\d+) tests/.exec(ran.stderr)?.[1];
  assert.ok(Number(count) > 20, `ran ${count} tests`);
  // Engines whose packages are installed on demand leave their files out where they are not.
  for (const [, why] of ran.stderr.matchAll(/ skipped ['"](.*)['"]$/gm)) {
    context.diagnostic(`not tested: ${why}`);
  }
});
