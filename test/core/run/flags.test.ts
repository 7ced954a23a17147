import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StreamReport, WindowSlice, WorkerResources } from '../../../core/load/assignment.js';
import type { WindowCounters } from '../../../core/load/window-watch.js';
import { createHistogram, encodeHistogram, recordNs } from '../../../core/measure/histogram.js';
import { usableCores } from '../../../core/resources/process.js';
import type { Latency, Load, OperationResult, StreamResult } from '../../../core/result.js';
import {
  fellBehind,
  flagsOf,
  type JudgedCell,
  type JudgedStream,
  pacerLimitedPercentiles,
} from '../../../core/run/flags.js';
import { nsPerS } from '../../../core/units.js';
import { operationOf } from '../records.js';

const flow = { workers: 1, connections: 4, itemsPerRequest: 1 };
const loads: Record<Load['kind'], Load> = {
  closed: { kind: 'closed', concurrency: 4, ...flow },
  open: { kind: 'open', rateQps: 200, maxInFlight: 4, ...flow },
  ramp: { kind: 'ramp', fromQps: 100, toQps: 300, steps: 2, maxInFlight: 4, ...flow },
  spike: { kind: 'spike', baseQps: 100, burstQps: 300, burstS: 1, maxInFlight: 4, ...flow },
};

function latency(change: Partial<Latency> = {}): Latency {
  return { p50: 1, p90: 1, p95: 1, p99: 1, max: 1, mean: 1, count: 2000, ...change };
}

/** Fifths of a second with so many requests and such a median each. */
function slicesOf(count: number, of: (index: number) => Partial<WindowSlice> = () => ({})) {
  return Array.from({ length: count }, (_, index) => ({ ended: 40, p50Ns: 1e6, ...of(index) }));
}

/** What one worker saw of a steady stream: 10 s, 2000 requests of 1 ms, one or two in flight. */
function reportOf(change: Partial<StreamReport> = {}): StreamReport {
  return {
    name: 'search',
    startNs: 0,
    windowNs: 10 * nsPerS,
    requests: { sent: 2000, completed: 2000, failed: 0, dropped: 0 },
    answered: { requests: 2000, items: 2000 },
    errors: {},
    histograms: {},
    timeline: [],
    slices: slicesOf(50),
    answers: new Int32Array(),
    ...change,
  };
}

interface StreamChange {
  readonly name?: string;
  readonly kind?: Load['kind'];
  readonly operation?: Partial<OperationResult>;
  readonly latencyMs?: OperationResult['latencyMs'];
  readonly reports?: readonly StreamReport[];
  readonly phases?: StreamResult['phases'];
}

function streamOf(change: StreamChange = {}): JudgedStream {
  const { name = 'search', kind = 'open', reports = [reportOf()], phases } = change;
  const open = { response: latency(), pacerLag: latency({ p50: 0, p99: 0.1 }) };
  const moments = { service: latency(), ...(kind === 'closed' ? {} : open) };
  const operation = operationOf({
    requests: { offered: 2000, sent: 2000, completed: 2000, failed: 0, dropped: 0 },
    latencyMs: { ...moments, ...change.latencyMs },
    ...change.operation,
  });
  const timeline = { secondS: [], completed: [], failed: [], msP50: [], msP99: [] };
  const result: StreamResult = {
    name,
    load: loads[kind],
    operations: { search: operation },
    timeline,
    ...(phases === undefined ? {} : { phases }),
  };
  return { result, operation, reports, examples: { ECONNRESET: 'socket hang up' } };
}

interface CellChange extends Partial<Omit<JudgedCell, 'streams'>> {
  readonly streams?: readonly StreamChange[];
  readonly resources?: Partial<WorkerResources>;
  readonly counters?: Partial<WindowCounters>;
}

/** A healthy cell: client and store apart, on cores of their own, nothing to be said of it. */
function cellOf(change: CellChange = {}): JudgedCell {
  const { streams = [{}], inProcess = false, isolated = true, outcome } = change;
  const resources = { eventLoopUtilization: 0.5, loopDelayMsP99: 1, gcPauseMsMax: 1 };
  const report = { isCut: false, streams: [], resources: { ...resources, ...change.resources } };
  const counters = { clientCpuUs: 1_000_000, serverCpuUs: 1, lastedNs: 10 * nsPerS };
  return {
    streams: streams.map(streamOf),
    outcome: { reports: [report], counters: { ...counters, ...change.counters }, ...outcome },
    inProcess,
    isolated,
  };
}

