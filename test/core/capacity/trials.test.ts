import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kneeOf } from '../../../core/capacity/knee.js';
import { parseSlo } from '../../../core/capacity/slo.js';
import { surenessOf } from '../../../core/capacity/sureness.js';
import {
  leastRateQps,
  probeCell,
  trialCell,
  trialTakesS,
  trialTiming,
} from '../../../core/capacity/trials.js';
import type { PlannedCell } from '../../../core/plan.js';
import { settingsOf, trialOf } from './trial-cells.js';

const slo = parseSlo('p99<=20ms');
const plan = { slo, budgetS: 60, itemsPerRequest: 1 };

test('a trial has the requests that its highest percentile takes, a long one ten times', () => {
  // 1,000 and a fifth more, for random arrivals may be fewer than their rate says.
  assert.equal(trialTiming(plan, 600, 'ramp').durationS, 2);
  assert.equal(trialTiming(plan, 100_000, 'bisect').durationS, 1);
  assert.equal(trialTiming(plan, 4000, 'confirm').durationS, 5);
  assert.equal(trialTiming(plan, 2000, 'confirm').durationS, 6);
  // 0.15 of the budget at most, but never less than a trial.
  assert.equal(trialTiming(plan, 1000, 'confirm').durationS, 9);
  assert.equal(trialTiming(plan, 100, 'confirm').durationS, 12);
  assert.equal(trialTiming(plan, 60, 'confirm').durationS, 20);
  const other = { ...plan, slo: parseSlo('p999<=20ms'), itemsPerRequest: 10 };
  assert.equal(trialTiming(other, 60_000, 'ramp').durationS, 2);
  assert.ok(trialTakesS(plan, 500, 'ramp') > 2);
});

test('no rate is tried of which a trial would take more than a fifth of the budget', () => {
  assert.equal(leastRateQps(plan), 1200 / 12);
  assert.equal(leastRateQps({ ...plan, itemsPerRequest: 10 }), 12_000 / 12);
});

test('a trial keeps how requests come, a probe has a few callers', () => {
  const [cell] = settingsOf([{ nprobe: 4 }]) as [PlannedCell];
  const trial = trialCell(cell, { number: 7, rateQps: 1234.5678 });
  assert.equal(trial.id, `${cell.id}-t7`);
  assert.equal(trial.role, 'trial');
  const { rateQps, arrivals, maxInFlight } = trial.streams[0]?.load ?? {};
  assert.deepEqual([rateQps, arrivals, maxInFlight], [1234.57, 'poisson', 64]);
  assert.deepEqual(probeCell(cell, 0).streams[0]?.load, {
    kind: 'closed',
    concurrency: 16,
    connections: 16,
    workers: 1,
    itemsPerRequest: 10,
  });
});

const trial = (rateQps: number, saturated: boolean) => ({
  cell: 'c',
  kind: 'ramp' as const,
  rateQps,
  achievedQps: rateQps,
  verdict: saturated ? ('failed' as const) : ('passed' as const),
  why: [],
  measured: {},
  saturated,
  requests: 1000,
  durationS: 1,
});

test('the knee is the highest rate kept up with, below all that were not', () => {
  const at = (...behind: number[]) =>
    kneeOf([100, 160, 256, 320].map((rate) => trial(rate, behind.includes(rate))));
  assert.equal(at(256, 320), 160);
  // Above a rate that was lost no other counts.
  assert.equal(at(256), 160);
  assert.equal(at(), undefined);
  assert.equal(at(100, 160, 256, 320), undefined);
  // One of three trials at a rate does not decide.
  const mixed = [trial(100, false), trial(200, true), trial(200, false), trial(200, false)];
  assert.equal(kneeOf([...mixed, trial(300, true)]), 200);
});

test('an answer says what it rests on and what would make it surer', () => {
  const found = {
    ending: 'confirmed',
    confirmedQps: 1000,
    passedQps: 1000,
    failedQps: 1028,
  } as const;
  const trials = [trial(1000, false), trial(1028, true), trial(1028, true)];
  const said = surenessOf({ slo, budgetS: 60, found, trials, confirmation: trialOf() });
  assert.match(said, /confirmed by a long trial; the long trial had 2,000 requests in 2\.0 s/);
  assert.match(said, /with 10,000 requests it would be surer/);
  assert.match(said, /3 % above, 2 of 2 trials did not pass\.$/);
  const near = surenessOf({
    ...{ slo: parseSlo('p99<=9.3ms'), budgetS: 60, found, trials },
    confirmation: trialOf(),
  });
  // The interval of the trial's p99 is 8.5 to 9.6 ms.
  assert.match(near, /up to 9\.6 ms, above the limit: not sure/);
  const late = surenessOf({
    ...{ slo, budgetS: 30, trials: [], confirmation: undefined },
    found: { ending: 'out-of-time' },
  });
  assert.match(late, /more than --budget 30s/);
});
