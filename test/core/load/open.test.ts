import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../../core/random.js';
import {
  answeredQueries,
  assertMs,
  beginOpen,
  courseOf,
  ms,
  type OpenScene,
  type Played,
  playOpen,
  timesOf,
} from './scene.js';
import { VirtualClock } from './virtual-clock.js';

/** The whole numbers from 0 on, each made into something. */
function times<T>(count: number, of: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => of(index));
}

test('a load that is kept up with is sent on time, and response is service', async () => {
  const scene = { perS: 1000, delayMs: () => 5, warmUpMs: 10, durationMs: 100 };
  const played = await playOpen(scene);
  // One a millisecond from 0 on; those intended at 10, 11, ... 109 ms are of the window.
  assert.deepEqual(
    courseOf(played).slice(0, 110),
    times(110, (n) => ({ intended: n, sent: n, done: n + 5 })),
  );
  const { report } = played;
  assert.deepEqual(report.requests, { sent: 100, completed: 100, failed: 0, dropped: 0 });
  // Answers at 10, 11, ... 109 ms, to requests of the warm-up too.
  assert.deepEqual(report.answered, { requests: 100, items: 100 });
  assert.equal(report.windowNs, 100 * ms);
  for (const moment of ['response', 'service', 'firedToDone'] as const) {
    const { count, at, maxMs } = timesOf(report.histograms[moment]);
    assert.equal(count, 100, moment);
    for (const value of [at(1), at(50), maxMs]) assertMs(value, 5);
  }
  for (const moment of ['queueWait', 'pacerLag'] as const) {
    const { count, maxMs } = timesOf(report.histograms[moment]);
    assert.deepEqual([count, maxMs], [100, 0], moment);
  }
});

test('nothing is sent that was intended when the window is over', async () => {
  for (const delayMs of [0.3, 5]) {
    const scene = { perS: 1000, delayMs: () => delayMs, durationMs: 97 };
    const { sent, endedNs } = await playOpen(scene);
    // 0, 1, ... 96 ms.
    assert.equal(sent, 97, `${delayMs} ms of service`);
    assert.equal(endedNs, (delayMs === 5 ? 101 : 97) * ms);
  }
});

test('throughput counts what was answered in the window, latency what was intended', async () => {
  // Every request takes 30 ms: of the window from 20 to 120 ms the answers to 0, 10, ... 80 ms.
  const scene = { perS: 100, delayMs: () => 30, warmUpMs: 20, durationMs: 100, batch: 5 };
  const { report } = await playOpen(scene);
  assert.deepEqual(report.answered, { requests: 9, items: 45 });
  // Intended at 20, 30, ... 110 ms.
  assert.equal(report.requests.completed, 10);
  assert.equal(timesOf(report.histograms.response).count, 10);
});

test('a request that waits for a slot keeps its intended time, and is charged for it', async () => {
  const scene = { perS: 1000, delayMs: () => 3, maxInFlight: 1, bodies: 1, durationMs: 5 };
  const played = await playOpen(scene);
  // One at a time: sent at 0, 3, 6, 9 and 12 ms.
  assert.deepEqual(
    courseOf(played),
    times(5, (n) => ({ intended: n, sent: 3 * n, done: 3 * n + 3 })),
  );
  const { histograms, requests, answered } = played.report;
  assert.deepEqual(requests, { sent: 5, completed: 5, failed: 0, dropped: 0 });
  assert.equal(answered.requests, 1);
  // Of five the third is the median: 0, 2, 4, 6, 8 and 3, 5, 7, 9, 11 ms.
  const figures = { queueWait: [4, 8], response: [7, 11], firedToDone: [7, 11], service: [3, 3] };
  for (const [moment, [medianMs, maxMs]] of Object.entries(figures)) {
    const found = timesOf(histograms[moment as keyof typeof figures]);
    assertMs(found.at(50), medianMs as number);
    assertMs(found.maxMs, maxMs as number);
  }
  assert.equal(timesOf(histograms.pacerLag).maxMs, 0);
});

test('a pacer that wakes late fires all that is due, and says how late it was', async () => {
  const scene = { perS: 1000, delayMs: () => 0.5, warmUpMs: 1, durationMs: 40 };
  const played = await playOpen(scene, { oversleepNs: 3 * ms });
  // The first needs no timer. Asked for 1, 5, 9, ... ms the pacer wakes at 4, 8, 12, ... 40 ms and
  // fires four each time, the first of them 3 ms late.
  const lags = played.flights.slice(0, 41).map((flight) => flight.firedNs - flight.intendedNs);
  assert.deepEqual(lags, [0, ...times(40, (n) => (3 - (n % 4)) * ms)]);
  const { histograms, bursts } = played.report;
  const burst = timesOf(bursts);
  assert.deepEqual([burst.count, burst.at(1) * ms, burst.maxMs * ms], [10, 4, 4]);
  const lag = timesOf(histograms.pacerLag);
  assert.equal(lag.count, 40);
  for (const [percentile, expectedMs] of [
    [25, 0],
    [50, 1],
    [75, 2],
    [100, 3],
  ] as const) {
    assertMs(lag.at(percentile), expectedMs);
    assertMs(timesOf(histograms.response).at(percentile), expectedMs + 0.5);
  }
  assertMs(timesOf(histograms.firedToDone).maxMs, 0.5);
  assert.equal(timesOf(histograms.queueWait).maxMs, 0);
});

