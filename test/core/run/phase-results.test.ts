import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StreamReport } from '../../../core/load/assignment.js';
import { phasesOf } from '../../../core/load/phases.js';
import type { Load } from '../../../core/result.js';
import { type PhaseFigures, phaseFigures } from '../../../core/run/phase-results.js';
import { nsPerS } from '../../../core/units.js';
import { assertMs, beginOpen, type OpenScene, oneByOne } from '../load/scene.js';
import { VirtualClock } from '../load/virtual-clock.js';

const flow = { workers: 1, connections: 64, maxInFlight: 64, itemsPerRequest: 1 };
const ramp: Load = { kind: 'ramp', fromQps: 100, toQps: 800, steps: 4, stepS: 1, ...flow };
const spike: Load = {
  kind: 'spike',
  baseQps: 100,
  burstQps: 1000,
  burstS: 0.5,
  beforeS: 1,
  afterS: 2,
  ...flow,
};

/** Measures a load in virtual time, with one server that takes 2 ms a request: 500 a second. */
async function measure(load: Load, change: Partial<OpenScene> = {}): Promise<PhaseFigures> {
  const phases = phasesOf(load, 1);
  const later = phases.slice(1).map(({ rateQps }, index) => ({
    fromMs: phases.slice(0, index + 1).reduce((sum, { durationS }) => sum + durationS * 1000, 0),
    perS: rateQps,
  }));
  const scene: OpenScene = {
    perS: phases[0]?.rateQps ?? 0,
    later,
    delayMs: oneByOne(2),
    maxInFlight: 4096,
    bodies: 1,
    durationMs: phases.reduce((sum, { durationS }) => sum + durationS * 1000, 0),
    keepOutcomes: true,
    ...change,
  };
  const clock = new VirtualClock();
  const passedAtNs = new Float64Array(load.workers);
  const played = await clock.run(
    Promise.all(
      [...passedAtNs.keys()].map((worker) => beginOpen(scene, { clock, passedAtNs, worker })),
    ),
  );
  return phaseFigures(
    load,
    1,
    played.map(({ report }) => report),
  );
}

test('a ramp is told by steps, and its knee is the last rate that was kept up with', async () => {
  const { phases = [], kneeQps, recoveryS } = await measure(ramp);
  assert.equal(kneeQps, 400);
  assert.equal(recoveryS, undefined);
  assert.deepEqual(
    phases.map(({ name, rateQps, beginS, durationS }) => [name, rateQps, beginS, durationS]),
    [
      ['step-0', 100, 0, 1],
      ['step-1', 200, 1, 1],
      ['step-2', 400, 2, 1],
      ['step-3', 800, 3, 1],
    ],
  );
  // Up to 400/s every request is answered 2 ms on, before the step ends. Then the server is busy:
  // answers at 3.002, 3.004, ... 3.998 s, 499 of them.
  assert.deepEqual(
    phases.map(({ offered, throughputQps, saturated }) => [offered, throughputQps, saturated]),
    [
      [100, 100, false],
      [200, 200, false],
      [400, 400, false],
      [800, 499, true],
    ],
  );
  assert.ok(phases.every(({ offered, completed }) => completed === offered));
  for (const { response } of phases.slice(0, 3)) {
    assertMs(response?.p50 ?? 0, 2);
    assertMs(response?.max ?? 0, 2);
  }
  // Request i of the last step comes at 1.25 i ms and is done at 2 (i + 1): 2 + 0.75 i ms, i = 0 ..
  // 799. Rank 400 is i = 399.
  const { p50 = 0, max = 0, mean = 0 } = phases[3]?.response ?? {};
  assertMs(p50, 301.25);
  assertMs(max, 601.25);
  assertMs(mean, 301.625);
});

test('the knee is the same with two workers that share the rate', async () => {
  const { phases = [], kneeQps } = await measure({ ...ramp, workers: 2 });
  assert.equal(kneeQps, 400);
  assert.deepEqual(
    phases.map(({ offered, throughputQps }) => [offered, throughputQps]),
    [
      [100, 100],
      [200, 200],
      [400, 400],
      [800, 499],
    ],
  );
});

