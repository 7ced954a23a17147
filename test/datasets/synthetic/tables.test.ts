import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashDataset, validateDataset } from '../../../core/dataset-check.js';
import { repeatedRows } from '../../../core/repeated-rows.js';
import { float32Rows, type VectorTable } from '../../../core/vectors.js';
import { drawTables, type SyntheticShape } from '../../../datasets/synthetic/tables.js';

const normal = {
  deviation: 1,
  draw: (rows: Float32Array, source: { fill: (t: Float32Array, a: number, b: number) => void }) =>
    source.fill(rows, 0, rows.length),
};

const small: SyntheticShape = {
  rows: 1000,
  dimensions: 6,
  queries: 50,
  type: 'f32',
  metric: 'l2',
  seed: 1,
};

function valuesOf(table: VectorTable): Float32Array {
  return float32Rows(table, { from: 0, count: table.rows });
}

function textsOf(table: VectorTable): string[] {
  const values = valuesOf(table);
  return Array.from({ length: table.rows }, (_, row) =>
    values.subarray(row * table.dimensions, (row + 1) * table.dimensions).join(),
  );
}

test('the values depend on the seed, and not on the size of a shard', () => {
  for (const type of ['f32', 'f16', 'u8', 'i8'] as const) {
    const whole = drawTables({ ...small, type }, normal);
    for (const shardRows of [1, 7, 1000, 1040]) {
      const cut = drawTables({ ...small, type, shardRows }, normal);
      assert.equal(cut.base.shards.length, Math.ceil(1000 / shardRows));
      assert.deepEqual(valuesOf(cut.base), valuesOf(whole.base));
      assert.deepEqual(valuesOf(cut.queries), valuesOf(whole.queries));
    }
    const other = drawTables({ ...small, type, seed: 2 }, normal);
    assert.notDeepEqual(valuesOf(other.base), valuesOf(whole.base));
  }
});

test('the tables are of the sizes and the type that were asked for, and sound', () => {
  for (const type of ['f32', 'f16', 'u8', 'i8'] as const) {
    const { base, queries } = drawTables({ ...small, type, shardRows: 300 }, normal);
    assert.deepEqual([base.rows, base.type, queries.rows, queries.type], [1000, type, 50, type]);
    const dataset = { name: 'n', metric: 'cosine' as const, base, queries };
    assert.deepEqual(validateDataset(dataset), { duplicateRows: 0 });
    assert.match(hashDataset(dataset), /^[0-9a-f]{64}$/);
  }
});

test('stored values keep mean and deviation, in steps of a 32nd of it', () => {
  for (const [type, mean, deviation] of [
    ['f16', 0, 1],
    ['i8', 0, 32],
    ['u8', 128, 32],
  ] as const) {
    const { base } = drawTables({ ...small, rows: 50_000, type }, normal);
    const values = valuesOf(base);
    const found = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    // The standard errors of 300,000 values are 0.0018 and 0.0013 deviations.
    assert.ok(Math.abs(found - mean) < 0.01 * deviation, `${type}: mean ${found}`);
    assert.ok(Math.abs(Math.sqrt(squares) / deviation - 1) < 0.01, `${type}: ${squares}`);
  }
});

test('no two rows are equal, nor is a query a row, where chance alone would make them so', () => {
  // 256 x 256 points, most rows near the middle: by chance some hundred of 2,000 would repeat.
  const { base, queries } = drawTables(
    { ...small, rows: 2000, queries: 100, dimensions: 2, type: 'u8' },
    normal,
  );
  assert.equal(repeatedRows(base).length, 0);
  assert.equal(new Set([...textsOf(base), ...textsOf(queries)]).size, 2100);
});

test('under cosine no row is all zeros', () => {
  const shape = { ...small, rows: 100, queries: 10, dimensions: 1, type: 'i8' } as const;
  const { base } = drawTables({ ...shape, metric: 'cosine' }, normal);
  assert.ok(!valuesOf(base).includes(0));
  assert.ok(valuesOf(drawTables(shape, normal).base).includes(0));
});

test('more rows than there are values are refused', () => {
  const message = /300 rows and 50 queries of 1 values of u8 cannot all differ/;
  assert.throws(() => drawTables({ ...small, rows: 300, dimensions: 1, type: 'u8' }, normal), {
    code: 'BAD_ARGUMENT',
    message,
  });
  // There are 256 values, but those far from the middle are hardly ever drawn.
  assert.throws(() => drawTables({ ...small, rows: 200, dimensions: 1, type: 'u8' }, normal), {
    code: 'BAD_ARGUMENT',
    message: /cannot all differ: \d+ still repeat/,
  });
});

test('what does not fit into memory is refused before it is drawn', () => {
  assert.throws(() => drawTables({ ...small, rows: 1e9, dimensions: 65_536 }, normal), {
    code: 'NO_MEMORY',
    message: /1,000,000,000 x 65536 values of f32 need 238 TiB/,
  });
});
