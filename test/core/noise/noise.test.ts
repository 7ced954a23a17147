import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noiseOf } from '../../../core/noise/noise.js';
import { noiseSchema } from '../../../core/result/noise.js';
import { operationOf } from '../records.js';
import { pairedCells, pairedSummary, quietPairs } from './runs.js';

const twelve = pairedCells(quietPairs(12));

test('every metric that all halves have is told, and matches the schema', () => {
  const { noise, unknown } = noiseOf({ cells: twelve, summaries: [pairedSummary()], seed: 1 });
  assert.deepEqual(unknown, []);
  // What operationOf() measures above 0, but for the maximum of nothing.
  assert.deepEqual(
    noise.map(({ metric }) => metric),
    ['throughputQps', 'requestsPerS', 'serviceMsP50', 'serviceMsP90', 'serviceMsMax'],
  );
  for (const one of noise) noiseSchema.parse(one);
  const [first] = noise;
  assert.deepEqual([first?.pairs, first?.key, first?.stream], [12, 'key-a', 'search']);
  assert.equal(first?.logRatios.length, 12);
});

test('a percentile that one half is too short for has no noise', () => {
  const cells = twelve.map((cell, index) => {
    const service = { p50: 1, p90: 2, p95: 2, p99: 3, max: 3, mean: 1, count: 100 };
    const { p99: _, ...short } = service;
    const operation = operationOf({ latencyMs: { service: index === 5 ? short : service } });
    const [stream] = cell.streams;
    return stream === undefined
      ? cell
      : { ...cell, streams: [{ ...stream, operations: { search: operation } }] };
  });
  const { noise } = noiseOf({ cells, summaries: [pairedSummary()], seed: 1 });
  const names = noise.map(({ metric }) => metric);
  assert.ok(names.includes('serviceMsP50') && !names.includes('serviceMsP99'), names.join());
});

test('a point with fewer than four pairs that count is named with its number', () => {
  const cells = twelve.map((cell) =>
    (cell.pair ?? 0) < 9 && cell.role === 'head'
      ? { ...cell, invalid: [{ code: 'PACER_LAG', message: 'late' }] }
      : cell,
  );
  const { noise, unknown } = noiseOf({ cells, summaries: [pairedSummary()], seed: 1 });
  assert.deepEqual(noise, []);
  const why = '3 of 12 pairs count, so its noise is not known; 4 are needed';
  assert.deepEqual(unknown, [`b00-exact-flat, closed 1: ${why}`]);
});

test('what may not be compared has no noise', () => {
  const load = { ...pairedSummary().load, kind: 'open' as const, rateQps: 100 };
  const metricsOf = (change: Parameters<typeof pairedSummary>[0]): string[] => {
    const { noise } = noiseOf({ cells: twelve, summaries: [pairedSummary(change)], seed: 1 });
    return noise.map(({ metric }) => metric);
  };
  // Throughput is what was offered.
  assert.deepEqual(metricsOf({ load }), ['serviceMsP50', 'serviceMsP90', 'serviceMsMax']);
  // And latency as long as one measures.
  assert.deepEqual(metricsOf({ load, saturated: true }), []);
  assert.ok(!metricsOf({ load, pacerLimited: ['serviceMsP90'] }).includes('serviceMsP90'));
});

test('the pairs of one point are not those of another', () => {
  const other = pairedCells(quietPairs(5), { key: 'key-b' });
  const summaries = [pairedSummary(), pairedSummary({ key: 'key-b' })];
  const { noise } = noiseOf({ cells: [...twelve, ...other], summaries, seed: 1 });
  const counts = new Set(noise.map(({ key, pairs }) => `${key} ${pairs}`));
  assert.deepEqual([...counts], ['key-a 12', 'key-b 5']);
});