/** All that is said of a cell in short. */
function said(change: CellChange = {}): string[] {
  const { invalid, warnings, ...flags } = flagsOf(cellOf(change));
  const names = Object.entries(flags).flatMap(([name, isSet]) => (isSet ? [name] : []));
  const reasons = invalid.map(({ code }) => `invalid ${code}`);
  return [...reasons, ...names, ...warnings.map(({ code }) => code)];
}

/** That something is said on one side of a limit, and nothing on the other. */
function assertLimit(within: CellChange, beyond: CellChange, words: readonly string[]): void {
  assert.deepEqual(said(within), []);
  assert.deepEqual(said(beyond), words);
}

test('nothing is said of a healthy cell', () => {
  const kinds = ['closed', 'open', 'ramp', 'spike'] as const;
  for (const kind of kinds) assert.deepEqual(said({ streams: [{ kind }] }), [], kind);
});

function encoded(timesMs: readonly number[]): Uint8Array {
  const histogram = createHistogram();
  for (const timeMs of timesMs) recordNs(histogram, timeMs * 1e6);
  return encodeHistogram(histogram);
}

/** A cell whose pacer was so late for each request, and whose responses all took so long. */
function lagging(lagsMs: readonly number[], responseMs: number): CellChange {
  const response = encoded(lagsMs.map(() => responseMs));
  return {
    streams: [{ reports: [reportOf({ histograms: { pacerLag: encoded(lagsMs), response } })] }],
  };
}

test('a cell is invalid when the pacer was later than 1.5 ms and a tenth of the response', () => {
  // Histograms keep times to one part in a thousand.
  assertLimit(lagging([1.49], 2), lagging([1.51], 2), ['invalid PACER_LAG']);
  // 1.5 ms is a tenth of 15 ms; above it the tenth is the limit.
  assertLimit(lagging([1.49], 15), lagging([1.51], 15), ['invalid PACER_LAG']);
  assertLimit(lagging([2.98], 30), lagging([3.02], 30), ['invalid PACER_LAG']);
});

test('the lag that is judged is the p99 of all workers, however few the requests are', () => {
  const some = (late: number): number[] => [...new Array(late).fill(9), ...new Array(50).fill(0)];
  const cell = (late: number): CellChange => {
    const pacerLag = [encoded(some(late).slice(0, 50)), encoded(new Array(50).fill(0))];
    return {
      streams: [
        {
          reports: pacerLag.map((lag) =>
            reportOf({
              answered: { requests: 1000, items: 1000 },
              histograms: { pacerLag: lag },
            }),
          ),
        },
      ],
    };
  };
  // Of a hundred the p99 is the second longest.
  assertLimit(cell(1), cell(2), ['invalid PACER_LAG']);
});

test('a cell is invalid when requests were never sent though the store kept up', () => {
  const requests = { offered: 2001, sent: 2000, completed: 2000, failed: 0, dropped: 1 };
  const { invalid, warnings } = flagsOf(cellOf({ streams: [{ operation: { requests } }] }));
  assert.deepEqual(invalid, [{ code: 'DROPPED', message: 'search: 1 requests were never sent' }]);
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['NEVER_SENT'],
  );
});

test('what a store that fell behind leaves in line is no fault of the client', () => {
  const requests = { offered: 4000, sent: 2000, completed: 2000, failed: 0, dropped: 2000 };
  const behind = { name: 'a', operation: { requests } };
  assert.deepEqual(said({ streams: [behind] }), ['saturated', 'NEVER_SENT']);
  // One stream does not excuse another.
  const healthy = { offered: 2001, sent: 2000, completed: 2000, failed: 0, dropped: 1 };
  const { invalid } = flagsOf(
    cellOf({ streams: [behind, { name: 'b', operation: { requests: healthy } }] }),
  );
  assert.deepEqual(
    invalid.map(({ message }) => message),
    ['b: 1 requests were never sent'],
  );
});

test('a cell is invalid when a control group held the client for more than 1 %', () => {
  const held = (clientThrottled: number): CellChange => ({ counters: { clientThrottled } });
  assertLimit(held(0.01), held(0.0101), ['invalid THROTTLED']);
});

