import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  allocateTable,
  type ElementType,
  float32Rows,
  float32Table,
  readRows,
  storedRuns,
  type VectorTable,
  vectorOf,
} from '../../core/vectors.js';

/** A table whose value in row r, column c is 10 r + c, in shards of so many rows. */
function numbered(type: ElementType, shape: { rows: number; shardRows: number }): VectorTable {
  const table = allocateTable({ ...shape, dimensions: 3, type });
  let value = 0;
  for (const { values } of storedRuns(table)) {
    for (let at = 0; at < values.length; at++) {
      values[at] = 10 * Math.floor(value / 3) + (value % 3);
      value += 1;
    }
  }
  return table;
}

test('a table is cut into shards of whole rows, in shared memory', () => {
  const table = allocateTable({ rows: 10, dimensions: 3, type: 'u8', shardRows: 4 });
  assert.deepEqual(
    table.shards.map(({ length }) => length),
    [12, 12, 6],
  );
  for (const { buffer } of table.shards) assert.ok(buffer instanceof SharedArrayBuffer);
});

test('a shard takes at most 1 GiB, and a small table has one of its size', () => {
  const small = allocateTable({ rows: 5, dimensions: 2, type: 'f16' });
  assert.deepEqual([small.shardRows, small.shards.length, small.shards[0]?.byteLength], [5, 1, 20]);
  // 2^30 bytes hold 2^14 rows of 2^16 bytes; memory that nobody writes to takes none.
  const wide = allocateTable({ rows: 16_385, dimensions: 65_536, type: 'u8' });
  assert.deepEqual(
    wide.shards.map(({ byteLength }) => byteLength),
    [2 ** 30, 65_536],
  );
});

test('rows are the same however a table is cut', () => {
  fc.assert(
    fc.property(
      fc.record({
        type: fc.constantFrom<ElementType[]>('f32', 'u8', 'i8'),
        rows: fc.integer({ min: 1, max: 12 }),
        shardRows: fc.integer({ min: 1, max: 12 }),
        seed: fc.nat(),
      }),
      ({ type, rows, shardRows, seed }) => {
        const table = numbered(type, { rows, shardRows });
        const from = seed % rows;
        const count = rows - from;
        const expected = Array.from({ length: count * 3 }, (_, at) => {
          return 10 * (from + Math.floor(at / 3)) + (at % 3);
        });
        const wanted = type === 'i8' ? Int8Array.from(expected) : expected;
        assert.deepEqual([...float32Rows(table, { from, count })], [...wanted]);
        const target = new Float32Array(count * 3);
        readRows(table, { from, count }, target);
        assert.deepEqual([...target], [...wanted]);
        assert.deepEqual([...vectorOf(table, from)], [...wanted].slice(0, 3));
      },
    ),
  );
});

test('float16 is widened exactly', () => {
  const table = allocateTable({ rows: 2, dimensions: 2, type: 'f16', shardRows: 1 });
  // 1, -2; 65504, the smallest subnormal: IEEE 754 binary16.
  table.shards[0]?.set([0x3c00, 0xc000]);
  table.shards[1]?.set([0x7bff, 0x0001]);
  const rows = float32Rows(table, { from: 0, count: 2 });
  assert.deepEqual([...rows], [1, -2, 65_504, 2 ** -24]);
});

test('float32 rows that lie together are not copied', () => {
  const data = new Float32Array(new SharedArrayBuffer(24));
  const table = float32Table(data, 2);
  float32Rows(table, { from: 1, count: 2 })[0] = 5;
  vectorOf(table, 0)[1] = 7;
  assert.deepEqual([...data], [0, 7, 5, 0, 0, 0]);
  assert.deepEqual([table.rows, table.type, table.shards.length], [3, 'f32', 1]);
});
