import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BenchError } from '../../../core/errors.js';
import { answeredQueries, assertMs, begin, ms, play, timesOf } from './scene.js';
import { VirtualClock } from './virtual-clock.js';

test('callers with 1 ms of service answer a thousand requests a second each', async () => {
  for (const concurrency of [1, 3]) {
    const scene = { delayMs: () => 1, concurrency, warmUpMs: 10, durationMs: 100 };
    const { report, sent } = await play(scene);
    // Answers at 10, 11, ... 109 ms; what is sent at 109 ms is answered in the drain.
    assert.equal(report.answered.items, 100 * concurrency);
    assert.equal(report.windowNs, 100 * ms);
    assert.deepEqual(report.requests, {
      sent: 100 * concurrency,
      completed: 100 * concurrency,
      failed: 0,
      dropped: 0,
    });
    assert.equal(sent, 110 * concurrency);
    const { count, at, maxMs } = timesOf(report.histograms.service);
    assert.equal(count, 100 * concurrency);
    for (const value of [at(0.1), at(50), at(99), maxMs]) assertMs(value, 1);
  }
});

test('percentiles are those of the delays', async () => {
  // Of each hundred one takes 50 ms and nine take 10 ms: 90 + 90 + 50 = 230 ms a round.
  const delayMs = (request: number): number => {
    const place = request % 100;
    return place === 99 ? 50 : place >= 90 ? 10 : 1;
  };
  const { report } = await play({ delayMs, durationMs: 2300, bodies: 10 });
  assert.equal(report.answered.items, 999);
  assert.equal(report.requests.completed, 1000);
  const { at, maxMs } = timesOf(report.histograms.service);
  assertMs(at(50), 1);
  assertMs(at(90), 1);
  assertMs(at(90.1), 10);
  assertMs(at(99), 10);
  assertMs(at(99.1), 50);
  assertMs(maxMs, 50);
});

test('an answer in the window to a request of the warm-up is throughput, not latency', async () => {
  // Sent at 0 and 30 ms; answered at 30 and 60 ms; the window is 20..50 ms.
  const scene = { delayMs: () => 30, bodies: 1, warmUpMs: 20, durationMs: 30, k: 1 };
  const { report } = await play(scene);
  assert.equal(report.answered.requests, 1);
  assert.equal(report.answers.length, 2);
  assert.equal(report.requests.sent, 1);
});

test('an answer in the drain to a request of the window is latency, not throughput', async () => {
  const delayMs = (request: number): number => (request === 3 ? 500 : 10);
  const { report, endedNs } = await play({ delayMs, bodies: 2, durationMs: 50 });
  // Answers at 10, 20 and 30 ms; the fourth comes at 530 ms.
  assert.equal(report.answered.items, 3);
  assert.equal(report.requests.completed, 4);
  assertMs(timesOf(report.histograms.service).maxMs, 500);
  assert.equal(endedNs, 530 * ms);
  assert.equal(report.windowNs, 50 * ms);
});

test('a stalled request is a TIMEOUT with all its waiting time, its caller goes on', async () => {
  const delayMs = (request: number): number => (request === 2 ? 300 : 10);
  const { report } = await play({ delayMs, bodies: 2, durationMs: 1000, timeoutMs: 100 });
  // Sent at 20 ms, given up at 120 ms or one look of the sweep (5 ms) later, then 10 ms each.
  assert.deepEqual(report.errors.TIMEOUT, { count: 1, example: 'no answer within 0.1 s' });
  assert.equal(report.requests.failed, 1);
  const { count, maxMs } = timesOf(report.histograms.service);
  assert.equal(count, report.requests.sent);
  assert.ok(maxMs >= 99.9 && maxMs <= 105.2, `${maxMs} ms`);
  // (1000 - 120 or 125) / 10 and the two before; the late answer at 320 ms is none of them.
  assert.ok([89, 90].includes(report.answered.items), `${report.answered.items} answers`);
  assert.equal(report.answers.length, 2 * report.answered.items);
});

test('a late answer does not stand for the request that took its place', async () => {
  // The first stalls for 150 ms; the second, sent at 100 ms in its place, is answered at 200 ms.
  const delayMs = (request: number): number => (request === 0 ? 150 : 99);
  const { report } = await play({
    delayMs,
    bodies: 1,
    durationMs: 190,
    timeoutMs: 100,
    maxMs: 190,
  });
  assert.equal(report.requests.failed, 1);
  assert.equal(report.answered.items, 0);
  const { count, at } = timesOf(report.histograms.service);
  assert.equal(count, 2);
  assertMs(at(50), 99);
});

test('a store that never answers ends with the window, every request a TIMEOUT', async () => {
  const delayMs = (): number => Number.POSITIVE_INFINITY;
  const { report, endedNs } = await play({
    delayMs,
    concurrency: 2,
    bodies: 1000,
    durationMs: 200,
    maxMs: 400,
    timeoutMs: 100,
  });
  assert.equal(report.requests.completed, 0);
  assert.equal(report.errors.TIMEOUT?.count, report.requests.sent);
  assert.equal(report.windowNs, 400 * ms);
  assert.ok(endedNs <= 520 * ms, `ended at ${endedNs} ns`);
});

