import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findPython } from '../../../core/host/python.js';
import { packageRoot } from '../../../core/paths.js';

/** What tests in Python printed, which all passed. @param pattern of the names of their files */
export async function runPythonTests(pattern: string): Promise<{ count: number; text: string }> {
  const folder = join(packageRoot(), 'test', 'adapters', 'python-host');
  const args = ['-B', '-m', 'unittest', 'discover', '-v', '-s', folder, '-p', pattern];
  const ran = spawnSync(await findPython(), args, { encoding: 'utf8' });
  assert.equal(ran.status, 0, `${ran.error ?? ''}${ran.stderr}`);
  const count = /Ran (\d+) tests/.exec(ran.stderr)?.[1];
  return { count: Number(count), text: ran.stderr };
}