test('a cell is invalid when a worker failed, not when the run was stopped', () => {
  const ended = (code: 'WORKER_FAILED' | 'INTERRUPTED') => {
    const { outcome } = cellOf();
    return cellOf({ outcome: { ...outcome, ended: { code, message: 'why' } } });
  };
  assert.deepEqual(flagsOf(ended('WORKER_FAILED')).invalid, [
    { code: 'WORKER_FAILED', message: 'why' },
  ]);
  assert.deepEqual(flagsOf(ended('INTERRUPTED')).invalid, []);
});

test('a store fell behind when 1 % of what was offered was not handled', () => {
  const of = (handled: number): boolean =>
    fellBehind({ offered: 1000, handled, seconds: 1, meanMs: 0 });
  assert.deepEqual([990, 989].map(of), [false, true]);
});

test('what is in flight by chance is not falling behind', () => {
  // 1000 a second for 50 ms are 50 in flight (Little); 1 + 3 sqrt(2 * 50) = 31.
  const of = (handled: number): boolean =>
    fellBehind({ offered: 1000, handled, seconds: 1, meanMs: 50 });
  assert.deepEqual([969, 968].map(of), [false, true]);
  // A hundred times as long the 1 % is more.
  const long = (handled: number): boolean =>
    fellBehind({ offered: 100_000, handled, seconds: 100, meanMs: 50 });
  assert.deepEqual([99_000, 98_999].map(long), [false, true]);
});

test('where nothing was offered, or no time passed, nothing fell behind', () => {
  assert.equal(fellBehind({ offered: 0, handled: 0, seconds: 1, meanMs: 0 }), false);
  assert.equal(fellBehind({ offered: 9, handled: 0, seconds: 0, meanMs: 0 }), false);
  assert.equal(fellBehind({ offered: 9, handled: 30, seconds: 1, meanMs: 0 }), false);
});

test('a cell is saturated when 1 % of what was offered was not answered in its window', () => {
  // 2000 in 10 s of 1 ms: 20 is 1 %, far above the 0.2 in flight. Two workers saw half each.
  const answering = (count: number, kind: Load['kind'] = 'open'): CellChange => {
    const reports = [1000, count - 1000].map((requests) =>
      reportOf({ answered: { requests, items: requests } }),
    );
    return { streams: [{ kind, reports }] };
  };
  assertLimit(answering(1980), answering(1979), ['saturated']);
  // A closed load has no rate to keep up with.
  assert.deepEqual(said(answering(1500, 'closed')), []);
});

test('requests that failed at once were handled, those that timed out were not', () => {
  const failing = (timeouts: number): CellChange => {
    const requests = { offered: 2000, sent: 2000, completed: 1900, failed: 100, dropped: 0 };
    const errors = { ECONNRESET: 100 - timeouts, TIMEOUT: timeouts };
    const reports = [reportOf({ answered: { requests: 1900, items: 1900 } })];
    return { streams: [{ operation: { requests, errors }, reports }] };
  };
  assert.deepEqual(said(failing(20)), ['ERRORS', 'ERRORS']);
  assert.deepEqual(said(failing(21)), ['saturated', 'ERRORS', 'ERRORS']);
});

test('a ramp or a spike is saturated when one of its phases is', () => {
  const phase = { rateQps: 100, beginS: 0, durationS: 1, offered: 100, throughputQps: 100 };
  const counts = { completed: 100, failed: 0, dropped: 0 };
  const phased = (saturated: boolean): CellChange => {
    const phases = [false, saturated].map((each, index) => ({
      name: `step-${index}`,
      ...phase,
      ...counts,
      saturated: each,
    }));
    return { streams: [{ kind: 'ramp', phases }] };
  };
  assertLimit(phased(false), phased(true), ['saturated']);
});

test('the client is the limit when a worker is busy for more than 0.9 of the window', () => {
  const busy = (eventLoopUtilization: number): CellChange => ({
    resources: { eventLoopUtilization },
  });
  assertLimit(busy(0.9), busy(0.901), ['clientLimited']);
  // In one thread with the store it is the store's work.
  assert.deepEqual(said({ ...busy(1), inProcess: true }), []);
});

test('the client is the limit when its processes take more than 0.9 of all cores', () => {
  const using = (share: number): CellChange => ({
    counters: { clientCpuUs: share * usableCores() * 10_000_000 },
  });
  assertLimit(using(0.899), using(0.901), ['clientLimited']);
});

