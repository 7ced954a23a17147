import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueryScores } from '../../../core/measure/scores.js';
import type { Build, Cell, Summary } from '../../../core/result.js';
import { atRecall, fronts, summarise } from '../../../core/run/summarise.js';
import { targetOf } from '../plans.js';
import { buildOf, cellOf, figureOf, operationOf, scoresOf, summaryOf } from '../records.js';

function summariseAll(
  cells: readonly Cell[],
  scores: Readonly<Record<string, QueryScores>> = {},
  builds: readonly Build[] = [buildOf()],
): Summary[] {
  return summarise({ cells, builds, scoresOf: ({ id }) => scores[id], seed: 1 });
}

function only(summaries: readonly Summary[]): Summary {
  assert.equal(summaries.length, 1);
  return summaries[0] as Summary;
}

/** Repeats of one key with these throughputs. */
function repeatsOf(throughputs: readonly number[]): Cell[] {
  return throughputs.map((throughputQps, repeat) =>
    cellOf({ repeat }, operationOf({ throughputQps })),
  );
}

test('a figure is the median of the repeats with the t-interval of their logs', () => {
  const { metrics, repeats, validRepeats } = only(summariseAll(repeatsOf([10, 12, 11])));
  const figure = metrics.throughputQps;
  assert.equal(figure?.median, 11);
  assert.deepEqual(figure?.values, [10, 12, 11]);
  // scipy 1.17: exp(mean(log) -+ t.ppf(0.975, 2) * std(log) / sqrt(3)).
  assert.ok(Math.abs((figure?.low ?? 0) - 8.74598637159559) < 1e-9);
  assert.ok(Math.abs((figure?.high ?? 0) - 13.75858668854502) < 1e-8);
  assert.deepEqual([repeats, validRepeats], [3, 3]);
});

test('one repeat has a value and no interval', () => {
  const figure = only(summariseAll(repeatsOf([10]))).metrics.throughputQps;
  assert.deepEqual(figure, { median: 10, method: 'one repeat', values: [10] });
});

test('several repeats of which one is zero are not called one repeat', () => {
  const figure = only(summariseAll(repeatsOf([10, 0, 11]))).metrics.throughputQps;
  assert.equal(figure?.low, undefined);
  assert.notEqual(figure?.method, 'one repeat');
});

test('a half that was measured again for the other counts once, by its last attempt', () => {
  const again = cellOf({ repeat: 1, attempt: 1 }, operationOf({ throughputQps: 14 }));
  const { metrics, repeats, validRepeats } = only(
    summariseAll([...repeatsOf([10, 12, 11]), again]),
  );
  assert.deepEqual(metrics.throughputQps?.values, [10, 14, 11]);
  assert.deepEqual([repeats, validRepeats], [3, 3]);
});

test('invalid and failed cells are in no figure', () => {
  const cells = [
    ...repeatsOf([10, 12]),
    cellOf(
      { repeat: 2, invalid: [{ code: 'THROTTLED', message: '' }] },
      operationOf({ throughputQps: 1 }),
    ),
    cellOf({ repeat: 3, status: 'failed' }, operationOf({ throughputQps: 2 })),
  ];
  const summary = only(summariseAll(cells));
  assert.deepEqual(summary.metrics.throughputQps?.values, [10, 12]);
  assert.deepEqual([summary.repeats, summary.validRepeats], [4, 2]);
});

test('a key of which nothing is valid has no times, rates and recalls, but its failures', () => {
  const cell = cellOf({ status: 'failed' });
  const { metrics, validRepeats } = only(
    summariseAll([cell], { [cell.id]: scoresOf(2, { 0: 1 }) }),
  );
  assert.equal(validRepeats, 0);
  assert.deepEqual(Object.keys(metrics).sort(), ['buildS', 'failed', 'failedFraction', 'rawBytes']);
});

test('failures are counted over all repeats, and their share is of all that was offered', () => {
  const requests = { offered: 100, sent: 100, completed: 100, failed: 0, dropped: 0 };
  const cells = [
    cellOf({ repeat: 0 }, operationOf({ requests })),
    cellOf(
      { repeat: 1 },
      operationOf({ requests: { ...requests, offered: 300, sent: 297, failed: 5, dropped: 3 } }),
    ),
  ];
  const { failed, failedFraction } = only(summariseAll(cells)).metrics;
  assert.deepEqual(failed, { median: 8, low: 8, high: 8, method: 'counted', values: [0, 8] });
  assert.equal(failedFraction?.median, 8 / 400);
});

test('a percentile that some repeats lack is absent', () => {
  const service = { p50: 1, p90: 2, p95: 2, max: 3, mean: 1, count: 1500 };
  const cells = [
    cellOf({ repeat: 0 }, operationOf({ latencyMs: { service: { ...service, p99: 2.5 } } })),
    cellOf({ repeat: 1 }, operationOf({ latencyMs: { service } })),
  ];
  const { metrics } = only(summariseAll(cells));
  assert.equal(metrics.serviceMsP99, undefined);
  assert.deepEqual(metrics.serviceMsP50?.values, [1, 1]);
});

