import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertMs, courseOf, ms, type Played, play, playOpen, timesOf } from './scene.js';

// The store stands still from 500 to 1500 ms: what it is sent then is answered at 1501 ms. At all
// other times it takes 1 ms.
const stallMs = { from: 500, until: 1500 };

function delayMs(_request: number, _body: number, nowNs: number): number {
  const nowMs = nowNs / ms;
  return nowMs >= stallMs.from && nowMs < stallMs.until ? stallMs.until - nowMs + 1 : 1;
}

const scene = { perS: 2000, delayMs, durationMs: 2000 };
// 4000 requests, one every 0.5 ms; number 1000 is the first of the stall, 2000 fall into it.
const requests = 4000;
const firstStalled = 1000;

function responsesOf(played: Played): number[] {
  return courseOf(played)
    .slice(0, requests)
    .map(({ intended, done }) => done - intended);
}

test('a stall is charged to every request that was intended in it', async () => {
  const played = await playOpen({ ...scene, maxInFlight: 4096 });
  // Intended at t in the stall: 1501 - t; number i of it, at 500 + i / 2, takes 1001 - i / 2 ms.
  const expected = Array.from({ length: requests }, (_, number) => {
    const stalled = number - firstStalled;
    return stalled >= 0 && stalled < 2000 ? 1001 - stalled / 2 : 1;
  });
  assert.deepEqual(responsesOf(played), expected);
  // More than x ms: i < 2 (1001 - x).
  const above = (limit: number): number => responsesOf(played).filter((r) => r > limit).length;
  assert.deepEqual([1, 10, 500, 900, 1000, 1001].map(above), [2000, 1982, 1002, 202, 2, 0]);
  // Sorted: 2000 of 1 ms, then 1 + j / 2 ms for j = 1 .. 2000. Rank 3000 is j = 1000, rank 3960
  // is j = 1960, rank 3996 is j = 1996.
  const { count, at, maxMs } = timesOf(played.report.histograms.response);
  assert.equal(count, requests);
  const percentiles = { 50: 1, 75: 501, 99: 981, 99.9: 999 };
  for (const [percentile, expectedMs] of Object.entries(percentiles)) {
    assertMs(at(Number(percentile)), expectedMs);
  }
  assertMs(maxMs, 1001);
});

test('with few slots the wait for one is part of the response, not of the service', async () => {
  const played = await playOpen({ ...scene, maxInFlight: 64 });
  // The first 64 of the stall hold the slots until 1501 ms. Then 64 go every millisecond, with 2
  // more arriving: batch b of the stalled, numbers 64 b to 64 b + 63, is sent at 1500 + b ms and
  // answered at 1501 + b ms. Batch 31 has all arrived by 1531 ms (1000 + 2 * 31 = 1062 >= 63 + 64
  // * 31 - 1000); of batch 32 those up to number 2064 have, at 1532 ms; then the line is empty.
  const expected = Array.from({ length: requests }, (_, number) => {
    const stalled = number - firstStalled;
    if (stalled < 0 || stalled > 2064) return 1;
    return 1001 + Math.floor(stalled / 64) - stalled / 2;
  });
  assert.deepEqual(responsesOf(played), expected);
  const { histograms } = played.report;
  // The slots hide the stall from the service of all but 64: rank 3936 of 4000 is 98.4 %, rank
  // 3940 is the fourth of the 64 from below, number 60.
  const service = timesOf(histograms.service);
  assertMs(service.at(98.4), 1);
  assertMs(service.at(98.5), 971);
  // Response: 1001 - i / 2 + floor(i / 64) falls with i but for the steps; above 500 ms it is for
  // i / 2 - floor(i / 64) < 501: 32 b - b + r / 2 < 501 with i = 64 b + r. b = 16 gives 496, so
  // r < 10: 64 * 16 + 10 = 1034 and, as 31 b + r / 2 > 501 after, no more.
  assert.equal(responsesOf(played).filter((response) => response > 500).length, 1034);
  // The longest wait: number 64, intended at 532 ms, sent at 1501 ms.
  assertMs(timesOf(histograms.queueWait).maxMs, 969);
  assert.equal(timesOf(histograms.pacerLag).maxMs, 0);
});

test('a closed load shows the same stall as one slow request for each caller', async () => {
  const { report } = await play({ delayMs, concurrency: 2, durationMs: 2000 });
  // Each caller sends at 0, 1, ... 500 and then at 1501, 1502, ... 1999 ms: 1000 requests, one of
  // which is slow.
  assert.equal(report.requests.sent, 2000);
  const { at, maxMs } = timesOf(report.histograms.service);
  assertMs(at(50), 1);
  assertMs(at(99.9), 1);
  assertMs(at(99.95), 1001);
  assertMs(maxMs, 1001);
});

test('a stall is seen in the timeline where requests ended, and where none did', async () => {
  const { report } = await playOpen({ ...scene, maxInFlight: 4096 });
  // The last two, of 1999 and 1999.5 ms, end in the drain. By 1000 ms those intended before 500 ms
  // have ended, and no other.
  assert.equal(report.answered.requests, 3998);
  const { timeline, slices } = report;
  assert.deepEqual(
    timeline.map(({ completed }) => completed),
    [1000, 2998],
  );
  // By 0.2 s: the answers from 1 to 199.5 ms; 200 to 399.5; 400 to 500.5; none for four; at 1501 ms
  // the 2000 and from there to 1599.5 ms the 198 of 1500 to 1598.5 ms; then again 400 each.
  assert.deepEqual(
    slices.map(({ ended }) => ended),
    [398, 400, 202, 0, 0, 0, 0, 2198, 400, 400],
  );
  assert.deepEqual(Object.keys(slices[3] ?? {}), ['ended']);
  // The median of the eighth is rank 1099 of 198 at 1 ms and 2000 at 1.5, 2, ... 1001 ms: 451.5.
  assertMs((slices[7]?.p50Ns ?? 0) / ms, 451.5);
});
