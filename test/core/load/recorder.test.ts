import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RecorderOptions, StreamRecorder } from '../../../core/load/recorder.js';
import { MeasureWindow } from '../../../core/load/window.js';
import { assertMs, ms, timesOf } from './scene.js';

const options: RecorderOptions = {
  name: 'search',
  kind: 'closed',
  k: 1,
  batch: 1,
  queries: 10,
  batches: [7, 8, 9],
  maxJudged: undefined,
  seed: 1,
};
const ids = Int32Array.of(5);

/** A window from 1 s until the given second. */
function recorderUntil(endS: number, change: Partial<RecorderOptions> = {}): StreamRecorder {
  const times = { startNs: 1000 * ms, minEndNs: endS * 1000 * ms, maxEndNs: endS * 1000 * ms };
  const window = new MeasureWindow(times, new Float64Array(1), 0);
  window.isOver(endS * 1000 * ms);
  return new StreamRecorder({ ...options, ...change }, window);
}

/** A request by its moments in milliseconds. */
function flight(moments: { intended?: number; fired?: number; sent: number; done: number }) {
  const { sent, done, intended = sent, fired = sent } = moments;
  const intendedNs = intended * ms;
  return { intendedNs, firedNs: fired * ms, sentNs: sent * ms, doneNs: done * ms, body: 1 };
}

test('an answer is recorded with the query of its body', () => {
  const recorder = recorderUntil(2);
  recorder.succeed(flight({ sent: 1100, done: 1101 }), { ids });
  assert.deepEqual([...recorder.report().answers], [8, 5]);
});

test('an answer at the very end of the window is outside of it', () => {
  const recorder = recorderUntil(2);
  recorder.succeed(flight({ sent: 1999, done: 2000 }), { ids });
  recorder.succeed(flight({ sent: 2000, done: 2001 }), { ids });
  const report = recorder.report();
  assert.equal(report.answered.requests, 0);
  assert.equal(report.requests.completed, 1);
});

test('failed requests are counted by code, with an example and their time', () => {
  const recorder = recorderUntil(2);
  recorder.fail(flight({ sent: 1100, done: 1300 }), 'ECONNRESET', 'first');
  recorder.fail(flight({ sent: 1300, done: 1400 }), 'ECONNRESET', 'second');
  recorder.fail(flight({ sent: 1400, done: 1401 }), 'TIMEOUT', 'late');
  recorder.fail(flight({ sent: 900, done: 1100 }), 'EARLY', 'sent in the warm-up');
  const report = recorder.report();
  assert.deepEqual(report.requests, { sent: 3, completed: 0, failed: 3, dropped: 0 });
  assert.deepEqual(report.errors, {
    ECONNRESET: { count: 2, example: 'first' },
    TIMEOUT: { count: 1, example: 'late' },
  });
  assert.equal(timesOf(report.histograms.service).count, 3);
  assert.equal(report.answers.length, 0);
});

test('the timeline counts each second of the window by when requests ended', () => {
  const recorder = recorderUntil(4);
  recorder.succeed(flight({ sent: 990, done: 1010 }), { ids });
  recorder.succeed(flight({ sent: 1500, done: 1530 }), { ids });
  recorder.fail(flight({ sent: 1500, done: 1999 }), 'X', 'x');
  recorder.succeed(flight({ sent: 1990, done: 3000 }), { ids });
  const { timeline } = recorder.report();
  const counts = timeline.map(({ completed, failed }) => [completed, failed]);
  assert.deepEqual(counts, [
    [2, 1],
    [0, 0],
    [1, 0],
  ]);
  const maxima = timeline.map(({ histogram }) => Math.round(timesOf(histogram).maxMs));
  assert.ok(Math.abs((maxima[0] as number) - 499) <= 1);
  assert.ok(Math.abs((maxima[2] as number) - 1010) <= 1);
});

test('seconds in which nothing ends stay in the timeline, at its end too', () => {
  const recorder = recorderUntil(5);
  recorder.succeed(flight({ sent: 1500, done: 1530 }), { ids });
  const { timeline } = recorder.report();
  assert.deepEqual(
    timeline.map(({ completed }) => completed),
    [1, 0, 0, 0],
  );
});