test('the knee of a queue with Poisson arrivals is below the capacity and next to it', async () => {
  // An M/D/1 queue of 500/s, at 100, 200, 400 and 800/s: 0.8 of the capacity is kept up with,
  // with a mean response of 2 + 2 * 0.8 / (2 * 0.2) = 6 ms (Pollaczek and Khinchine), 1.6 is not.
  for (const seed of [1, 2, 3, 4, 5]) {
    const steady = { ...ramp, stepS: 3 };
    const { phases = [], kneeQps } = await measure(steady, { arrivals: 'poisson', seed });
    assert.equal(kneeQps, 400, `seed ${seed}`);
    const mean = phases[2]?.response?.mean ?? 0;
    // Of 4,000 such queues of 3 s, simulated in Python, all but one in 500 had means of 4.27 to
    // 10.73 ms.
    assert.ok(mean > 4.27 && mean < 10.73, `${mean} ms with seed ${seed}`);
  }
});

test('a ramp saturated at once has no knee, one that never is ends at its knee', async () => {
  const steep = await measure({ ...ramp, fromQps: 600, toQps: 1200, steps: 2 });
  assert.deepEqual([steep.kneeQps, steep.phases?.length], [undefined, 2]);
  const flat = await measure({ ...ramp, fromQps: 100, toQps: 450, steps: 2 });
  assert.equal(flat.kneeQps, 450);
});

test('a spike is over when the line that it left has been worked off', async () => {
  const { phases = [], recoveryS, kneeQps } = await measure(spike);
  // 500 requests in 0.5 s, of which 250 are served: 250 are left, of which 500 - 100 a second are
  // worked off: 0.625 s. Request j after the burst, at 10 j ms, takes 502 - 8 j ms down to 6 ms at
  // j = 62. Of the tenth of a second from 0.6 s on three of ten are slow, its median is not.
  assert.equal(recoveryS, 0.6);
  assert.equal(kneeQps, undefined);
  assert.deepEqual(
    phases.map(({ name, rateQps, beginS, durationS }) => [name, rateQps, beginS, durationS]),
    [
      ['before', 100, 0, 1],
      ['burst', 1000, 1, 0.5],
      ['after', 100, 1.5, 2],
    ],
  );
  // In the burst answers at 1.002, 1.004, ... 1.498 s: 249. Then at 1.500, ... 2.126 s (j = 62):
  // 314; and one for each of the 137 requests from j = 63 on, the last at 3.492 s.
  assert.deepEqual(
    phases.map(({ offered, throughputQps, saturated }) => [offered, throughputQps, saturated]),
    [
      [100, 100, false],
      [500, 249 / 0.5, true],
      [200, (314 + 137) / 2, false],
    ],
  );
  assertMs(phases[1]?.response?.max ?? 0, 501);
  assertMs(phases[2]?.response?.max ?? 0, 502);
});

test('recovery takes what the surplus of the burst takes at the rate that is left', async () => {
  const cases = [
    { baseQps: 50, burstQps: 800, burstS: 1 },
    { baseQps: 250, burstQps: 750, burstS: 0.4 },
    { baseQps: 400, burstQps: 900, burstS: 0.2 },
    { baseQps: 100, burstQps: 2000, burstS: 0.3 },
  ];
  for (const { baseQps, burstQps, burstS } of cases) {
    const { recoveryS = -1 } = await measure({ ...spike, baseQps, burstQps, burstS });
    const expectedS = ((burstQps - 500) * burstS) / (500 - baseQps);
    assert.ok(Math.abs(recoveryS - expectedS) <= 0.1, `${recoveryS} s, not ${expectedS} s`);
  }
});

test('a burst within capacity leaves no trace: recovery takes no time', async () => {
  const { recoveryS, phases = [] } = await measure({ ...spike, burstQps: 400 });
  assert.equal(recoveryS, 0);
  assert.ok(phases.every(({ saturated }) => !saturated));
});

test('a recovery that was not seen is absent', async () => {
  const { recoveryS, phases = [] } = await measure({ ...spike, afterS: 0.5 });
  assert.equal(recoveryS, undefined);
  assert.equal(phases.length, 3);
});

