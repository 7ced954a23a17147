import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type JudgeInput,
  qualityOf,
  recallOf,
  scoreAnswers,
} from '../../../core/measure/recall.js';
import { emptyScores } from '../../../core/measure/scores.js';
import { computeTruth } from '../../../core/measure/truth.js';
import { tableOf } from '../tables.js';

// Rows on a line at 0, 1, 2, ... 49; the queries at 0.1 and 30.1. The nearest ten of the first are
// the rows 0..9; of the second 30 31 29 32 28 33 27 34 26 35.
const base = tableOf(
  1,
  Array.from({ length: 50 }, (_, row) => row),
);
const queries = tableOf(1, [0.1, 30.1]);
const firstTen = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const secondTen = [30, 31, 29, 32, 28, 33, 27, 34, 26, 35];

async function judgeOf(change: Partial<JudgeInput> = {}): Promise<JudgeInput> {
  const input = { metric: 'l2' as const, base, queries, k: 10, ...change };
  const truth = await computeTruth({ ...input, k: Math.min(input.base.rows, 20) });
  return { ...input, truth };
}

async function recallFor(
  answers: readonly (readonly [query: number, ids: readonly number[]])[],
  change: Partial<JudgeInput> = {},
) {
  const judge = await judgeOf(change);
  const scores = emptyScores(judge.queries.rows);
  const records = answers.flatMap(([query, ids]) => [query, ...ids]);
  scoreAnswers(judge, Int32Array.from(records), scores);
  const recall = recallOf(scores, judge.k, 1);
  assert.ok(recall !== undefined);
  return recall;
}

test('the true nearest in any order have recall 1', async () => {
  const recall = await recallFor([
    [0, firstTen],
    [1, [...secondTen].reverse()],
  ]);
  assert.deepEqual([recall.mean, recall.byId, recall.low, recall.high], [1, 1, 1, 1]);
  assert.deepEqual([recall.queries, recall.coverage, recall.judged], [2, 1, 2]);
});

test('ten copies of the true nearest are one right answer of ten', async () => {
  const recall = await recallFor([[0, new Array<number>(10).fill(0)]]);
  assert.deepEqual([recall.mean, recall.byId], [0.1, 0.1]);
});

test('one right id of ten has recall 0.1', async () => {
  const recall = await recallFor([[0, [4, 40, 41, 42, 43, 44, 45, 46, 47, 48]]]);
  assert.deepEqual([recall.mean, recall.byId], [0.1, 0.1]);
});

test('ids that did not come or do not exist are wrong, and are still asked for', async () => {
  const recall = await recallFor([[0, [0, 1, 2, -1, -1, 50, 1000, 2 ** 31 - 1, -7, 3]]]);
  assert.equal(recall.mean, 0.4);
  // Seven of ten ids came: 50, 1000 and the largest are ids, although of no row.
  assert.equal(recall.answered, 0.7);
});

test('no id at all has recall 0, not 1', async () => {
  const recall = await recallFor([[0, new Array<number>(10).fill(-1)]]);
  assert.deepEqual([recall.mean, recall.answered], [0, 0]);
});

test('of rows that tie at rank k each is right by distance, one of them by id', async () => {
  // Seen from 5 the rows 4 and 6 tie, 3 and 7 tie, ... with k = 2: the row 5 and one of 4 and 6.
  const change = { queries: tableOf(1, [5]), k: 2 };
  const low = await recallFor([[0, [5, 4]]], change);
  const high = await recallFor([[0, [5, 6]]], change);
  assert.deepEqual([low.mean, high.mean], [1, 1]);
  assert.deepEqual([low.byId, high.byId].sort(), [0.5, 1]);
});

test('a row beyond the k-th is wrong, however small the step', async () => {
  // 30.1 to 36 is 5.9, to 25 it is 5.1, to 35 4.9: the row 25 is not among ten.
  const recall = await recallFor([[1, [...secondTen.slice(0, 9), 25]]]);
  assert.equal(recall.mean, 0.9);
});