test('an answer that comes before the timer fires what is due meanwhile', async () => {
  const scene = { perS: 1000, delayMs: () => 1.5, warmUpMs: 1, durationMs: 40 };
  const played = await playOpen(scene, { oversleepNs: 3 * ms });
  // Asked for 1 ms the pacer wakes at 4. The answer at 1.5 fires the request of 1, its answer at 3
  // those of 2 and 3; the timer at 4 that of 4; and so on from 4, 8, ... ms.
  const lags = played.flights.slice(0, 40).map((flight) => flight.firedNs - flight.intendedNs);
  const four = [0, 0.5 * ms, 1 * ms, 0];
  assert.deepEqual(lags, times(10, () => four).flat());
});

test('a spinning pacer is late by less than a turn of the loop', async () => {
  // Turns of 30 us, 10 us of looking at the clock between them. After 30 us turns end at 60, 100,
  // ... 1020 us; after 1020 at 1050, ... 2010; after 2010 at 2040, ... 3000; after 3000 the last
  // ends at 3990, and 4000 is seen in time.
  const scene = { perS: 1000, delayMs: () => 0.1, durationMs: 6, pacer: 'spin' } as const;
  const played = await playOpen(scene, { turnNs: 30_000 });
  const lags = played.flights.slice(0, 6).map((flight) => flight.firedNs - flight.intendedNs);
  // The first wait takes a turn, too: the loop never fires without one.
  assert.deepEqual(lags, [30_000, 20_000, 10_000, 0, 0, 0]);
});

/** A request by request account of a queue with several servers, first come, first served. */
function queued(intendedMs: readonly number[], delaysMs: readonly number[], servers: number) {
  const freeMs = new Array<number>(servers).fill(0);
  return intendedMs.map((intended, request) => {
    const server = freeMs.indexOf(Math.min(...freeMs));
    const sent = Math.max(intended, freeMs[server] as number);
    const done = sent + (delaysMs[request] as number);
    freeMs[server] = done;
    return { intended, sent, done };
  });
}

test('sending is that of a queue with as many servers as slots, whatever the service', async () => {
  // The slow account above, after Kiefer and Wolfowitz, On the Theory of Queues with Many Servers
  // (1955). Delays end in odd hundredths, so that nothing happens at the same moment.
  const shapes = fc.record({
    seed: fc.nat(),
    maxInFlight: fc.integer({ min: 1, max: 9 }),
    longestMs: fc.integer({ min: 1, max: 30 }),
  });
  await fc.assert(
    fc.asyncProperty(shapes, async ({ seed, maxInFlight, longestMs }) => {
      const random = seededRandom(seed);
      const delays = times(102, (n) => Math.ceil(random() * longestMs) - 0.5 + n / 1000);
      const delayMs = (request: number): number => delays[request] as number;
      const played = await playOpen({ perS: 1000, delayMs, maxInFlight, durationMs: 100 });
      const expected = queued(
        times(100, (n) => n),
        delays,
        maxInFlight,
      );
      const near = (value: number): number => Math.round(value * 1000);
      const rounded = (rows: ReturnType<typeof courseOf>) =>
        rows.map(({ intended, sent, done }) => [intended, sent, done].map(near));
      assert.deepEqual(rounded(courseOf(played).slice(0, 100)), rounded(expected));
    }),
    { numRuns: 30 },
  );
});

test('of every request lag, wait and service add up to its response', async () => {
  const random = seededRandom(5);
  const delays = times(3000, () => Math.ceil(random() * 12));
  const scene: OpenScene = {
    perS: 700,
    arrivals: 'poisson',
    delayMs: (request) => delays[request] as number,
    error: (request) => (request % 7 === 3 ? new Error('bad') : undefined),
    maxInFlight: 2,
    warmUpMs: 50,
    durationMs: 1000,
    timeoutMs: 200,
    keepOutcomes: true,
  };
  const played = await playOpen(scene, { oversleepNs: 1.1 * ms });
  const { window, report, dropped } = played;
  const ended = played.flights.filter(({ intendedNs }) => window.holds(intendedNs));
  for (const { intendedNs, firedNs, sentNs, doneNs } of ended) {
    assert.ok(intendedNs <= firedNs && firedNs <= sentNs && sentNs < doneNs);
  }
  const sum = (of: (flight: (typeof ended)[number]) => number): number =>
    ended.reduce((total, flight) => total + of(flight), 0);
  const parts = [
    sum(({ firedNs, intendedNs }) => firedNs - intendedNs),
    sum(({ sentNs, firedNs }) => sentNs - firedNs),
    sum(({ doneNs, sentNs }) => doneNs - sentNs),
  ];
  assert.ok(parts.every((part) => part > 0));
  assert.equal(
    parts.reduce((total, part) => total + part, 0),
    sum(({ doneNs, intendedNs }) => doneNs - intendedNs),
  );
  checkOutcomes(played);
  const { sent, completed, failed } = report.requests;
  assert.deepEqual([sent, completed + failed], [ended.length, ended.length]);
  assert.equal(report.requests.dropped, dropped.length);
  assert.equal(timesOf(report.histograms.response).count, ended.length + dropped.length);
});

