import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BenchError, codeOf, type ErrorCode, messageOf } from '../../core/errors.js';

test('an error prints its code, its message and its hint', () => {
  const error = new BenchError('BAD_ARGUMENT', 'k must be 1..10, got 11', { hint: 'lower k' });
  assert.equal(error.format(), 'error BAD_ARGUMENT: k must be 1..10, got 11\nhint: lower k');
  assert.equal(new BenchError('TIMEOUT', 'too late').format(), 'error TIMEOUT: too late');
});

test('the exit code says whose fault it is', () => {
  // The exit codes of the command line: 2 what the person wrote, 3 the world, 130 interrupted.
  const expected: Partial<Record<ErrorCode, number>> = {
    BAD_ARGUMENT: 2,
    BAD_SUITE: 2,
    UNKNOWN_NAME: 2,
    RESUME_DIFFERS: 2,
    BAD_DATA: 3,
    DISK_FULL: 3,
    NO_PYTHON: 3,
    VERIFY_FAILED: 3,
    INTERRUPTED: 130,
  };
  for (const [code, exitCode] of Object.entries(expected)) {
    assert.equal(new BenchError(code as ErrorCode, '').exitCode, exitCode, code);
  }
});

test('the cause is kept', () => {
  const cause = new Error('inner');
  assert.equal(new BenchError('BAD_DATA', 'outer', { cause }).cause, cause);
  assert.equal('cause' in new BenchError('BAD_DATA', 'outer'), false);
});

test('anything that is thrown has a message and a code', () => {
  assert.equal(messageOf(new Error('broken')), 'broken');
  assert.equal(messageOf('a text'), 'a text');
  assert.equal(codeOf(Object.assign(new Error('gone'), { code: 'ECONNRESET' })), 'ECONNRESET');
  assert.equal(codeOf(new BenchError('HOST_DIED', 'gone')), 'HOST_DIED');
  assert.equal(codeOf(Object.assign(new Error('odd'), { code: 7 })), 'ERROR');
  assert.equal(codeOf(undefined), 'ERROR');
});
