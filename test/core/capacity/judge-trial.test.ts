import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeTrial } from '../../../core/capacity/judge-trial.js';
import { parseSlo } from '../../../core/capacity/slo.js';
import { type Seen, trialOf, usualRecall } from './trial-cells.js';

const judge = (slo: string, seen?: Seen, isLong = false) =>
  judgeTrial(trialOf(seen), { slo: parseSlo(slo), isLong });

test('a trial passes by the whole SLO, and says what it measured of it', () => {
  const { verdict, why, measured } = judge('p99<=10ms,service.p50<=3ms,recall>=0.9,errors<=1%');
  assert.deepEqual({ verdict, why }, { verdict: 'passed', why: [] });
  assert.deepEqual(measured, { p99: 9, 'service.p50': 2, recall: 0.96, errors: 0 });
});

test('each condition that is not met is told with its value and what was wanted', () => {
  const { verdict, why } = judge('p99<=8ms,recall>=0.98,qps>=1200');
  assert.equal(verdict, 'failed');
  assert.deepEqual(why, [
    'p99 9 ms, wanted p99<=8ms',
    'recall 0.960, wanted recall>=0.98',
    'qps 1,000/s, wanted qps>=1200',
  ]);
});

test('a value that misses its limit by little does not look equal to it', () => {
  const { why } = judge('p99<=20ms', { response: { p99: 20.0004 } });
  assert.deepEqual(why, ['p99 20.0004 ms, wanted p99<=20ms']);
});

test('a request that failed or was never sent has recall 0 and is an error', () => {
  const requests = { offered: 2000, sent: 1950, completed: 1900, failed: 50, dropped: 50 };
  const { verdict, measured } = judge('recall>=0.95,errors<=1%', { operation: { requests } });
  assert.equal(verdict, 'failed');
  // 1900 of 2000 answered: 0.96 x 0.95, and 1 - 0.95.
  assert.ok(Math.abs((measured.recall ?? 0) - 0.912) < 1e-12);
  assert.ok(Math.abs((measured.errors ?? 0) - 0.05) < 1e-12);
});

test('a short trial fails by the whole interval of its recall, a long one by the mean', () => {
  const recall = { ...usualRecall, mean: 0.945, low: 0.93, high: 0.96 };
  assert.equal(judge('recall>=0.95', { operation: { recall } }).verdict, 'passed');
  assert.equal(judge('recall>=0.95', { operation: { recall } }, true).verdict, 'failed');
});

test('a store that fell behind fails, whatever its latency', () => {
  const { verdict, why } = judge('p99<=10s', { saturated: true, throughputQps: 801 });
  assert.equal(verdict, 'failed');
  assert.deepEqual(why, ['the store handled 801 of 1,000 queries a second']);
});

test('a percentile that too few requests tell is not met', () => {
  const cell = trialOf({ response: { count: 800 } });
  const response = cell.streams[0]?.operations.search?.latencyMs.response;
  assert.ok(response !== undefined);
  delete response.p99;
  const { verdict, why, measured } = judgeTrial(cell, { slo: parseSlo('p99<=1s'), isLong: false });
  assert.equal(verdict, 'failed');
  assert.deepEqual(why, ['p99: 800 requests do not tell it']);
  assert.deepEqual(measured, {});
});

test('what fails beside a client at its limit says nothing of the store', () => {
  const limited = judge('p99<=5ms', { clientLimited: true });
  assert.equal(limited.verdict, 'client');
  assert.match(limited.why[1] ?? '', /--workers/);
  const late = { code: 'PACER_LAG', message: 'fired 3 ms late' };
  assert.equal(judge('p99<=5ms', { invalid: [late] }).verdict, 'client');
  // It met the SLO all the same.
  assert.equal(judge('p99<=10ms', { clientLimited: true, invalid: [late] }).verdict, 'passed');
});

test('a percentile that the pacer moved fails by the client, others by the store', () => {
  const response = { pacerLimited: ['p50'] };
  const moved = judge('p50<=1ms', { response });
  assert.equal(moved.verdict, 'client');
  assert.match(moved.why.join(), /--pacer spin/);
  assert.equal(judge('p50<=1ms,p99<=5ms', { response }).verdict, 'failed');
});