test('the pacer is the limit when half of its lags exceed a tenth of the response', () => {
  const late = (p50: number): CellChange => ({
    streams: [{ latencyMs: { pacerLag: latency({ p50, p99: 1 }), response: latency({ p50: 2 }) } }],
  });
  assertLimit(late(0.2), late(0.201), ['pacerLimited']);
});

test('each percentile to which the pacer adds more than a tenth is named', () => {
  const response = latency({ p50: 1, p90: 2, p95: 4, p99: 10, p999: 20 });
  const within = latency({ p50: 0.1, p90: 0.2, p95: 0.4, p99: 1, p999: 2 });
  assert.deepEqual(pacerLimitedPercentiles(within, response), []);
  const beyond = latency({ p50: 0.101, p90: 0.1, p95: 0.41, p99: 1, p999: 2.1 });
  assert.deepEqual(pacerLimitedPercentiles(beyond, response), ['p50', 'p95', 'p999']);
  // What is not printed is not marked.
  const { p99: _, ...few } = latency();
  assert.deepEqual(pacerLimitedPercentiles(few, latency({ p50: 100, p90: 100, p95: 100 })), []);
});

test('errors are warned of by code, with an example', () => {
  const errors = { ECONNRESET: 3 };
  const { warnings } = flagsOf(cellOf({ streams: [{ operation: { errors } }] }));
  assert.deepEqual(warnings, [
    { code: 'ERRORS', message: 'search: 3 requests failed with ECONNRESET: socket hang up' },
  ]);
});

test('fewer than 1,000 requests are warned of', () => {
  const counting = (count: number): CellChange => ({
    streams: [{ latencyMs: { service: latency({ count }) } }],
  });
  assertLimit(counting(1000), counting(999), ['FEW_SAMPLES']);
});

test('fewer than 100 distinct queries are warned of, and a window that missed some', () => {
  const recalling = (queries: number, coverage: number): CellChange => {
    const shares = { mean: 1, low: 1, high: 1, byId: 1, p05: 1, answered: 1 };
    const recall = { k: 10, ...shares, queries, coverage, judged: 2000 };
    return { streams: [{ operation: { recall } }] };
  };
  assertLimit(recalling(100, 1), recalling(99, 1), ['FEW_QUERIES']);
  assertLimit(recalling(100, 1), recalling(100, 0.99), ['COVERAGE']);
});

test('a worker that was held up for more than 10 ms is warned of, but not the store itself', () => {
  const delayed = (loopDelayMsP99: number): CellChange => ({ resources: { loopDelayMsP99 } });
  assertLimit(delayed(10), delayed(10.1), ['LOOP_DELAY']);
  const collecting = (gcPauseMsMax: number): CellChange => ({ resources: { gcPauseMsMax } });
  assertLimit(collecting(10), collecting(10.1), ['GC_PAUSE']);
  assert.deepEqual(said({ ...delayed(99), inProcess: true }), []);
  assert.deepEqual(said({ ...collecting(99), inProcess: true }), []);
});

test('more than 5 % of processor time that others took is warned of, from a second on', () => {
  for (const [field, code] of [
    ['stealFraction', 'HOST_STEAL'],
    ['foreignCpuFraction', 'FOREIGN_CPU'],
  ] as const) {
    const taking = (share: number, lastedNs = nsPerS): CellChange => ({
      counters: { [field]: share, lastedNs, clientCpuUs: 0 },
    });
    assertLimit(taking(0.05), taking(0.0501), [code]);
    // The kernel's steps are too coarse for less.
    assert.deepEqual(said(taking(0.5, nsPerS - 1)), []);
  }
});

test('a store that a control group held for more than 1 % of the window is warned of', () => {
  const held = (serverThrottled: number): CellChange => ({ counters: { serverThrottled } });
  assertLimit(held(0.01), held(0.0101), ['ENGINE_THROTTLED']);
});

test('client and store on the same cores are warned of, where the store runs here', () => {
  assertLimit({ isolated: true }, { isolated: false }, ['SHARED_CORES']);
  assert.deepEqual(said({ isolated: false, inProcess: true }), []);
  const { outcome } = cellOf();
  const counters = { clientCpuUs: 0, lastedNs: 10 * nsPerS };
  assert.deepEqual(said({ isolated: false, outcome: { ...outcome, counters } }), []);
});

