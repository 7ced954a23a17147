import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeLoad, fixedDurationS, phasesOf } from '../../../core/load/phases.js';
import type { Load } from '../../../core/result.js';

const flow = { workers: 1, connections: 64, maxInFlight: 64, itemsPerRequest: 1 };
const closed: Load = { kind: 'closed', concurrency: 4, ...flow };
const open: Load = { kind: 'open', rateQps: 2000, arrivals: 'poisson', ...flow };
const ramp: Load = { kind: 'ramp', fromQps: 100, toQps: 800, steps: 4, stepS: 2, ...flow };
const spike: Load = {
  kind: 'spike',
  baseQps: 50,
  burstQps: 500,
  burstS: 0.5,
  beforeS: 3,
  afterS: 4,
  ...flow,
};

test('an open load is one phase for as long as the suite says', () => {
  assert.deepEqual(phasesOf(open, 7), [{ name: 'open', rateQps: 2000, durationS: 7 }]);
});

test('the rates of a ramp have one factor between them', () => {
  // (800 / 100)^(1 / 3) = 2.
  assert.deepEqual(phasesOf(ramp, 7), [
    { name: 'step-0', rateQps: 100, durationS: 2 },
    { name: 'step-1', rateQps: 200, durationS: 2 },
    { name: 'step-2', rateQps: 400, durationS: 2 },
    { name: 'step-3', rateQps: 800, durationS: 2 },
  ]);
});

test('a ramp begins and ends at the rates that were asked for, whatever the steps', () => {
  for (const steps of [2, 3, 7, 11]) {
    const rates = phasesOf({ ...ramp, fromQps: 3.3, toQps: 1700, steps }, 7).map((p) => p.rateQps);
    assert.deepEqual([rates.length, rates[0], rates.at(-1)], [steps, 3.3, 1700]);
    // In logarithms the steps are even: ln(1700 / 3.3) = 6.244461061571873
    const step = 6.244461061571873 / (steps - 1);
    rates.forEach((rate, index) => {
      assert.ok(Math.abs(Math.log(rate / 3.3) - index * step) < 1e-8, `${rate} of ${steps}`);
    });
  }
});

test('steps without a length of their own last as long as the suite says', () => {
  const { stepS: _, ...short } = ramp;
  assert.deepEqual(
    phasesOf(short, 7).map(({ durationS }) => durationS),
    [7, 7, 7, 7],
  );
});

test('a spike is the base rate, the burst, and the base rate again', () => {
  assert.deepEqual(phasesOf(spike, 7), [
    { name: 'before', rateQps: 50, durationS: 3 },
    { name: 'burst', rateQps: 500, durationS: 0.5 },
    { name: 'after', rateQps: 50, durationS: 4 },
  ]);
  const { beforeS: _before, afterS: _after, ...short } = spike;
  assert.deepEqual(
    phasesOf(short, 7).map(({ durationS }) => durationS),
    [7, 0.5, 7],
  );
});

test('a closed load has no phases', () => {
  assert.deepEqual(phasesOf(closed, 7), []);
});

test('ramps and spikes last as long as their phases, other loads as the suite says', () => {
  const lengths = [closed, open, ramp, spike].map((load) => fixedDurationS(load, 7));
  assert.deepEqual(lengths, [undefined, undefined, 8, 7.5]);
});

test('a load is described in a few words', () => {
  assert.deepEqual(
    [closed, open, ramp, spike, { ...closed, itemsPerRequest: 16 }].map(describeLoad),
    [
      'closed 4',
      'open 2000/s poisson',
      'ramp 100..800/s',
      'spike 50>500/s for 0.5 s',
      'closed 4, batch 16',
    ],
  );
});
