import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runProgram } from '../../../core/calibrate/program.js';

const { signal } = new AbortController();
const limitNs = 10e9;
const shell = (script: string) => ({ file: 'sh', args: ['-c', script], limitNs, signal });

test('a program gives what it printed, and its processor time where the system tells', async () => {
  const { stdout, cpuUs } = await runProgram(shell('echo figures'));
  assert.equal(stdout, 'figures\n');
  assert.equal(cpuUs === undefined, process.platform !== 'linux');
});

test('a program is typed its input, and has what its environment is given', async () => {
  const { stdout } = await runProgram({
    ...shell('cat; echo "$GIVEN"'),
    input: 'typed\n',
    env: { GIVEN: 'set' },
  });
  assert.equal(stdout, 'typed\nset\n');
  // It ends without reading what is more than a pipe holds.
  const { stdout: deaf } = await runProgram({ ...shell('echo'), input: 'x'.repeat(2 ** 21) });
  assert.equal(deaf, '\n');
});

test('a program that fails says why; one that there is not is missing', async () => {
  await assert.rejects(runProgram(shell('echo no such host >&2; exit 3')), {
    code: 'STORE_FAILED',
    message: 'sh failed: no such host',
  });
  const { stdout } = await runProgram({ ...shell('echo said; exit 3'), goodCodes: [0, 3] });
  assert.equal(stdout, 'said\n');
  const missing = { ...shell(''), file: '/nowhere/tool' };
  await assert.rejects(runProgram(missing), { code: 'NO_PACKAGE' });
});

test('a program that does not end is killed at its limit, or by a stop', async () => {
  await assert.rejects(runProgram({ ...shell('exec sleep 30'), limitNs: 20e6 }), {
    code: 'TIMEOUT',
  });
  const abort = new AbortController();
  const stopped = runProgram({ ...shell('exec sleep 30'), signal: abort.signal });
  abort.abort();
  await assert.rejects(stopped, { code: 'INTERRUPTED' });
});
