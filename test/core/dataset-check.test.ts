import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dataset } from '../../core/dataset.js';
import { hashDataset, validateDataset } from '../../core/dataset-check.js';
import { float32Table, type VectorTable } from '../../core/vectors.js';

function table(dimensions: number, values: readonly number[]): VectorTable {
  const data = new Float32Array(new SharedArrayBuffer(values.length * 4));
  data.set(values);
  return float32Table(data, dimensions);
}

const sound: Dataset = {
  name: 'sample',
  metric: 'cosine',
  base: table(2, [1, 2, 3, 4, 5, 6]),
  queries: table(2, [1, 1, 2, 2]),
};

function assertRefused(change: Partial<Dataset>, message: RegExp): void {
  assert.throws(() => validateDataset({ ...sound, ...change }), { code: 'BAD_DATA', message });
}

test('a sound dataset passes', () => {
  const officialTruth = { queries: 2, k: 1, ids: Int32Array.of(2, 0) };
  const judgments = [new Map([[2, 1]]), new Map<number, number>()];
  assert.deepEqual(validateDataset({ ...sound, officialTruth, judgments }), { duplicateRows: 0 });
});

test('rows that repeat an earlier one are counted', () => {
  const base = table(2, [1, 2, 3, 4, 1, 2, 2, 1, 1, 2, 3, 4]);
  assert.deepEqual(validateDataset({ ...sound, base }), { duplicateRows: 3 });
  const same = table(1, new Array<number>(5000).fill(7));
  const many = { ...sound, base: same, queries: table(1, [1]) };
  assert.deepEqual(validateDataset(many), { duplicateRows: 4999 });
});

test('a value that is not finite is named by row and column', () => {
  assertRefused({ base: table(2, [1, 2, 3, NaN]) }, /base vectors.* row 1, column 1 is NaN/);
  assertRefused({ queries: table(2, [Infinity, 2]) }, /queries.* row 0, column 0 is Infinity/);
});

test('a zero vector is refused under cosine only', () => {
  const base = table(2, [1, 2, 0, -0]);
  assertRefused({ base }, /base vectors of sample: row 1 is all zeros/);
  assertRefused({ queries: table(2, [0, 0]) }, /queries of sample: row 0 is all zeros/);
  assert.deepEqual(validateDataset({ ...sound, metric: 'l2', base }), { duplicateRows: 0 });
});

test('sizes that do not agree are refused', () => {
  assertRefused({ queries: table(3, [1, 2, 3]) }, /3 dimensions, expected 2/);
  assertRefused({ base: { ...sound.base, rows: 4 } }, /6 values, expected 8 \(4 x 2\)/);
  assertRefused({ base: table(2, []) }, /0 rows/);
});

test('official neighbours must fit the queries and lie within the rows', () => {
  const official = (queries: number, ids: number[]): Partial<Dataset> => {
    return { officialTruth: { queries, k: 2, ids: Int32Array.from(ids) } };
  };
  assertRefused(official(1, [0, 1]), /1 queries, expected 2/);
  assertRefused(official(2, [0, 1, 2]), /3 ids, expected 2 x 2/);
  assertRefused(official(2, [0, 1, 2, 3]), /query 1, rank 2 is row 3, expected 0\.\.2/);
  assertRefused(official(2, [-1, 1, 2, 0]), /query 0, rank 1 is row -1/);
});

test('judgments must fit the queries and lie within the rows', () => {
  assertRefused({ judgments: [new Map()] }, /1 queries, expected 2/);
  assertRefused({ judgments: [new Map(), new Map([[3, 1]])] }, /query 1 judges row 3/);
});

test('the content hash changes with each part of the content and with nothing else', () => {
  const hash = hashDataset(sound);
  assert.equal(hashDataset({ ...sound, name: 'other', judgments: [] }), hash);
  const others: Partial<Dataset>[] = [
    { metric: 'ip' },
    { base: table(2, [1, 2, 3, 4, 5, 7]) },
    { base: table(3, [1, 2, 3, 4, 5, 6]) },
    { queries: table(2, [1, 1, 2, 3]) },
    { queries: table(2, [1, 1]) },
  ];
  const hashes = others.map((change) => hashDataset({ ...sound, ...change }));
  assert.equal(new Set([hash, ...hashes]).size, others.length + 1);
});
