import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timeline } from '../../../core/load/timeline.js';
import { createHistogram, encodeHistogram, recordNs } from '../../../core/measure/histogram.js';
import { seededRandom } from '../../../core/random.js';
import { ms, timesOf } from './scene.js';

const startNs = 7_000 * ms;

/** What ended so many milliseconds after the beginning, having taken a millisecond each. */
function timelineOf(doneMs: readonly number[], windowMs: number) {
  const timeline = new Timeline(startNs);
  for (const done of doneMs) timeline.add(startNs + done * ms, ms, true);
  return timeline.report(windowMs * ms);
}

function completedOf({ timeline }: ReturnType<Timeline['report']>): number[] {
  return timeline.map(({ completed }) => completed);
}

function endedOf({ slices }: ReturnType<Timeline['report']>): number[] {
  return slices.map(({ ended }) => ended);
}

test('slices and seconds hold their beginnings and not their ends', () => {
  const report = timelineOf([0, 199, 200, 399, 400, 999, 1000, 1199, 1200, 1999], 2000);
  assert.deepEqual(endedOf(report), [2, 2, 1, 0, 1, 2, 1, 0, 0, 1]);
  assert.deepEqual(completedOf(report), [6, 4]);
});

test('stretches in which nothing ended are there, before, between and after', () => {
  const report = timelineOf([2500, 4100], 7000);
  assert.deepEqual(completedOf(report), [0, 0, 1, 0, 1, 0, 0]);
  const slices = new Array<number>(35).fill(0);
  slices[12] = 1;
  slices[20] = 1;
  assert.deepEqual(endedOf(report), slices);
  assert.deepEqual(completedOf(timelineOf([], 3000)), [0, 0, 0]);
});

test('an empty slice has no median, the others have their own', () => {
  const timeline = new Timeline(startNs);
  for (const latencyMs of [3, 1, 2]) timeline.add(startNs + 10 * ms, latencyMs * ms, true);
  timeline.add(startNs + 410 * ms, 9 * ms, false);
  const { slices } = timeline.report(600 * ms);
  assert.equal(slices.length, 3);
  const p50Ms = slices.map(({ p50Ns }) => (p50Ns === undefined ? undefined : p50Ns / ms));
  assert.ok(Math.abs((p50Ms[0] as number) - 2) <= 0.002);
  assert.equal(p50Ms[1], undefined);
  assert.ok(Math.abs((p50Ms[2] as number) - 9) <= 0.009);
});

test('the last second may be cut short, the last slice that is told is whole', () => {
  const doneMs = [100, 1300, 2050, 2390, 2449];
  // 2450 ms: seconds 0, 1 and most of a half of 2; twelve whole slices.
  const report = timelineOf(doneMs, 2450);
  assert.deepEqual(completedOf(report), [1, 1, 3]);
  assert.deepEqual(endedOf(report), [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1]);
  assert.deepEqual(endedOf(timelineOf([10], 199)), []);
  assert.deepEqual(completedOf(timelineOf([10], 199)), [1]);
  assert.deepEqual(endedOf(timelineOf([10], 200)), [1]);
});

test('a window that ends a nanosecond into a second has that second', () => {
  const timeline = new Timeline(startNs);
  timeline.add(startNs + 1000 * ms, ms, true);
  const { timeline: seconds, slices } = timeline.report(1000 * ms + 1);
  assert.deepEqual(
    seconds.map(({ completed }) => completed),
    [0, 1],
  );
  assert.equal(slices.length, 5);
});

test('failed requests are counted apart, and are in the histogram', () => {
  const timeline = new Timeline(startNs);
  timeline.add(startNs + 1, 5 * ms, false);
  timeline.add(startNs + 2, 6 * ms, true);
  timeline.add(startNs + 1000 * ms, 7 * ms, false);
  const { timeline: seconds } = timeline.report(2000 * ms);
  const counts = seconds.map(({ completed, failed, histogram }) => [
    completed,
    failed,
    timesOf(histogram).count,
  ]);
  assert.deepEqual(counts, [
    [1, 1, 2],
    [0, 1, 1],
  ]);
});

test('the histogram of a second is that of all its requests', () => {
  const random = seededRandom(3);
  const timeline = new Timeline(startNs);
  const direct = [createHistogram(), createHistogram(), createHistogram()];
  let doneNs = 0;
  while (doneNs < 3000 * ms) {
    const latencyNs = Math.round(Math.exp(8 + 14 * random()));
    timeline.add(startNs + doneNs, latencyNs, random() < 0.9);
    recordNs(direct[Math.floor(doneNs / (1000 * ms))] as (typeof direct)[number], latencyNs);
    doneNs += Math.round(2 * ms * random());
  }
  const { timeline: seconds, slices } = timeline.report(3000 * ms);
  assert.equal(seconds.length, 3);
  seconds.forEach(({ histogram, completed, failed }, index) => {
    const expected = direct[index] as (typeof direct)[number];
    assert.deepEqual(histogram, encodeHistogram(expected));
    assert.equal(completed + failed, expected.totalCount);
    const ended = slices.slice(5 * index, 5 * index + 5).reduce((sum, each) => sum + each.ended, 0);
    assert.equal(ended, expected.totalCount);
  });
});