test('the window is stretched until every query was answered once', async () => {
  for (const concurrency of [1, 2, 5]) {
    const bodies = 60;
    const { report, window } = await play({
      delayMs: () => 1,
      concurrency,
      bodies,
      warmUpMs: 7,
      durationMs: 5,
    });
    const queries = answeredQueries(report, 1);
    assert.equal(new Set(queries).size, bodies, `at ${concurrency} in flight`);
    // 60 answers to queries in turn, c of them every millisecond from 7 ms on.
    const lastMs = 7 + Math.ceil(bodies / concurrency) - 1;
    assert.equal(window.endNs, lastMs * ms + 1);
  }
});

test('a query that stalls holds the pass up, though others overtake it', async () => {
  // The query of body 30 takes 200 ms when it is first asked, all else 1 ms.
  const delayMs = (request: number): number => (request === 30 ? 200 : 1);
  const { report } = await play({ delayMs, concurrency: 2, bodies: 60, durationMs: 10 });
  assert.equal(new Set(answeredQueries(report, 1)).size, 60);
});

test('the window is stretched to its limit and not beyond', async () => {
  const { report, window } = await play({
    delayMs: () => 1,
    bodies: 1000,
    durationMs: 10,
    maxMs: 50,
  });
  assert.equal(window.endNs, 50 * ms);
  // Answers at 1, 2, ... 49 ms.
  assert.equal(report.answered.items, 49);
});

test('workers end at the same moment, once the slowest has answered all its queries', async () => {
  const clock = new VirtualClock();
  const passedAtNs = new Float64Array(2);
  const scene = { bodies: 20, warmUpMs: 3, durationMs: 10 };
  const [fast, slow] = await clock.run(
    Promise.all([
      begin({ ...scene, delayMs: () => 1 }, { clock, passedAtNs, worker: 0 }),
      begin({ ...scene, delayMs: () => 4 }, { clock, passedAtNs, worker: 1 }),
    ]),
  );
  assert.equal(fast.window.endNs, slow.window.endNs);
  // The slow one answers at 4, 8, ... 80 ms, and says so 5 ms ahead.
  assert.equal(slow.window.endNs, 85 * ms);
  // Answers at 3, 4, ... 84 ms and at 4, 8, ... 84 ms.
  assert.equal(fast.report.answered.items, 82);
  assert.equal(slow.report.answered.items, 21);
  assert.equal(new Set(answeredQueries(slow.report, 1)).size, 20);
});

test('a store that is gone ends the load at once', async () => {
  const error = (_: number, nowNs: number): Error | undefined =>
    nowNs >= 40 * ms ? new BenchError('HOST_DIED', 'killed by SIGKILL') : undefined;
  const scene = { delayMs: () => 4, error, concurrency: 3, warmUpMs: 10, durationMs: 1000 };
  const { report, sent, endedNs } = await play(scene);
  assert.equal(endedNs, 40 * ms);
  assert.equal(sent, 30);
  assert.deepEqual(report.errors.HOST_DIED, { count: 3, example: 'killed by SIGKILL' });
  // Answers at 12, 16, ... 36 ms; the window is cut where the store was lost.
  assert.equal(report.answered.items, 21);
  assert.equal(report.windowNs, 30 * ms + 1);
});

test('a store that is gone in the warm-up ends the load, and the reason is kept', async () => {
  const error = (): Error => new BenchError('HOST_DIED', 'killed by SIGKILL');
  const scene = { delayMs: () => 4, error, concurrency: 2, warmUpMs: 10, durationMs: 1000 };
  const { report, endedNs } = await play(scene);
  assert.equal(endedNs, 4 * ms);
  assert.equal(report.answered.items, 0);
  assert.equal(report.errors.HOST_DIED?.example, 'killed by SIGKILL');
});

test('failures keep their time and their codes, and are no answers', async () => {
  const error = (request: number): Error | undefined =>
    request % 4 === 3 ? Object.assign(new Error('reset'), { code: 'ECONNRESET' }) : undefined;
  const { report } = await play({ delayMs: () => 5, error, durationMs: 1000 });
  // Ends at 5, 10, ... 995 ms: 199 in the window; the 200th is sent in it.
  assert.deepEqual(report.requests, { sent: 200, completed: 150, failed: 50, dropped: 0 });
  assert.deepEqual(report.errors, { ECONNRESET: { count: 50, example: 'reset' } });
  assert.equal(report.answered.items, 150);
  assert.equal(timesOf(report.histograms.service).count, 200);
});

test('a batch counts each of its queries and wraps at the end of the query file', async () => {
  const { report } = await play({
    delayMs: () => 1,
    batch: 4,
    bodies: 3,
    queries: 10,
    durationMs: 10,
    k: 2,
  });
  // Answers at 1, 2, ... 9 ms of the batches 0 1 2 0 1 2 0 1 2; the third wraps to rows 0 and 1.
  assert.deepEqual(report.answered, { requests: 9, items: 36 });
  const round = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1];
  assert.deepEqual(answeredQueries(report, 2), [...round, ...round, ...round]);
});

test('engine time stands beside the overhead, request by request', async () => {
  const { report } = await play({ delayMs: () => 5, engineNs: 2 * ms, durationMs: 100 });
  assertMs(timesOf(report.histograms.engine).at(50), 2);
  assertMs(timesOf(report.histograms.overhead).at(99), 3);
  assert.equal(report.histograms.hostQueue, undefined);
  assert.equal(report.histograms.response, undefined);
});
