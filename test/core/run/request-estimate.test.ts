import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSlo } from '../../../core/capacity/slo.js';
import { makePlan, type Plan } from '../../../core/plan.js';
import { estimateRequests, leastRequests } from '../../../core/run/request-estimate.js';
import type { Suite, SuiteStream } from '../../../core/suite.js';
import { exactTarget, nullTarget, smallSuite } from './small-run.js';

// 8 MiB hold 8192 rows of 256 float32, so that 10,000 rows go in two batches.
const dataset = {
  name: 'small',
  metric: 'l2',
  rows: 10_000,
  dimensions: 256,
  queries: 60,
} as const;

function planOf(streams: Suite['streams'], measure: Partial<Suite['measure']> = {}): Plan {
  const times = { warmUpS: 0.5, durationS: 2, repeats: 3, ...measure };
  const suite = { ...smallSuite, streams, measure: times, targets: ['exact', 'null'] };
  const targets = [exactTarget, nullTarget];
  return makePlan({ suiteName: 'small', suite, dataset, targets, seed: 1 });
}

function searching(load: SuiteStream['load'], more: Partial<SuiteStream> = {}): SuiteStream {
  return { operation: 'search', k: 10, load, ...more };
}

test('inserts and verification are counted for the targets that are asked for', () => {
  const plan = planOf([searching([{ kind: 'closed', concurrency: 1 }])]);
  const one = estimateRequests(plan, ['exact']);
  assert.deepEqual([one.builds, one.inserts], [1, 2]);
  // All 60 queries, and 20 rows, the first and the last, that must find themselves.
  assert.deepEqual(one.verifying, { least: 60, most: 82 });
  const both = estimateRequests(plan, ['exact', 'null']);
  assert.deepEqual([both.builds, both.inserts], [2, 4]);
  // A stand-in knows no rows.
  assert.deepEqual(both.verifying, { least: 120, most: 142 });
  assert.equal(leastRequests(both), 124);
  assert.deepEqual(estimateRequests(plan, []).verifying, { least: 0, most: 0 });
});

test('of closed loads the time is known, and what it is at 10 ms an answer', () => {
  const plan = planOf([searching([{ kind: 'closed', concurrency: [1, 4] }])]);
  const { closed, scheduled } = estimateRequests(plan, ['exact']);
  // Three repeats of 2.5 s on one connection, and on four.
  assert.equal(closed.cells, 6);
  assert.equal(closed.connectionS, 37.5);
  assert.equal(closed.assumed, 3750);
  assert.deepEqual(scheduled, { cells: 0, least: 0, most: 0 });
});

test('a window lasts until each query was sent once, however short it is', () => {
  const short = { warmUpS: 0, durationS: 0.1, repeats: 1 };
  const load: SuiteStream['load'] = [{ kind: 'closed', concurrency: 1 }];
  const { closed } = estimateRequests(planOf([searching(load)], short), ['exact']);
  assert.equal(closed.assumed, 60);
  // Ten queries in a request make six of a pass, and 0.1 s are ten of 10 ms.
  const batches = planOf([searching(load, { batch: 10 })], short);
  assert.equal(estimateRequests(batches, ['exact']).closed.assumed, 10);
});

test('open loads send by their rate: in a window of the least and of the longest time', () => {
  const plan = planOf([searching([{ kind: 'open', rateQps: [100, 1000] }], { batch: 10 })]);
  const { scheduled, closed } = estimateRequests(plan, ['exact']);
  // 0.5 s and 2 s at 10 and at 100 requests a second, three times.
  assert.equal(scheduled.least, 3 * 2.5 * 110);
  // A first cell warms up 1 s longer; windows are stretched to 12 s at most.
  assert.equal(scheduled.most, 3 * 13.5 * 110);
  assert.deepEqual([scheduled.cells, closed.cells], [6, 0]);
});

test('ramps and spikes send what their phases say', () => {
  const ramp = { kind: 'ramp', fromQps: 100, toQps: 400, steps: 3, stepS: 1 } as const;
  const spike = { kind: 'spike', baseQps: 10, burstQps: 500, burstS: 2 } as const;
  const plan = planOf([searching([ramp, spike])], { repeats: 1 });
  const { scheduled } = estimateRequests(plan, ['exact']);
  // 100, 200 and 400, and 0.5 s at 100 before; 20, 1000 and 20, and 0.5 s at 10.
  assert.equal(scheduled.least, 750 + 1045);
  // One second more of warm-up each.
  assert.equal(scheduled.most, 750 + 1045 + 110);
});

test('a search for the highest rate has its time, and the requests of a trial', () => {
  const plan = planOf([searching([{ kind: 'open', rateQps: 1 }])], { repeats: 1 });
  const task = { slo: parseSlo('p99<=20ms'), budgetS: 30, tune: [] };
  const estimate = estimateRequests(plan, ['exact', 'null'], task);
  assert.deepEqual(estimate.capacity, { seconds: 60, least: 2000 });
  assert.equal(estimate.scheduled.cells, 0);
  assert.equal(leastRequests(estimate), 4 + 120 + 2000);
});
