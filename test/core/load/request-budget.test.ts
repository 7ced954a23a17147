import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BenchError } from '../../../core/errors.js';
import {
  endsRun,
  isSpent,
  type RequestBudget,
  requestBudget,
  sentOf,
  takeRequest,
} from '../../../core/load/request-budget.js';
import { ms, play, playOpen } from './scene.js';

const spent = { code: 'REQUESTS_SPENT', message: 'all 3 requests of --max-requests were sent' };

/** What the store of a scene throws in place of a request that may not be sent. */
function limitedBy(budget: RequestBudget): () => Error | undefined {
  return () => {
    try {
      takeRequest(budget);
      return undefined;
    } catch (error) {
      return error as Error;
    }
  };
}

test('a budget lets as many requests pass as it has, and no more', () => {
  const budget = requestBudget(3);
  for (const sent of [1, 2, 3]) {
    takeRequest(budget);
    assert.deepEqual([sentOf(budget), isSpent(budget)], [sent, false]);
  }
  for (const _ of [1, 2]) {
    assert.throws(() => takeRequest(budget), spent);
    assert.deepEqual([sentOf(budget), isSpent(budget)], [3, true]);
  }
  takeRequest(undefined);
});

test('what ends a run is its signal, or a budget that is spent', () => {
  const { signal } = new AbortController();
  assert.equal(endsRun(new BenchError('REQUESTS_SPENT', 'all'), signal), true);
  assert.equal(endsRun(new BenchError('STORE_FAILED', 'no'), signal), false);
  assert.equal(endsRun(new Error('bug'), AbortSignal.abort()), true);
});

test('a closed load ends with its budget, and what was not sent is not counted', async () => {
  const budget = requestBudget(10);
  const { report, window, endedNs, flights } = await play({
    delayMs: () => 1,
    thrown: limitedBy(budget),
    concurrency: 2,
    warmUpMs: 2,
    durationMs: 100,
  });
  // Two each at 0, 1, 2, 3 and 4 ms; at 5 ms nothing may be sent. The window begins at 2 ms.
  assert.equal(flights.length, 10);
  assert.deepEqual(report.requests, { sent: 6, completed: 6, failed: 0, dropped: 0 });
  assert.deepEqual(report.errors, {});
  // Answers at 2, 3, 4 and 5 ms.
  assert.equal(report.answered.requests, 8);
  assert.equal(window.isCut, true);
  assert.equal(report.windowNs, 3 * ms + 1);
  assert.ok(endedNs < 60 * ms, `ended at ${endedNs} ns`);
});

test('a budget that ends in the warm-up leaves an empty window', async () => {
  const budget = requestBudget(3);
  const scene = { delayMs: () => 1, warmUpMs: 50, durationMs: 100 };
  const { report, window } = await play({ ...scene, thrown: limitedBy(budget) });
  assert.deepEqual([window.isCut, report.windowNs], [true, 0]);
  assert.deepEqual(report.requests, { sent: 0, completed: 0, failed: 0, dropped: 0 });
});

test('an open load ends with its budget; what was due and not sent is dropped', async () => {
  const budget = requestBudget(5);
  const scene = { perS: 1000, delayMs: () => 0.5, durationMs: 100 };
  const { report, window, flights } = await playOpen({ ...scene, thrown: limitedBy(budget) });
  // Sent at 0, 1, 2, 3 and 4 ms; the one of 5 ms may not be.
  assert.equal(flights.length, 5);
  assert.deepEqual(report.requests, { sent: 5, completed: 5, failed: 0, dropped: 1 });
  assert.equal(window.isCut, true);
  assert.equal(report.windowNs, 5 * ms + 1);
});

test('what waits in the line of an open load is dropped with the budget', async () => {
  const budget = requestBudget(3);
  const scene = { perS: 1000, delayMs: () => 3.5, durationMs: 100, maxInFlight: 1 };
  const played = await playOpen({ ...scene, thrown: limitedBy(budget) });
  // Sent at 0, 3.5 and 7 ms; at 10.5 ms the one of 3 ms may not be, nor those of 4 to 10 ms.
  assert.deepEqual(played.report.requests, { sent: 3, completed: 3, failed: 0, dropped: 8 });
  assert.deepEqual(
    played.dropped.map(({ intendedNs }) => intendedNs / ms),
    [3, 4, 5, 6, 7, 8, 9, 10],
  );
  assert.equal(played.report.windowNs, 10.5 * ms + 1);
});