test('equal rows stand for each other', async () => {
  const twice = tableOf(1, [0, 7, 7, 9]);
  const change = { base: twice, queries: tableOf(1, [7]), k: 1 };
  for (const id of [1, 2]) assert.equal((await recallFor([[0, [id]]], change)).mean, 1);
});

test('answers to one query are averaged before the queries are', async () => {
  const wrong = new Array<number>(10).fill(-1);
  const recall = await recallFor([
    [0, firstTen],
    [0, firstTen],
    [0, firstTen],
    [0, wrong],
    [1, wrong],
  ]);
  // (3/4 + 0) / 2, not 3/5.
  assert.equal(recall.mean, 0.375);
  assert.equal(recall.judged, 5);
  assert.equal(recall.queries, 2);
});

test('repeated answers count each time, whatever came in between', async () => {
  const half = [0, 1, 2, 3, 4, 40, 41, 42, 43, 44];
  const recall = await recallFor([
    [0, firstTen],
    [0, firstTen],
    [1, secondTen],
    [0, half],
    [0, half],
    [0, firstTen],
  ]);
  // Query 0: (1 + 1 + 0.5 + 0.5 + 1) / 5; query 1: 1.
  assert.equal(recall.mean, (0.8 + 1) / 2);
  assert.equal(recall.judged, 6);
});

test('queries that were not answered lower the coverage, not the recall', async () => {
  const recall = await recallFor([[1, secondTen]]);
  assert.deepEqual([recall.mean, recall.queries, recall.coverage], [1, 1, 0.5]);
});

test('p05 shows the queries that a mean hides', async () => {
  const many = tableOf(
    1,
    Array.from({ length: 21 }, (_, query) => query + 0.1),
  );
  const judge = await judgeOf({ queries: many, k: 1 });
  const scores = emptyScores(21);
  for (let query = 0; query < 21; query++) {
    scoreAnswers(judge, Int32Array.of(query, query === 3 ? 49 : query), scores);
  }
  const recall = recallOf(scores, 1, 1);
  assert.equal(recall?.mean, 20 / 21);
  // numpy.quantile([0] + [1] * 20, 0.05) is 1: the second of 21; at 0.04 it is 0.8.
  assert.equal(recall?.p05, 1);
});

test('ties are judged within the tolerance of float32 stores', async () => {
  // Squared distances 1 and 1 + 1e-6 differ by less than 1e-6 (|q|^2 + |x|^2) at |q| = 3.
  const near = tableOf(1, [4, 2 - 5e-7, 2 - 1e-3]);
  const change = { base: near, queries: tableOf(1, [3]), k: 1 };
  assert.equal((await recallFor([[0, [1]]], change)).mean, 1);
  assert.equal((await recallFor([[0, [2]]], change)).mean, 0);
});

test('nothing judged has no recall', () => {
  assert.equal(recallOf(emptyScores(3), 10, 1), undefined);
  assert.equal(qualityOf(emptyScores(3), 1), undefined);
});

test('quality is judged by grades, for the queries that have any, from ten ids on', async () => {
  const judgments = [new Map([[4, 1]]), new Map<number, number>()];
  const judge = await judgeOf({ judgments });
  const scores = emptyScores(2);
  scoreAnswers(judge, Int32Array.from([0, ...firstTen, 1, ...secondTen]), scores);
  const quality = qualityOf(scores, 1);
  // The only relevant row at rank 5: 1 / log2(6) of an ideal of 1, and a reciprocal rank of 1/5.
  assert.ok(Math.abs((quality?.ndcgAt10 ?? 0) - 1 / Math.log2(6)) < 1e-12);
  assert.deepEqual([quality?.mrrAt10, quality?.queries], [0.2, 1]);
  assert.equal(quality?.recallAt100, undefined);
  const five = await judgeOf({ judgments, k: 5 });
  const few = emptyScores(2);
  scoreAnswers(five, Int32Array.from([0, 0, 1, 2, 3, 4]), few);
  assert.equal(qualityOf(few, 1), undefined);
});