test('under open load response counts from the intended moment', () => {
  const recorder = recorderUntil(2, { kind: 'open' });
  // Intended at 1100, the pacer woke 2 ms late, a slot was free 30 ms later, service 8 ms.
  const moments = { intended: 1100, fired: 1102, sent: 1132, done: 1140 };
  recorder.succeed(flight(moments), { ids, engineNs: 3 * ms, hostQueueNs: ms });
  // Intended before the window, sent in it: not of its requests.
  recorder.succeed(flight({ intended: 950, fired: 950, sent: 1001, done: 1002 }), { ids });
  const { histograms, requests } = recorder.report();
  assert.equal(requests.sent, 1);
  const expected = {
    response: 40,
    service: 8,
    queueWait: 30,
    pacerLag: 2,
    engine: 3,
    overhead: 5,
    hostQueue: 1,
    firedToDone: 38,
  };
  for (const [moment, expectedMs] of Object.entries(expected)) {
    const { maxMs, count } = timesOf(histograms[moment as keyof typeof histograms]);
    assert.equal(count, 1, moment);
    assert.ok(Math.abs(maxMs - expectedMs) <= expectedMs / 1000, `${moment}: ${maxMs} ms`);
  }
});

test('a moment without values has no histogram', () => {
  const { histograms } = recorderUntil(2).report();
  assert.deepEqual(histograms, {});
});

test('under open load what was intended in the window counts, whenever it was sent', () => {
  const recorder = recorderUntil(2, { kind: 'open' });
  // Sent and answered after the window, failed after it; and intended at its very end.
  recorder.succeed(flight({ intended: 1999, sent: 2500, done: 2600 }), { ids });
  recorder.fail(flight({ intended: 1000, sent: 2400, done: 2900 }), 'TIMEOUT', 'late');
  recorder.succeed(flight({ intended: 2000, sent: 2000, done: 2001 }), { ids });
  recorder.fail(flight({ intended: 999, sent: 1000, done: 1001 }), 'EARLY', 'of the warm-up');
  const { requests, answered, errors, histograms, timeline } = recorder.report();
  assert.deepEqual(requests, { sent: 2, completed: 1, failed: 1, dropped: 0 });
  assert.deepEqual(Object.keys(errors), ['TIMEOUT']);
  assert.equal(answered.requests, 0);
  // 601 and 1900 ms.
  const { count, at, maxMs } = timesOf(histograms.response);
  assert.equal(count, 2);
  assertMs(at(50), 601);
  assertMs(maxMs, 1900);
  // The one that ended inside the window is in its second, whenever it was intended.
  assert.deepEqual(
    timeline.map(({ completed, failed }) => [completed, failed]),
    [[0, 1]],
  );
});

test('a request that was never sent is in the response, and in no other histogram', () => {
  const recorder = recorderUntil(2, { kind: 'open', keepOutcomes: true });
  recorder.drop(1500 * ms, 2300 * ms);
  recorder.drop(900 * ms, 2300 * ms);
  recorder.drop(2000 * ms, 2300 * ms);
  const { requests, histograms, outcomes, timeline, answered } = recorder.report();
  assert.deepEqual(requests, { sent: 0, completed: 0, failed: 0, dropped: 1 });
  assert.deepEqual(Object.keys(histograms), ['response']);
  assertMs(timesOf(histograms.response).maxMs, 800);
  // Intended 500 ms after the window's beginning, 800 ms, dropped.
  assert.deepEqual([...(outcomes ?? [])], [500 * ms, 800 * ms, 2]);
  assert.equal(answered.requests, 0);
  assert.deepEqual([timeline[0]?.completed, timeline[0]?.failed], [0, 0]);
});

test('bursts are those that began inside the window', () => {
  const recorder = recorderUntil(2, { kind: 'open' });
  recorder.fire(999 * ms, 9);
  recorder.fire(1000 * ms, 1);
  recorder.fire(1500 * ms, 3);
  recorder.fire(2000 * ms, 9);
  const { count, at, maxMs } = timesOf(recorder.report().bursts);
  assert.deepEqual([count, at(50) * ms, maxMs * ms], [2, 1, 3]);
});

test('a closed load has neither bursts nor outcomes, nor any moment but service', () => {
  const recorder = recorderUntil(2);
  recorder.fire(1500 * ms, 3);
  recorder.succeed(flight({ sent: 1100, done: 1101 }), { ids });
  const report = recorder.report();
  assert.deepEqual(Object.keys(report.histograms), ['service']);
  assert.deepEqual([report.bursts, report.outcomes], [undefined, undefined]);
});

test('a window that was cut before it began has no requests, and one empty second', () => {
  const times = { startNs: 1000 * ms, minEndNs: 2000 * ms, maxEndNs: 2000 * ms };
  const window = new MeasureWindow(times, new Float64Array(1), 0);
  const recorder = new StreamRecorder({ ...options, kind: 'open' }, window);
  window.cut(500 * ms);
  recorder.succeed(flight({ sent: 400, done: 600 }), { ids });
  recorder.drop(450 * ms, 500 * ms);
  const report = recorder.report();
  assert.equal(report.windowNs, 0);
  assert.deepEqual(report.requests, { sent: 0, completed: 0, failed: 0, dropped: 0 });
  assert.deepEqual([report.timeline.length, report.slices.length], [1, 0]);
});