test('without counters nothing is said of the machine', () => {
  const { counters: _, ...outcome } = cellOf().outcome;
  assert.deepEqual(flagsOf({ ...cellOf({ isolated: false }), outcome }).warnings, []);
});

/** A cell whose slices of 0.2 s are these; of a closed load, or an open one. */
function sliced(kind: Load['kind'], slices: readonly WindowSlice[], windowS = 10): CellChange {
  const answered = { requests: 2000, items: 2000 };
  const reports = [reportOf({ slices, windowNs: windowS * nsPerS, answered })];
  return { streams: [{ kind, reports }] };
}

test('a closed load that speeds up or slows down by more than a tenth is not steady', () => {
  // Ten windows of a second of 200, 200 + 5 d, ...: with d = 0.4 the change is 9 * 2 / 209 = 8.6 %,
  // with d = 0.5 it is 22.5 / 211.25 = 10.7 %; every window is above the one before.
  const rising = (step: number) =>
    sliced(
      'closed',
      slicesOf(50, (index) => ({ ended: 40 + step * Math.floor(index / 5) })),
    );
  assertLimit(rising(0.4), rising(0.5), ['NOT_STEADY']);
  assertLimit(rising(-0.4), rising(-0.5), ['NOT_STEADY']);
});

test('an open load is steady when its median response is, whatever its throughput', () => {
  const slower = (stepNs: number) =>
    sliced(
      'open',
      slicesOf(50, (index) => ({ ended: 20 + index, p50Ns: 1e6 + stepNs * Math.floor(index / 5) })),
    );
  // Over ten seconds 9 steps: 90 / 1045 = 8.6 %, 117 / 1058.5 = 11.1 % of the median in us.
  assertLimit(slower(10_000), slower(13_000), ['NOT_STEADY']);
});

test('a second more than 50 % off the median is not steady', () => {
  const stalled = (ended: number) =>
    sliced(
      'closed',
      slicesOf(50, (index) => (Math.floor(index / 5) === 3 ? { ended } : {})),
    );
  assertLimit(stalled(20), stalled(19), ['NOT_STEADY']);
  const { warnings } = flagsOf(cellOf(stalled(0)));
  assert.deepEqual(
    warnings.map(({ message }) => message),
    ['search: throughput was more than 50 % off its median for a while'],
  );
});

test('a window below 5 s is judged by fifths of a second, a longer one by seconds', () => {
  // One slow fifth of a second: in a second of 4 * 40 + 10 it does not show.
  const hitch = (windowS: number) =>
    sliced(
      'closed',
      slicesOf(windowS * 5, (index) => (index === 7 ? { ended: 10 } : {})),
      windowS,
    );
  assertLimit(hitch(5), hitch(4.8), ['NOT_STEADY']);
});

test('steadiness needs five windows, and 20 requests in each on average', () => {
  const halves = (count: number, ended: number) =>
    sliced(
      'closed',
      slicesOf(count, (index) => ({ ended: index < count - 1 ? ended : 0 })),
      count / 5,
    );
  assertLimit(halves(4, 40), halves(5, 40), ['NOT_STEADY']);
  // 25 slices: of 4 each it takes six to hold 20 on average, which leaves four windows.
  const few = sliced(
    'closed',
    slicesOf(25, (index) => ({ ended: index < 20 ? 4 : 0 })),
    4.9,
  );
  assert.deepEqual(said(few), []);
});

test('ramps and spikes are not asked to be steady', () => {
  const slices = slicesOf(50, (index) => ({ ended: 4 * index, p50Ns: 1e6 * (1 + index) }));
  for (const kind of ['ramp', 'spike'] as const) assert.deepEqual(said(sliced(kind, slices)), []);
  for (const kind of ['closed', 'open'] as const) {
    assert.deepEqual(said(sliced(kind, slices)), ['NOT_STEADY']);
  }
});

test('each worker is judged by itself, and the stream is warned of once', () => {
  // One speeds up as the other slows down; together they are even.
  const step = (sign: number) => slicesOf(50, (index) => ({ ended: 40 + sign * (index - 25) }));
  const reports = [1, -1].map((sign) =>
    reportOf({ slices: step(sign), answered: { requests: 1000, items: 1000 } }),
  );
  assert.deepEqual(said({ streams: [{ kind: 'closed', reports }] }), ['NOT_STEADY']);
});
