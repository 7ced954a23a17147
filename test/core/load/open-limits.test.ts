import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BenchError } from '../../../core/errors.js';
import {
  answeredQueries,
  assertMs,
  beginOpen,
  courseOf,
  ms,
  type Played,
  playOpen,
  timesOf,
} from './scene.js';
import { VirtualClock } from './virtual-clock.js';

function droppedMs({ dropped }: Played): number[][] {
  return dropped.map(({ intendedNs, nowNs }) => [intendedNs / ms, nowNs / ms]);
}

/** Whole numbers in milliseconds, the second one not included. */
function range(from: number, until: number): number[] {
  return Array.from({ length: until - from }, (_, index) => from + index);
}

test('beyond capacity a line is sent for one time-out more, and the rest is dropped', async () => {
  // Two slots of 4 ms: 500 a second of the 1000 that come. Request 2 m is sent at 4 m ms, request
  // 2 m + 1 at 4 m + 1 ms; the line is dropped at 1200 ms, just before one more would be sent.
  const scene = { perS: 1000, delayMs: () => 4, maxInFlight: 2, timeoutMs: 200, durationMs: 1000 };
  const played = await playOpen(scene);
  assert.deepEqual(
    courseOf(played),
    range(0, 600).map((n) => {
      const sent = 4 * Math.floor(n / 2) + (n % 2);
      return { intended: n, sent, done: sent + 4 };
    }),
  );
  assert.deepEqual(
    droppedMs(played),
    range(600, 1000).map((n) => [n, 1200]),
  );
  const { report, endedNs } = played;
  assert.deepEqual(report.requests, { sent: 600, completed: 600, failed: 0, dropped: 400 });
  assert.deepEqual(report.errors, {});
  // Answers at 4 m + 4 and 4 m + 5 ms below 1000 ms: 249 each.
  assert.equal(report.answered.requests, 498);
  assert.equal(endedNs, 1201 * ms);
  // Those that were dropped waited 201 to 600 ms; number 599, intended at 599 ms and answered at
  // 1201 ms, took longest. They have no service and no wait that ended.
  const response = timesOf(report.histograms.response);
  assert.equal(response.count, 1000);
  assertMs(response.maxMs, 602);
  const counts = [report.histograms.service, report.histograms.queueWait].map((h) => timesOf(h));
  assert.deepEqual(
    counts.map(({ count }) => count),
    [600, 600],
  );
});

test('a line that one time-out suffices for is sent to its end', async () => {
  // 0, 1, ... 9 ms, sent at 0, 4, ... 36 ms; the drain would last until 110 ms.
  const scene = { perS: 1000, delayMs: () => 4, maxInFlight: 1, timeoutMs: 100, durationMs: 10 };
  const { report, endedNs } = await playOpen(scene);
  assert.deepEqual(report.requests, { sent: 10, completed: 10, failed: 0, dropped: 0 });
  assert.equal(endedNs, 40 * ms);
});

test('a time-out is counted with all its time, and what waited goes on', async () => {
  // One slot, a request each 10 ms. The third, sent at 20 ms, is given up at 120 ms; its answer at
  // 320 ms is nobody's.
  const delayMs = (request: number): number => (request === 2 ? 300 : 5);
  const scene = { perS: 100, delayMs, maxInFlight: 1, timeoutMs: 100, durationMs: 1000 };
  const played = await playOpen(scene);
  const { report } = played;
  assert.deepEqual(report.requests, { sent: 100, completed: 99, failed: 1, dropped: 0 });
  assert.deepEqual(report.errors, { TIMEOUT: { count: 1, example: 'no answer within 0.1 s' } });
  // Those of 30, 40, ... ms go at 120, 125, ... ms, until at 30 + 10 i >= 120 + 5 i, i = 18, the
  // line is empty.
  const expected = range(0, 100).map((n) => {
    const sent = n < 3 || n >= 21 ? 10 * n : 120 + 5 * (n - 3);
    return { intended: 10 * n, sent, done: n === 2 ? 120 : sent + 5 };
  });
  assert.deepEqual(courseOf(played), expected);
  for (const moment of ['response', 'service'] as const) {
    const { count, maxMs } = timesOf(report.histograms[moment]);
    assert.equal(count, 100);
    assertMs(maxMs, 100);
  }
  assert.equal(report.answers.length, 2 * 99);
});

