import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addScore,
  emptyScores,
  meanOverQueries,
  poolScores,
  type QueryScores,
  queryMeans,
} from '../../../core/measure/scores.js';

/** Scores of one measure from values by query. */
function scoresOf(queries: number, values: readonly (readonly [number, number])[]): QueryScores {
  const scores = emptyScores(queries);
  for (const [query, value] of values) {
    scores.count[query] = (scores.count[query] as number) + 1;
    addScore(scores, 'recall', { query, value });
    scores.ids += 1;
    scores.asked += 2;
  }
  return scores;
}

test('the mean of a query is over its answers, the mean of all over queries', () => {
  const scores = scoresOf(3, [
    [0, 1],
    [0, 0.5],
    [0, 0],
    [2, 1],
  ]);
  assert.deepEqual(queryMeans(scores, 'recall'), [0.5, 1]);
  assert.equal(meanOverQueries(scores, 'recall', 1)?.mean, 0.75);
});

test('repeats are pooled answer by answer, not mean by mean', () => {
  const one = scoresOf(3, [
    [0, 1],
    [0, 1],
    [0, 1],
    [1, 0.5],
  ]);
  const two = scoresOf(3, [
    [0, 0],
    [2, 0.25],
  ]);
  const pooled = poolScores([one, two]);
  assert.deepEqual(pooled.count, [4, 1, 1]);
  assert.deepEqual(pooled.sums.recall, [3, 0.5, 0.25]);
  assert.deepEqual([pooled.ids, pooled.asked], [6, 12]);
  assert.equal(meanOverQueries(pooled, 'recall', 1)?.mean, (0.75 + 0.5 + 0.25) / 3);
  assert.deepEqual(one.count, [3, 1, 0]);
});

test('a query that a measure does not apply to is null and is left out', () => {
  const scores = scoresOf(3, [
    [0, 1],
    [1, 1],
  ]);
  addScore(scores, 'ndcgAt10', { query: 1, value: 0.5 });
  assert.deepEqual(scores.sums.ndcgAt10, [null, 0.5, null]);
  assert.deepEqual(queryMeans(scores, 'ndcgAt10'), [0.5]);
  const pooled = poolScores([scores, scoresOf(3, [[2, 1]])]);
  assert.deepEqual(pooled.sums.ndcgAt10, [null, 0.5, null]);
});

test('a score of zero is a score', () => {
  const scores = scoresOf(2, [[1, 0]]);
  assert.deepEqual(scores.sums.recall, [null, 0]);
  assert.equal(meanOverQueries(scores, 'recall', 1)?.mean, 0);
});

test('a measure without answers has no mean', () => {
  assert.equal(meanOverQueries(emptyScores(2), 'recall', 1), undefined);
  assert.deepEqual(poolScores([]).count, []);
});

test('scores survive being stored as JSON', () => {
  const scores = scoresOf(3, [
    [0, 1],
    [2, 0.1],
  ]);
  assert.deepEqual(JSON.parse(JSON.stringify(scores)), scores);
});
