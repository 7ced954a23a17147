import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createHistogram,
  encodeHistogram,
  mergeHistograms,
  recordNs,
} from '../../core/measure/histogram.js';
import { latencyOf } from '../../core/measure/latency.js';
import { ndcgAt10 } from '../../core/measure/quality.js';
import { recallOf, scoreAnswers } from '../../core/measure/recall.js';
import { emptyScores } from '../../core/measure/scores.js';
import { computeTruth } from '../../core/measure/truth.js';
import { repeatInterval } from '../../core/stats/interval.js';
import { median } from '../../core/stats/quantile.js';
import { tableOf } from './tables.js';

/*
 * What other benchmarks get wrong, one test an error: each says the wrong figure and holds the
 * right one. The right figures are worked out by hand from the definitions.
 */

// Rows on a line at 0, 1, 2, ... 49, and a query at 0.1: its nearest ten are the rows 0..9.
const base = tableOf(
  1,
  Array.from({ length: 50 }, (_, row) => row),
);
const queries = tableOf(1, [0.1, 30.1]);
const truth = await computeTruth({ metric: 'l2', base, queries, k: 20 });

function recallOfAnswers(records: readonly number[]) {
  const judge = { metric: 'l2' as const, base, queries, truth, k: 10 };
  const scores = emptyScores(queries.rows);
  scoreAnswers(judge, Int32Array.from(records), scores);
  return recallOf(scores, 10, 1);
}

test('ten copies of one right id have recall 0.1: counting repeats gives 1.0', () => {
  assert.equal(recallOfAnswers([0, ...new Array<number>(10).fill(0)])?.mean, 0.1);
});

test('one right id of ten has recall 0.1: over what came, not over k, it would be 1.0', () => {
  assert.equal(recallOfAnswers([0, 3, ...new Array<number>(9).fill(-1)])?.mean, 0.1);
});

test('a query without an answer has recall 0: an empty list within the truth scores 1.0', () => {
  assert.equal(recallOfAnswers([0, ...new Array<number>(10).fill(-1)])?.mean, 0);
});

test('without answers, and so without a truth to hold them to, there is no recall, not 1.0', () => {
  assert.equal(recallOfAnswers([]), undefined);
});

test('a reversed list has an NDCG of 0.79: by the order of the truth it would be 1.0', () => {
  const grades = new Map([
    [10, 3],
    [11, 2],
    [13, 1],
  ]);
  // (1/log2(2) + 2/log2(3) + 3/log2(4)) / (3/log2(2) + 2/log2(3) + 1/log2(4))
  const right = (1 + 2 / Math.log2(3) + 1.5) / (3 + 2 / Math.log2(3) + 0.5);
  assert.ok(Math.abs((ndcgAt10([13, 11, 10], grades) ?? 0) - right) < 1e-12);
  assert.ok(right < 0.8);
});

test('the p99 of two workers is that of all requests: the larger of two gives ten times it', () => {
  const encoded = [
    { count: 9950, ns: 1e6 },
    { count: 50, ns: 10e6 },
  ].map(({ count, ns }) => {
    const histogram = createHistogram();
    for (let request = 0; request < count; request++) recordNs(histogram, ns);
    return encodeHistogram(histogram);
  });
  // 50 of 10,000 requests took 10 ms: 99 % took 1 ms. The maximum of the parts is 10 ms, their
  // mean 5.5 ms.
  const p99 = latencyOf(mergeHistograms(encoded))?.p99 ?? Number.NaN;
  assert.ok(Math.abs(p99 - 1) < 0.001, `${p99}`);
});

test('three repeats are their median with an interval: the best of three hides the others', () => {
  const qps = [1000, 1100, 1900];
  assert.equal(median(qps), 1100);
  const interval = repeatInterval(qps, 1);
  // exp(mean of logs +- 4.303 * sd of logs / sqrt(3)): Student's t at 2 degrees of freedom is 4.303
  // (any table). The best, 1900, would stand alone.
  const logs = qps.map(Math.log);
  const mean = (logs[0] as number) / 3 + (logs[1] as number) / 3 + (logs[2] as number) / 3;
  const sd = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / 2);
  const half = (4.302_652_73 * sd) / Math.sqrt(3);
  assert.ok(Math.abs((interval?.low ?? 0) / Math.exp(mean - half) - 1) < 1e-6);
  assert.ok(Math.abs((interval?.high ?? 0) / Math.exp(mean + half) - 1) < 1e-6);
});
