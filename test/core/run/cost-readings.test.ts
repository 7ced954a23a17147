import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Prices } from '../../../core/cost/prices.js';
import { judge } from '../../../core/gates/gate.js';
import type { Cell, Figure, Summary } from '../../../core/result.js';
import { summarise } from '../../../core/run/summarise.js';
import { buildOf, cellOf, operationOf } from '../records.js';

const prices: Prices = {
  file: 'p.yaml',
  currency: 'USD',
  date: '2026-03-31',
  source: 'a list',
  perHour: 3.6,
  perCoreHour: 0.36,
  perGiBHour: 0.072,
  perMillionRequests: 4,
};
const gib = 2 ** 30;

/** A repeat of 500 us of processor time a query and 2 GiB of memory. */
function repeatOf(throughputQps: number, change: Partial<Cell> = {}): Cell {
  const cell = cellOf({ ...change }, operationOf({ throughputQps }));
  const server = {
    cpuUsPerRequest: 500,
    pssAnonBytes: 1.25 * gib,
    pssFileBytes: 0.25 * gib,
    pssShmemBytes: 0.25 * gib,
    hugetlbBytes: 0.25 * gib,
    readBytesPerRequest: 8192,
    writeBytesPerRequest: 0,
  };
  return { ...cell, resources: { ...cell.resources, server, ...change.resources } };
}

function summaryOf(cells: readonly Cell[], given: Prices | undefined = prices): Summary {
  const builds = [buildOf()];
  const [only] = summarise({ cells, builds, scoresOf: () => undefined, seed: 1, prices: given });
  return only as Summary;
}

function near(figure: Figure | undefined, expected: readonly number[]): void {
  const values = figure?.values ?? [];
  assert.equal(values.length, expected.length);
  for (const [index, value] of values.entries()) {
    assert.ok(Math.abs(value - (expected[index] as number)) < 1e-12, `${value}`);
  }
}

function withLoad(cell: Cell, change: object): Cell {
  const streams = cell.streams.map((one) => ({ ...one, load: { ...one.load, ...change } }));
  return { ...cell, streams };
}

test('each repeat of a closed load has its costs, and what a million queries take', () => {
  const { metrics } = summaryOf([repeatOf(1000), repeatOf(2000, { repeat: 1 })]);
  // By hand: 0.001 a second of 1,000 s and of 500 s.
  near(metrics.costPerMillionByHour, [1, 0.5]);
  // By hand: 500 core-seconds at 0.0001; 2 GiB at 0.00002 a GiB and second, of 1,000 s and 500 s.
  near(metrics.costPerMillionByUse, [0.05 + 0.04, 0.05 + 0.02]);
  near(metrics.costPerMillionByRequest, [4, 4]);
  near(metrics.cpuSPerMillion, [500, 500]);
  near(metrics.readBytesPerMillion, [8192e6, 8192e6]);
  near(metrics.writeBytesPerMillion, [0, 0]);
});

test('the interval of a cost by the hour is that of the throughput, turned round', () => {
  const { metrics } = summaryOf([10, 12, 11].map((qps, repeat) => repeatOf(qps, { repeat })));
  const { median, low, high } = metrics.costPerMillionByHour as Figure;
  // 1000 / qps; the interval of these throughputs is 8.74598637159559..13.75858668854502 (scipy
  // 1.17, as in the test of summaries), and the t-interval of logs turns round with its values.
  assert.ok(Math.abs(median - 1000 / 11) < 1e-9);
  assert.ok(Math.abs((low ?? 0) - 1000 / 13.75858668854502) < 1e-8);
  assert.ok(Math.abs((high ?? 0) - 1000 / 8.74598637159559) < 1e-8);
});

test('an offered rate is no capacity, but memory is paid for as long as it takes', () => {
  const open = withLoad(repeatOf(1000), { kind: 'open', rateQps: 1000, concurrency: undefined });
  const { metrics } = summaryOf([open]);
  assert.equal(metrics.costPerMillionByHour, undefined);
  near(metrics.costPerMillionByUse, [0.09]);
  const ramp = summaryOf([withLoad(repeatOf(1000), { kind: 'ramp' })]).metrics;
  assert.equal(ramp.costPerMillionByHour, undefined);
  assert.equal(ramp.costPerMillionByUse, undefined);
});

test('a client at its limit in any repeat leaves no cost by the hour', () => {
  const limited = repeatOf(1000, { repeat: 1, clientLimited: true });
  const { metrics } = summaryOf([repeatOf(1000), limited]);
  assert.equal(metrics.costPerMillionByHour, undefined);
  near(metrics.costPerMillionByUse, [0.09, 0.09]);
});

test('streams that share a store have no costs by hour or use', () => {
  const cell = repeatOf(1000);
  const [stream] = cell.streams;
  assert.ok(stream !== undefined);
  const { metrics } = summaryOf([{ ...cell, streams: [stream, { ...stream, name: 'other' }] }]);
  assert.equal(metrics.costPerMillionByHour, undefined);
  assert.equal(metrics.costPerMillionByUse, undefined);
  near(metrics.costPerMillionByRequest, [4]);
});

test('a batch of ten is one request of ten queries', () => {
  const operation = operationOf({ throughputQps: 1000, itemsPerRequest: 10 });
  const { metrics } = summaryOf([cellOf({}, operation)]);
  near(metrics.costPerMillionByRequest, [0.4]);
});

test('what a server elsewhere states takes the place of its processes', () => {
  const cell = repeatOf(1000);
  const stated = { cpuUsPerRequest: 500, memoryBytes: 2 * gib };
  const { metrics } = summaryOf([
    { ...cell, resources: { ...cell.resources, server: { stated } } },
  ]);
  near(metrics.costPerMillionByUse, [0.09]);
  near(metrics.cpuSPerMillion, [500]);
  const none = summaryOf([{ ...cell, resources: { ...cell.resources, server: {} } }]).metrics;
  assert.equal(none.costPerMillionByUse, undefined);
  assert.equal(none.cpuSPerMillion, undefined);
  near(none.costPerMillionByHour, [1]);
});

test('without prices there are no costs, and a gate on one has no data', () => {
  const gate = { metric: 'costPerMillionByHour', atMost: 1.5 };
  const cells = [1000, 1010, 1020, 1030, 1040].map((qps, repeat) => repeatOf(qps, { repeat }));
  const builds = [buildOf()];
  const without = summarise({ cells, builds, scoresOf: () => undefined, seed: 1 });
  const names = Object.keys(without[0]?.metrics ?? {});
  assert.deepEqual(
    names.filter((name) => name.startsWith('cost')),
    [],
  );
  assert.deepEqual(
    judge([gate], without).map(({ verdict }) => verdict),
    ['no-data'],
  );
  // All five cost 1 or less, and less than a hundredth apart of 0.98.
  assert.deepEqual(
    judge([gate], [summaryOf(cells)]).map(({ verdict }) => verdict),
    ['pass'],
  );
  // A cost is made of times: fewer than five repeats do not decide.
  const few = judge([gate], [summaryOf(cells.slice(0, 4))]);
  assert.deepEqual(
    few.map(({ verdict }) => verdict),
    ['undecided'],
  );
});
