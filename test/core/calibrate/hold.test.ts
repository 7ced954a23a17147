import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Contest, Contestant } from '../../../core/calibrate/contest.js';
import { type HoldInput, holdContest } from '../../../core/calibrate/hold.js';
import { contestSchema } from '../../../core/calibrate/result.js';
import { BenchError } from '../../../core/errors.js';
import { silentProgress } from '../../../core/progress.js';
import { measured, playing } from './scenes.js';

const input: HoldInput = {
  conditions: { connections: 8, warmUpS: 1, durationS: 4 },
  rounds: 2,
  seed: 1,
  tool: { name: 'bench', version: '0.1.0' },
  loadTarget: () => Promise.reject(new Error('no store is asked for')),
  cacheFolder: '/nowhere',
  progress: silentProgress,
  signal: new AbortController().signal,
};

/** A contest of these, and how often its server was ended. */
function contestOf(...contestants: Contestant[]): { contest: Contest; ends: () => number } {
  let ended = 0;
  const contest: Contest = {
    name: 'known',
    title: 'a known contest',
    target: 'known',
    startsServer: true,
    against: 'undici',
    open: async () => ({
      server: 'known 1',
      contestants,
      close: async () => {
        ended += 1;
      },
    }),
  };
  return { contest, ends: () => ended };
}

const bench = () => playing('bench', [measured(9), measured(18)]);
const undici = () => playing('undici', [measured(10), measured(20)]);
const wrk = (): Contestant => ({
  ...playing('wrk', []),
  find: async () => ({ missing: 'apt-get install wrk' }),
  measure: () => Promise.reject(new Error('it is not there')),
});

test('a contest ends with everyone’s figures and bench’s ratios, its server ended', async () => {
  const { contest, ends } = contestOf(bench(), undici());
  const held = await holdContest(contest, input);
  assert.deepEqual(contestSchema.parse(held), held);
  assert.equal(ends(), 1);
  const { connections, rounds, durationS, server, contestants } = held;
  assert.deepEqual([connections, rounds, durationS, server], [8, 2, 4, 'known 1']);
  assert.deepEqual(contestants[0]?.ratios, {});
  // 9 / 10 and 18 / 20 are both 0.9.
  assert.ok(Math.abs((contestants[1]?.ratios.requestsPerS?.ratio ?? 0) - 0.9) < 1e-12);
});

test('a tool that is not there is named, and the others go on', async () => {
  const held = await holdContest(contestOf(bench(), wrk(), undici()).contest, input);
  assert.equal(held.contestants[1]?.missing, 'apt-get install wrk');
  assert.deepEqual(held.contestants[1]?.figures, {});
  assert.ok(held.orders.every((order) => !order.includes('wrk')));
});

test('a contest with nobody but bench is none', async () => {
  const { contest, ends } = contestOf(bench(), wrk());
  await assert.rejects(holdContest(contest, input), { code: 'NO_PACKAGE' });
  assert.equal(ends(), 1);
});

test('a contest that fails ends its server and says why', async () => {
  const failing = playing('undici', [measured(1, { errors: 1, firstError: 'status 500' })]);
  const { contest, ends } = contestOf(bench(), failing);
  await assert.rejects(holdContest(contest, input), (error) => {
    assert.ok(error instanceof BenchError);
    assert.match(error.message, /undici: 1 requests failed, the first: status 500/);
    return true;
  });
  assert.equal(ends(), 1);
});

test('what disturbed the machine is said once, with how often', async () => {
  const note = (message: string) => ({ warnings: [{ code: 'FOREIGN_CPU', message }] });
  const disturbed = playing('bench', [measured(9, note('9.0 %')), measured(18, note('7.0 %'))]);
  const held = await holdContest(contestOf(disturbed, undici()).contest, input);
  assert.deepEqual(held.warnings, [{ code: 'FOREIGN_CPU', message: '9.0 % (and 1 more)' }]);
});
