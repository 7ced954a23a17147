import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sample } from '../../../core/resources/sample.js';
import { placed, sampleFigures, statedCounters } from '../../../core/run/sample-figures.js';
import { nsPerS } from '../../../core/units.js';

const facts = { items: 1000, lastedNs: 4 * nsPerS, hz: 1, counters: new Set<string>() };

/** A sample that was taken so many seconds after the opening of the window. */
function sampleAt(seconds: number, change: Partial<Sample> = {}): Sample {
  const client = { cpuUs: 0, rssBytes: 100 + seconds };
  const phase = seconds < 0 ? 'warm-up' : 'window';
  return { atNs: (10 + seconds) * nsPerS, cell: 'a', phase, client, ...change };
}

test('samples are placed before, in and after the window of their own cell', () => {
  const window = { beganNs: 10 * nsPerS, lastedNs: 2 * nsPerS };
  const rows = [-1, 0, 2, 3].map((second) => sampleAt(second, { phase: 'warm-up' }));
  const of = (samples: readonly Sample[]) =>
    placed(samples, 'a', window).map(({ phase, windowNs }) => [phase, windowNs]);
  assert.deepEqual(of(rows), [
    ['warm-up', -nsPerS],
    ['window', 0],
    ['window', 2 * nsPerS],
    ['after', 3 * nsPerS],
  ]);
  const other = sampleAt(1, { cell: 'b', phase: 'warm-up' });
  assert.deepEqual(of([other]), [['warm-up', undefined]]);
  assert.deepEqual(placed(rows, 'a', undefined), rows);
});

test('steady is the median of the window, the peak its largest', () => {
  const server = (rssBytes: number) => ({ processes: 1, cpuUs: 0, rssBytes, majorFaults: 0 });
  const group = (size: number) => ({
    currentBytes: 9,
    anonBytes: size,
    fileBytes: 2 * size,
    shmemBytes: 0,
    workingSetBytes: 3 * size,
  });
  const rows = [
    sampleAt(-1, { server: server(9999) }),
    sampleAt(0, { server: server(10), cgroup: group(1), samplerCpuNs: 5_000_000 }),
    sampleAt(1, { server: server(50), cgroup: group(3) }),
    sampleAt(2, { server: server(13), cgroup: group(2) }),
    sampleAt(3, { server: server(20), samplerCpuNs: 20_000_000 }),
  ];
  // By hand: of 10, 13, 20, 50 the mean of the middle two is 16.5, as whole bytes 17.
  assert.deepEqual(sampleFigures(rows, facts), {
    server: {
      rssBytes: 17,
      rssPeakBytes: 50,
      cgroup: { anonBytes: 2, fileBytes: 4, shmemBytes: 0, workingSetBytes: 6 },
    },
    client: { rssBytes: 102, rssPeakBytes: 103 },
    // 15 ms of processor time in 3 s.
    sampler: { hz: 1, samples: 4, cpuFraction: 0.005 },
  });
});

test('a window without samples has no figures of them', () => {
  assert.deepEqual(sampleFigures([sampleAt(-1)], facts), { server: {}, client: {} });
});

test('of what a store states gauges have their median, counters their growth a query', () => {
  const stated = (seconds: number, values: Record<string, number>) => ({
    stated: { atNs: (10 + seconds) * nsPerS, values },
  });
  const rows = [
    sampleAt(0, stated(0, { memoryBytes: 10, diskBytes: 3, cpuSeconds: 5, begun: 9 })),
    sampleAt(1, stated(1, { memoryBytes: 30, diskBytes: 7, cpuSeconds: 5.25, begun: 1 })),
    sampleAt(2, stated(2, { memoryBytes: 20, diskBytes: 5, cpuSeconds: 6, rows: 4 })),
  ];
  const counters = new Set(['cpuSeconds', 'begun', 'rows']);
  const { server } = sampleFigures(rows, { ...facts, counters });
  // 1 s of processor time in 2 s is 2 s in the 4 s of the window: 2 ms for each of 1000 queries.
  // One that fell was begun anew, and of one that was told once nobody knows what it grew by.
  assert.deepEqual(server.stated, { memoryBytes: 20, diskBytes: 5, cpuUsPerRequest: 2000 });
});

test('counters are those of known names, and samples that end as Prometheus wants', () => {
  const names = {
    cpuSeconds: 'process_cpu',
    memoryBytes: 'resident_bytes',
    queries: 'queries_total{kind="a"}',
    total: 'total_bytes',
  };
  assert.deepEqual([...statedCounters(names)], ['cpuSeconds', 'queries']);
});

test('of GPUs the largest use of memory and the means of the others are kept', () => {
  const gpu = (usedBytes: number, busyFraction?: number) => [
    { index: 1, usedBytes, ...(busyFraction !== undefined && { busyFraction }) },
  ];
  const rows = [
    sampleAt(0, { gpus: gpu(5, 0.25) }),
    sampleAt(1),
    sampleAt(2, { gpus: gpu(9, 0.75) }),
  ];
  const { gpus } = sampleFigures(rows, facts);
  assert.deepEqual(gpus, [{ index: 1, usedPeakBytes: 9, busyFraction: 0.5 }]);
});