test('a store that never answers leaves time-outs and a line that is dropped', async () => {
  // Two slots, each given up after 100 ms: sent at 0, 10, 100, 110, ... 400, 410 ms. The window
  // is over at 400 ms, the drain at 500 ms.
  const delayMs = (): number => Number.POSITIVE_INFINITY;
  const scene = { perS: 100, delayMs, maxInFlight: 2, timeoutMs: 100, durationMs: 400 };
  const played = await playOpen(scene);
  const { report, endedNs, sent } = played;
  assert.equal(sent, 10);
  assert.deepEqual(
    courseOf(played).map((course) => course.sent),
    [0, 10, 100, 110, 200, 210, 300, 310, 400, 410],
  );
  assert.deepEqual(report.requests, { sent: 10, completed: 0, failed: 10, dropped: 30 });
  assert.equal(report.errors.TIMEOUT?.count, 10);
  assert.equal(report.answered.requests, 0);
  assert.equal(endedNs, 510 * ms);
});

test('failures keep their time and their codes, and are no answers', async () => {
  const error = (request: number): Error | undefined =>
    request % 4 === 3 ? Object.assign(new Error('reset'), { code: 'ECONNRESET' }) : undefined;
  const { report } = await playOpen({ perS: 200, delayMs: () => 2, error, durationMs: 1000 });
  assert.deepEqual(report.requests, { sent: 200, completed: 150, failed: 50, dropped: 0 });
  assert.deepEqual(report.errors, { ECONNRESET: { count: 50, example: 'reset' } });
  assert.equal(report.answered.items, 150);
  assert.equal(timesOf(report.histograms.response).count, 200);
  assertMs(timesOf(report.histograms.response).at(1), 2);
});

test('a store that throws instead of giving a promise has failed, the load goes on', async () => {
  const thrown = (request: number): Error | undefined =>
    request % 3 === 1 ? Object.assign(new Error('no socket'), { code: 'EMFILE' }) : undefined;
  const scene = { perS: 1000, delayMs: () => 3, thrown, maxInFlight: 4, durationMs: 30 };
  const played = await playOpen(scene);
  assert.deepEqual(played.report.requests, { sent: 30, completed: 20, failed: 10, dropped: 0 });
  assert.deepEqual(played.report.errors, { EMFILE: { count: 10, example: 'no socket' } });
  const failed = played.flights.filter(({ code }) => code === 'EMFILE');
  // Those of 1, 4, 7, ... ms, at once.
  assert.deepEqual(
    failed.map(({ sentNs, doneNs }) => [sentNs / ms, doneNs / ms]),
    range(0, 10).map((n) => [3 * n + 1, 3 * n + 1]),
  );
});

test('a line of requests that all throw is worked off without an end to the stack', async () => {
  // All of the line of 20,000 fails in the turn in which the first is answered.
  const thrown = (request: number): Error | undefined =>
    request > 0 ? new Error('no socket') : undefined;
  const scene = { perS: 100_000, delayMs: () => 250, thrown, maxInFlight: 1, durationMs: 200 };
  const { report } = await playOpen(scene, { oversleepNs: 10 * ms });
  assert.deepEqual(report.requests, { sent: 20_000, completed: 1, failed: 19_999, dropped: 0 });
});

test('a store that is gone ends the load at once, and the line is dropped', async () => {
  // Two slots of 4 ms: request 2 m is sent at 4 m ms, 2 m + 1 at 4 m + 1 ms. Number 18, sent at 36
  // ms, fails at 40 ms, number 19 at 41 ms.
  const error = (_: number, nowNs: number): Error | undefined =>
    nowNs >= 40 * ms ? new BenchError('HOST_DIED', 'killed by SIGKILL') : undefined;
  const scene = { perS: 1000, delayMs: () => 4, error, maxInFlight: 2, durationMs: 1000 };
  const played = await playOpen(scene);
  const { report, sent, endedNs, window } = played;
  assert.equal(sent, 20);
  assert.equal(endedNs, 41 * ms);
  assert.deepEqual(report.errors, { HOST_DIED: { count: 2, example: 'killed by SIGKILL' } });
  assert.deepEqual([window.isCut, report.windowNs], [true, 40 * ms + 1]);
  // Those of 20, 21, ... 39 ms were in line.
  assert.deepEqual(
    droppedMs(played),
    range(20, 40).map((n) => [n, 40]),
  );
  assert.deepEqual(report.requests, { sent: 20, completed: 18, failed: 2, dropped: 20 });
});

