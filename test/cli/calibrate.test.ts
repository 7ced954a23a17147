import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatContest } from '../../cli/calibration-table.js';
import type { ContestResult } from '../../core/calibrate/result.js';
import { heldContest } from '../core/calibrate/scenes.js';
import { callBench } from './bench-call.js';
import { withFolder } from './bench-process.js';

test('a contest is shown by medians and ratios, with what is to be known of them', () => {
  assert.equal(
    formatContest(heldContest()),
    `null-http: the null store behind HTTP
null-http, v20.20.2; 50 connections, 2 rounds of 4 s

median of           version           requests/s  p50 ms  p99 ms  client CPU us
------------------  ----------------  ----------  ------  ------  -------------
bench               0.1.0 0123456789       9,000    5.25       -             82
a bare undici loop  7.30.2                10,000       5       -              -

bench over                requests/s            p50 ms  p99 ms  client CPU us
------------------  ----------------  ----------------  ------  -------------
a bare undici loop  0.90 (0.88-0.92)  1.05 (1.00-1.10)       -              -

bench over others: geometric means of the rounds with 95 % intervals
of its own
not there: wrk (apt-get install wrk)
`,
  );
});

test('one round has no intervals, and what disturbed a contest is printed', () => {
  const warnings = [{ code: 'FOREIGN_CPU', message: 'others took 40 %' }];
  const text = formatContest({ ...heldContest(), rounds: 1, warnings } satisfies ContestResult);
  assert.match(text, /1 round of 4 s/);
  assert.match(text, /\nbench over others: one round says nothing of the spread\n/);
  assert.match(text, /\nwarning FOREIGN_CPU: others took 40 %\n/);
});

test('an unknown contest and options out of range are mistakes of the caller', async () => {
  await withFolder(async (folder) => {
    const said = async (...args: string[]) => callBench(['calibrate', ...args], { folder });
    const unknown = await said('--only', 'null-htp');
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /^error UNKNOWN_NAME: there is no contest null-htp; .*null-http/);
    const options = [
      ['--rounds', '0'],
      ['--duration', 'long'],
      ['--duration', ''],
      ['--connections', '1001'],
    ];
    for (const [option = '', value = ''] of options) {
      const { code, stderr } = await said(option, value);
      assert.equal(code, 2, option);
      assert.match(stderr, /^error BAD_ARGUMENT: option '--.* is invalid/);
    }
  });
});