test('a window that was cut has the phases that it reached, as far as it got', async () => {
  const inBurst = await measure(spike, { stopMs: 1250 });
  assert.equal(inBurst.recoveryS, undefined);
  assert.deepEqual(
    inBurst.phases?.map(({ name, durationS, offered }) => [name, durationS, offered]),
    [
      ['before', 1, 100],
      ['burst', 0.25, 250],
    ],
  );
  const atOnce = await measure(spike, { stopMs: 0 });
  assert.deepEqual(atOnce.phases, []);
});

/** A report of a window of 2 s with these requests: intended and response in s, outcome. */
function reportOf(...requests: readonly (readonly [number, number, number])[]): StreamReport {
  const values = requests.flatMap(([intended, response, outcome]) => [
    Math.round(intended * nsPerS),
    Math.round(response * nsPerS),
    outcome,
  ]);
  return {
    name: 'search',
    startNs: 0,
    windowNs: 2 * nsPerS,
    requests: { sent: 0, completed: 0, failed: 0, dropped: 0 },
    answered: { requests: 0, items: 0 },
    errors: {},
    histograms: {},
    timeline: [],
    slices: [],
    answers: new Int32Array(),
    outcomes: Float64Array.from(values),
  };
}

test('a phase counts what was intended in it, and answers that came in it', () => {
  const load = { ...ramp, steps: 2, itemsPerRequest: 8 };
  const [done, failed, dropped] = [0, 1, 2];
  const one = reportOf([0, 0.5, done], [0.9, 0.1, done], [0.999, 0.5, failed], [0.5, 2, dropped]);
  const two = reportOf([0.25, 0.25, failed], [1, 0.999999999, done], [1.5, 0.5, done]);
  const { phases = [] } = phaseFigures(load, 1, [one, two]);
  const counts = phases.map(({ offered, completed, failed, dropped }) => ({
    offered,
    completed,
    failed,
    dropped,
  }));
  assert.deepEqual(counts, [
    { offered: 5, completed: 2, failed: 2, dropped: 1 },
    { offered: 2, completed: 2, failed: 0, dropped: 0 },
  ]);
  // In the first second one answer, at 0.5 s; in the second those at 1 s and at 1.999999999 s. The
  // last one comes when the window is over. Eight queries each.
  assert.deepEqual(
    phases.map(({ throughputQps }) => throughputQps),
    [8, 16],
  );
  // Failed and dropped ones are in the response: 0.1, 0.25, 0.5, 0.5 and 2 s.
  assert.equal(phases[0]?.response?.count, 5);
  assertMs(phases[0]?.response?.p50 ?? 0, 500);
  assertMs(phases[0]?.response?.max ?? 0, 2000);
});

test('requests that failed at once were handled, dropped ones were not', () => {
  const times = Array.from({ length: 100 }, (_, n) => n / 100);
  const failing = times.map((s) => [s, 0.001, 1] as const);
  // Given up before the step was over, as when the store is lost.
  const waiting = times.map((s) => [s, 0.999 - s, 2] as const);
  const saturated = [failing, waiting].map((requests) => {
    const { phases } = phaseFigures({ ...ramp, steps: 2 }, 1, [reportOf(...requests)]);
    return phases?.[0]?.saturated;
  });
  assert.deepEqual(saturated, [false, true]);
});

test('a phase in which nothing was intended has no response time', () => {
  const { phases = [], kneeQps } = phaseFigures({ ...ramp, steps: 2 }, 1, [
    reportOf([0.5, 0.1, 0]),
  ]);
  assert.equal(phases[1]?.response, undefined);
  assert.equal(phases[1]?.throughputQps, 0);
  assert.equal(kneeQps, 800);
});

test('closed and open loads have no phases', () => {
  const closed: Load = { kind: 'closed', concurrency: 1, ...flow };
  const open: Load = { kind: 'open', rateQps: 100, ...flow };
  const report = reportOf([0.5, 0.1, 0]);
  assert.deepEqual(
    [closed, open].map((load) => phaseFigures(load, 1, [report])),
    [{}, {}],
  );
});