/** That the log of outcomes holds each request of the window, response and outcome. */
function checkOutcomes({ flights, dropped, window, report }: Played): void {
  const rows = [
    ...flights.map((flight) => ({ ...flight, outcome: flight.code === undefined ? 0 : 1 })),
    ...dropped.map(({ intendedNs, nowNs }) => ({ intendedNs, doneNs: nowNs, outcome: 2 })),
  ]
    .filter(({ intendedNs }) => window.holds(intendedNs))
    .map(({ intendedNs, doneNs, outcome }) => [
      intendedNs - window.startNs,
      doneNs - intendedNs,
      outcome,
    ]);
  assert.ok(new Set(rows.map((row) => row[2])).size === 3, 'of each outcome at least one');
  const values = [...(report.outcomes ?? [])];
  const found = times(values.length / 3, (row) => values.slice(3 * row, 3 * row + 3));
  const inOrder = (a: number[], b: number[]): number => (a[0] as number) - (b[0] as number);
  assert.deepEqual(found.sort(inOrder), rows.sort(inOrder));
}

test('the window is stretched until every query was answered once', async () => {
  for (const maxInFlight of [1, 4]) {
    const scene = { perS: 1000, delayMs: () => 1, bodies: 60, warmUpMs: 7, durationMs: 5 };
    const { report, window } = await playOpen({ ...scene, maxInFlight, maxMs: 500 });
    assert.equal(new Set(answeredQueries(report, 1)).size, 60);
    // Answers at 7, 8, ... ms: the 60th at 66 ms. More slots may keep it open for as many more.
    const latestNs = (66 + maxInFlight - 1) * ms + 1;
    assert.ok(window.endNs > 66 * ms && window.endNs <= latestNs, `${window.endNs} ns`);
  }
});

test('the window is stretched to its limit and not beyond', async () => {
  const scene = { perS: 1000, delayMs: () => 0.5, bodies: 1000, durationMs: 10, maxMs: 50 };
  const { report, window } = await playOpen(scene);
  assert.equal(window.endNs, 50 * ms);
  assert.equal(report.answered.items, 50);
  assert.deepEqual(report.requests, { sent: 50, completed: 50, failed: 0, dropped: 0 });
});

test('a query that stalls holds the pass up, though others overtake it', async () => {
  // The query of body 30 takes 200 ms when it is first asked, all else 0.5 ms.
  const delayMs = (request: number): number => (request === 30 ? 200 : 0.5);
  const scene = { perS: 1000, delayMs, maxInFlight: 2, bodies: 60, durationMs: 10, maxMs: 500 };
  const { report } = await playOpen(scene);
  assert.equal(new Set(answeredQueries(report, 1)).size, 60);
});

test('two workers share the rate evenly, and end when both have answered all queries', async () => {
  const clock = new VirtualClock();
  const passedAtNs = new Float64Array(2);
  const times = { warmUpMs: 3, durationMs: 10, maxMs: 500 };
  const scene = { perS: 1000, delayMs: () => 1, maxInFlight: 1, ...times };
  const [few, many] = await clock.run(
    Promise.all([
      beginOpen({ ...scene, bodies: 20 }, { clock, passedAtNs, worker: 0 }),
      beginOpen({ ...scene, bodies: 40 }, { clock, passedAtNs, worker: 1 }),
    ]),
  );
  // Worker 0 sends at 0, 2, ... ms, worker 1 at 1, 3, ... ms. The 40th answer of worker 1 inside
  // the window comes at 4 + 2 * 39 = 82 ms, and it says so 5 ms ahead.
  assert.equal(many.window.endNs, 87 * ms);
  assert.equal(few.window.endNs, 87 * ms);
  assert.equal(new Set(answeredQueries(few.report, 1)).size, 20);
  assert.equal(new Set(answeredQueries(many.report, 1)).size, 40);
  // Intended from 3 to 86 ms: the even ones from 4 on, the odd ones from 3 on.
  assert.deepEqual([few.report.requests.sent, many.report.requests.sent], [42, 42]);
});
