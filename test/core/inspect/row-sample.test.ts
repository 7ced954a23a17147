import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleRows } from '../../../core/inspect/row-sample.js';
import { allocateTable, rowsOf, vectorOf } from '../../../core/vectors.js';

test('a sample has distinct rows in order, all of them where all are asked for', () => {
  assert.deepEqual([...sampleRows(5, 5, 1)], [0, 1, 2, 3, 4]);
  assert.deepEqual([...sampleRows(5, 0, 1)], []);
  for (let seed = 0; seed < 100; seed++) {
    const rows = [...sampleRows(20, 8, seed)];
    assert.deepEqual(
      rows,
      [...new Set(rows)].sort((a, b) => a - b),
    );
    assert.equal(rows.length, 8);
    assert.ok(rows.every((row) => row >= 0 && row < 20));
  }
});

test('every pair of rows is equally likely', () => {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 20_000; seed++) {
    const pair = sampleRows(5, 2, seed).join();
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  assert.equal(counts.size, 10);
  let chiSquare = 0;
  for (const count of counts.values()) chiSquare += (count - 2000) ** 2 / 2000;
  // The 0.999 quantile of chi-square with 9 degrees of freedom is 27.9 (table).
  assert.ok(chiSquare < 27.9, `chi-square ${chiSquare}`);
});

test('copied rows are those of the table, over shards and in the type of the table', () => {
  const table = allocateTable({ rows: 10, dimensions: 3, type: 'i8', shardRows: 4 });
  table.shards.forEach((shard, index) => {
    for (let at = 0; at < shard.length; at++) shard[at] = index * 12 + at;
  });
  const copy = rowsOf(table, Int32Array.of(9, 3, 4, 0));
  assert.deepEqual([copy.rows, copy.type, copy.dimensions], [4, 'i8', 3]);
  const rows = Array.from({ length: 4 }, (_, row) => [...vectorOf(copy, row)]);
  assert.deepEqual(rows, [
    [27, 28, 29],
    [9, 10, 11],
    [12, 13, 14],
    [0, 1, 2],
  ]);
});