test('a store that is gone while the pacer sleeps is sent nothing more', async () => {
  // The pacer wakes at 0, 6, 11, ... ms. The request of 6 ms is lost at 7.5 ms; those of 7 to 11 ms
  // are due at 11 ms.
  const error = (): Error => new BenchError('HOST_DIED', 'killed by SIGKILL');
  const delayMs = (request: number): number => (request === 6 ? 1.5 : 50);
  const scene = { perS: 1000, delayMs, error, durationMs: 100 };
  const { sent, endedNs } = await playOpen(scene, { oversleepNs: 5 * ms });
  // 0 at 0 ms, 1 to 6 at 6 ms, which come back at 50 and 56 ms.
  assert.equal(sent, 7);
  assert.equal(endedNs, 56 * ms);
});

test('a store that is gone in the warm-up ends the load, and the reason is kept', async () => {
  const error = (): Error => new BenchError('HOST_DIED', 'killed by SIGKILL');
  const scene = { perS: 1000, delayMs: () => 4, error, warmUpMs: 10, durationMs: 1000 };
  const { report, endedNs } = await playOpen(scene);
  // 0, 1, 2, 3 ms, the first of which fails at 4 ms.
  assert.equal(endedNs, 7 * ms);
  assert.deepEqual(report.requests, { sent: 0, completed: 0, failed: 0, dropped: 0 });
  assert.equal(report.errors.HOST_DIED?.example, 'killed by SIGKILL');
  assert.equal(report.windowNs, 0);
});

test('a run that is stopped drops the line, and keeps what was answered', async () => {
  // Request 2 m at 4 m ms, 2 m + 1 at 4 m + 1 ms, the last ones at 48 and 49 ms.
  const scene = { perS: 1000, delayMs: () => 4, maxInFlight: 2, durationMs: 1000, stopMs: 50.5 };
  const played = await playOpen(scene);
  const { report, sent, endedNs, window } = played;
  assert.equal(sent, 26);
  // The pacer looks again at 51 ms.
  assert.deepEqual(
    droppedMs(played),
    range(26, 51).map((n) => [n, 51]),
  );
  assert.deepEqual(report.requests, { sent: 26, completed: 26, failed: 0, dropped: 25 });
  // Those of 0 to 23 were answered by 49 ms; the other two end in the drain.
  assert.equal(report.answered.requests, 24);
  assert.deepEqual([window.isCut, report.windowNs], [true, 50.5 * ms]);
  assert.equal(endedNs, 53 * ms);
});

test('a run that is stopped is seen within 50 ms, however slow the schedule', async () => {
  // The next request is due at 10 s.
  const scene = { perS: 0.1, delayMs: () => 4, durationMs: 60_000, stopMs: 20 };
  const { endedNs, report } = await playOpen(scene);
  assert.equal(endedNs, 50 * ms);
  assert.deepEqual(report.requests, { sent: 1, completed: 1, failed: 0, dropped: 0 });
});

test('a store that answers in the same turn does not starve the rest of the process', async () => {
  // Each request keeps the only thread busy for 3 ms, 1000 a second come: there is always a line.
  const clock = new VirtualClock();
  const stage = { clock, passedAtNs: new Float64Array(1), worker: 0 };
  const scene = { perS: 1000, delayMs: () => 3, inTurn: true, maxInFlight: 1, durationMs: 200 };
  const load = beginOpen({ ...scene, timeoutMs: 100 }, stage);
  const gaps: number[] = [];
  let over = false;
  const observe = async (): Promise<void> => {
    while (!over) {
      const beforeNs = clock.now();
      await clock.sleep(ms);
      gaps.push((clock.now() - beforeNs) / ms);
    }
  };
  const observed = observe();
  const played = await clock.run(
    load.then((result) => {
      over = true;
      return result;
    }),
  );
  void observed;
  // Once the line has formed there is a turn after every four requests, 12 ms.
  assert.ok(gaps.length > 10);
  assert.equal(Math.max(...gaps), 12);
  // From the first request on the thread is never idle: request n is sent at 3 n ms. The drain is
  // over at 300 ms; a turn of the loop may be late by the 12 ms.
  assert.deepEqual(
    courseOf(played).map(({ sent }) => sent),
    range(0, played.sent).map((n) => 3 * n),
  );
  assert.ok(played.sent >= 100 && played.sent <= 104, `${played.sent} sent`);
  assert.equal(played.report.requests.dropped, 200 - played.sent);
  assert.equal(answeredQueries(played.report, 1).length, played.report.answered.items);
});
