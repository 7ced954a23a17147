import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectClosed, expectOpen } from '../../../core/selftest/expected.js';
import { nearestRank } from '../../../core/selftest/percentiles.js';
import type { ServiceEntry } from '../../../core/selftest/service-log.js';

// Times in milliseconds here, nanoseconds there.
const ns = (ms: number): number => ms * 1e6;
const window = { startNs: ns(100), endNs: ns(200) };

function entry(arrivedMs: number, endedMs: number, change: Partial<ServiceEntry> = {}) {
  const times = { arrivedNs: ns(arrivedMs), beganNs: ns(arrivedMs), endedNs: ns(endedMs) };
  return { ...times, ok: true, thread: 1, ...change };
}

const only = (count: number) => ({ low: count, high: count });
const inMs = (values: readonly number[] | undefined) => values?.map((value) => value / 1e6);

test('a percentile is the smallest value that its share does not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  assert.deepEqual(
    [0.5, 0.9, 0.99, 0.999, 1].map((share) => nearestRank(hundred, share)),
    [50, 90, 99, 100, 100],
  );
  assert.equal(nearestRank([7], 0.5), 7);
  // 0.9 x 10 is 9.000000000000002 or so in other orders of multiplying: still the ninth.
  assert.equal(nearestRank(hundred.slice(0, 10), 0.1 + 0.8), 9);
});

test('of an open load the schedule decides what belongs to the window, not the store', () => {
  // Every 50 ms; the one of 50 arrives inside the window and is not of it, the one of 150 ends
  // long after it and is.
  const expected = expectOpen({
    window,
    intended: [[50, 100, 150].map(ns)],
    entries: [entry(101, 104), entry(102, 110), entry(151, 400, { ok: false })],
  });
  assert.deepEqual(expected.requests, {
    offered: only(2),
    sent: only(2),
    completed: only(1),
    failed: only(1),
    dropped: only(0),
  });
  assert.deepEqual(inMs(expected.serviceNs), [8, 249]);
  assert.deepEqual(inMs(expected.responseNs), [10, 250]);
  assert.deepEqual(expected.answered, only(2));
});

test('what was intended and never came is dropped, and then there is no response', () => {
  const expected = expectOpen({
    window,
    intended: [[100, 120, 140, 160].map(ns)],
    entries: [entry(100, 150), entry(150, 210)],
  });
  const { offered, sent, dropped } = expected.requests;
  assert.deepEqual([offered, sent, dropped], [only(4), only(2), only(2)]);
  assert.equal(expected.responseNs, undefined);
});

test('threads are the workers in whose schedule nothing comes too early', () => {
  const intended = [[100, 110, 120].map(ns), [105, 115, 125].map(ns)];
  const first = [101, 111, 121].map((at) => entry(at, at + 1, { thread: 7 }));
  const second = [107, 117, 127].map((at) => entry(at, at + 1, { thread: 4 }));
  const entries = [...second, ...first].sort((a, b) => a.arrivedNs - b.arrivedNs);
  for (const log of [entries, [...first, ...second], [...second, ...first]]) {
    const expected = expectOpen({ window, intended, entries: log });
    // 101 + 1 - 100 of the one, 107 + 1 - 105 of the other.
    assert.deepEqual(inMs(expected.responseNs), [2, 2, 2, 3, 3, 3]);
  }
});

test('of a closed load a request is sent between the end of one before and its arrival', () => {
  // One caller. The third was sent between 98 and 101: before or after the window opened.
  const entries = [entry(0, 40), entry(41, 98), entry(101, 150), entry(151, 205)];
  const expectedFor = (sent: number) => expectClosed({ window, callers: 1, entries, sent });
  const without = expectedFor(1);
  assert.deepEqual(without.requests.sent, { low: 1, high: 2 });
  assert.deepEqual(inMs(without.serviceNs), [54]);
  const withIt = expectedFor(2);
  assert.deepEqual(inMs(withIt.serviceNs), [49, 54]);
  assert.deepEqual(withIt.requests.completed, only(2));
  // A count that the log rules out stays out.
  assert.deepEqual(expectedFor(3).requests.sent, { low: 1, high: 2 });
  // Of the two the one that ended at 150 was answered inside the window.
  assert.deepEqual(withIt.answered, only(1));
});

test('the callers of a closed load are free in the order of the ends', () => {
  // Two callers: the third request follows the end at 30, the fourth that at 102.
  const entries = [entry(0, 102), entry(0, 30), entry(31, 140), entry(103, 160)];
  const expected = expectClosed({ window, callers: 2, entries, sent: 1 });
  assert.deepEqual(expected.requests.sent, only(1));
  assert.deepEqual(inMs(expected.serviceNs), [57]);
  assert.deepEqual(expected.answered, only(3));
});

test('an answer within a clock reading of an edge may count on either side of it', () => {
  const entries = [entry(90, 99.9995), entry(110, 150), entry(190, 199.9995)];
  const { answered } = expectOpen({ window, intended: [[ns(110)]], entries });
  assert.deepEqual(answered, { low: 1, high: 3 });
});
