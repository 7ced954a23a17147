import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mrrAt10, ndcgAt10, recallAt100 } from '../../../core/measure/quality.js';

const grades = new Map([
  [10, 3],
  [11, 2],
  [12, 0],
  [13, 1],
]);
// The ideal order 3, 2, 1: 3/log2(2) + 2/log2(3) + 1/log2(4) = 3 + 1.2618595 + 0.5.
const ideal = 4.761859507142915;

function near(actual: number | undefined, expected: number): void {
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-12, `${actual}`);
}

test('NDCG@10 is that of a hand-worked list', () => {
  near(ndcgAt10([10, 11, 13], grades), 1);
  // Rank 2 has grade 2, rank 4 has grade 3: 2/log2(3) + 3/log2(5) = 1.2618595 + 1.2920297.
  near(ndcgAt10([99, 11, 12, 10], grades), (1.2618595071429148 + 1.2920296742201791) / ideal);
  assert.equal(ndcgAt10([], grades), 0);
});

test('a reversed list scores less than the right one', () => {
  // 1/log2(2) + 2/log2(3) + 3/log2(4) = 1 + 1.2618595 + 1.5.
  near(ndcgAt10([13, 11, 10], grades), 3.761859507142915 / ideal);
});

test('the ideal has relevant rows that the answer lacks, ten at most', () => {
  const twelve = new Map(Array.from({ length: 12 }, (_, row) => [row, 1]));
  near(ndcgAt10([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], twelve), 1);
  // One of two relevant rows, first: 1 / (1 + 1/log2(3)).
  near(
    ndcgAt10(
      [5],
      new Map([
        [5, 1],
        [6, 1],
      ]),
    ),
    1 / 1.6309297535714573,
  );
});

test('rows after rank 10 do not count for NDCG and MRR', () => {
  const ids = [90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 10];
  assert.equal(ndcgAt10(ids, grades), 0);
  assert.equal(mrrAt10(ids, grades), 0);
  near(recallAt100(ids, grades), 1 / 3);
});

test('a repeated row counts at its first rank only', () => {
  // Grade 1 at rank 1 only, of an ideal of one relevant row.
  const one = new Map([[7, 1]]);
  near(ndcgAt10([7, 7, 7], one), 1);
  near(
    recallAt100(
      [7, 7, 7],
      new Map([
        [7, 1],
        [8, 1],
      ]),
    ),
    0.5,
  );
  // The repeat keeps its rank: the next row stands at rank 3, 1/log2(4).
  near(ndcgAt10([9, 9, 7], one), 0.5);
});

test('MRR@10 is one over the rank of the first relevant row', () => {
  near(mrrAt10([12, 99, 13, 10], grades), 1 / 3);
  near(mrrAt10([11], grades), 1);
});

test('recall@100 looks at a hundred rows and no more', () => {
  const ids = Array.from({ length: 101 }, (_, index) => 1000 + index);
  const judged = new Map([
    [1099, 1],
    [1100, 1],
    [5, 0],
  ]);
  near(recallAt100(ids, judged), 0.5);
});

test('absent answers are no rows', () => {
  assert.equal(ndcgAt10([-1, -1], grades), 0);
  near(mrrAt10([-1, 10], grades), 0.5);
});

test('a query without a relevant row has no quality', () => {
  for (const none of [new Map<number, number>(), new Map([[1, 0]])]) {
    assert.equal(ndcgAt10([1], none), undefined);
    assert.equal(mrrAt10([1], none), undefined);
    assert.equal(recallAt100([1], none), undefined);
  }
});