test('recall is pooled over repeats by query, its interval is over queries', () => {
  const cells = repeatsOf([10, 10]);
  const scores = {
    [cells[0]?.id ?? '']: scoresOf(3, { 0: 1, 1: 0.5 }),
    [cells[1]?.id ?? '']: scoresOf(3, { 0: 0, 2: 1 }),
  };
  const { recall, recallById } = only(summariseAll(cells, scores)).metrics;
  // Query 0: (1 + 0) / 2; query 1: 0.5; query 2: 1.
  assert.equal(recall?.median, 2 / 3);
  assert.deepEqual(recall?.values, [0.75, 0.5]);
  assert.equal(recall?.method, 'bootstrap over queries');
  assert.equal(recallById?.median, 1 / 3);
});

test('cells of other keys and other builds are other summaries', () => {
  const builds = [buildOf(), buildOf({ id: 'b01-exact-flat' })];
  const cells = [
    cellOf({ key: 'key-a' }),
    cellOf({ key: 'key-b' }),
    cellOf({ key: 'key-a', build: 'b01-exact-flat' }),
  ];
  const names = summariseAll(cells, {}, builds).map(({ build, key }) => `${build} ${key}`);
  assert.deepEqual(names, ['b00-exact-flat key-a', 'b00-exact-flat key-b', 'b01-exact-flat key-a']);
});

test('builds of one index give the build figures, failed ones do not', () => {
  const builds = [
    buildOf({ instance: 0, buildS: 2, memory: { engineBytes: 100, pssAnonBytes: 5 } }),
    buildOf({
      instance: 1,
      buildS: 4,
      memory: {
        engineBytes: 120,
        baselineBytes: 2,
        pssAnonBytes: 5,
        pssFileBytes: 3,
        pssShmemBytes: 1,
      },
    }),
    buildOf({ instance: 2, status: 'failed', buildS: 9, memory: { engineBytes: 1 } }),
  ];
  const { metrics } = only(summariseAll([cellOf()], {}, builds));
  assert.deepEqual(metrics.buildS?.values, [2, 4]);
  assert.deepEqual(metrics.engineBytes, {
    median: 110,
    low: 100,
    high: 120,
    method: 'range of builds',
    values: [100, 120],
  });
  assert.deepEqual(metrics.pssBytes?.values, [9]);
  assert.deepEqual(metrics.pssGrowthBytes?.values, [7]);
});

const targets = [targetOf('exact', []), targetOf('double', [], { standIn: true })];

type Place = readonly [recall: number, throughputQps: number];

function point(key: string, [recall, throughputQps]: Place, change: Partial<Summary> = {}) {
  const metrics = { recall: figureOf(recall), throughputQps: figureOf(throughputQps) };
  return summaryOf(metrics, { key, ...change });
}

test('a front holds what no other point beats', () => {
  const summaries = [
    point('a', [0.9, 100]),
    point('b', [0.95, 50]),
    point('beaten', [0.85, 90]),
    point('c', [0.5, 900]),
  ];
  const all = fronts(summaries, targets);
  assert.deepEqual(
    all.map(({ metric, keys }) => [metric, keys]),
    [['throughputQps', ['c', 'a', 'b']]],
  );
});

test('other loads have other fronts', () => {
  const four = { ...point('x', [1, 1]).load, concurrency: 4 };
  const all = fronts([point('a', [0.9, 100]), point('b', [0.9, 300], { load: four })], targets);
  assert.deepEqual(
    all.map(({ load, keys }) => [load.concurrency, keys]),
    [
      [1, ['a']],
      [4, ['b']],
    ],
  );
});

test('other streams have other fronts and best points, though load and target are the same', () => {
  const comedy = { stream: 'search-comedy' };
  const summaries = [
    point('all', [0.92, 100]),
    point('comedy', [0.96, 300], comedy),
    point('slow-comedy', [0.97, 200], comedy),
  ];
  assert.deepEqual(
    fronts(summaries, targets).map(({ stream, operation, keys }) => [stream, operation, keys]),
    [
      ['search', 'search', ['all']],
      ['search-comedy', 'search', ['comedy', 'slow-comedy']],
    ],
  );
  assert.deepEqual(
    atRecall(summaries, targets).map(({ stream, recall, key }) => [stream, recall, key]),
    [
      ['search', 0.9, 'all'],
      ['search', 0.95, undefined],
      ['search-comedy', 0.9, 'comedy'],
      ['search-comedy', 0.95, 'comedy'],
    ],
  );
});

test('a point that the client held back and a stand-in are on no front and at no recall', () => {
  const summaries = [
    point('limited', [1, 1000], { clientLimited: true }),
    point('stand-in', [1, 1000], { target: 'double' }),
    point('real', [0.96, 10]),
  ];
  assert.deepEqual(
    fronts(summaries, targets).flatMap(({ keys }) => keys),
    ['real'],
  );
  assert.deepEqual(
    atRecall(summaries, targets).map(({ key, recall }) => [recall, key]),
    [
      [0.9, 'real'],
      [0.95, 'real'],
    ],
  );
});

test('at a recall stands the best throughput that reaches it, for each family', () => {
  const summaries = [
    point('slow', [0.99, 50]),
    point('fast', [0.91, 200]),
    point('fastest', [0.6, 900]),
    point('other', [0.7, 70], { family: 'hnsw' }),
  ];
  const rows = atRecall(summaries, targets).map(({ family, recall, key, throughputQps }) => [
    family,
    recall,
    key,
    throughputQps,
  ]);
  assert.deepEqual(rows, [
    ['flat', 0.9, 'fast', 200],
    ['flat', 0.95, 'slow', 50],
    ['hnsw', 0.9, undefined, undefined],
    ['hnsw', 0.95, undefined, undefined],
  ]);
});
