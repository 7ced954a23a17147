import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Payload,
  type PayloadColumn,
  type PayloadType,
  payloadValue,
} from '../../../core/payload.js';
import {
  allocateTable,
  rowsOf,
  storedRuns,
  type VectorTable,
  vectorOf,
} from '../../../core/vectors.js';
import { columnOf, type RawValues } from '../../../datasets/formats/payload-columns.js';
import { holdOut, payloadOf } from '../../../datasets/own/hold-out.js';

/** A table whose row r is (r, r + 0.5), in shards of so many rows. */
function numbered(rows: number, shardRows: number): VectorTable {
  const table = allocateTable({ rows, dimensions: 2, type: 'f32', shardRows });
  let value = 0;
  for (const { values } of storedRuns(table)) {
    for (let at = 0; at < values.length; at++) values[at] = value++ / 2;
  }
  return table;
}

/** The numbers of the rows of a table made of those of {@link numbered}. */
function numbersIn(table: VectorTable): number[] {
  assert.equal(
    table.shards.reduce((sum, { length }) => sum + length, 0),
    2 * table.rows,
  );
  return Array.from({ length: table.rows }, (_, row) => {
    const [first = -1, second = -1] = vectorOf(table, row);
    assert.equal(second, first + 0.5);
    return first;
  });
}

const cases = fc.record({
  rows: fc.integer({ min: 2, max: 40 }),
  shardRows: fc.integer({ min: 1, max: 40 }),
  share: fc.double({ min: 0, max: 0.999, noNaN: true }),
  seed: fc.nat(),
});

test('every row is either asked for or stored, in order, however the table is cut', () => {
  fc.assert(
    fc.property(cases, ({ rows, shardRows, share, seed }) => {
      const count = 1 + Math.floor(share * (rows - 1));
      const { base, queries, kept } = holdOut(numbered(rows, shardRows), { count, seed });
      const [stored, asked] = [numbersIn(base), numbersIn(queries)];
      assert.equal(asked.length, count);
      const all = Array.from({ length: rows }, (_, row) => row);
      assert.deepEqual(
        stored,
        all.filter((row) => !asked.includes(row)),
      );
      assert.deepEqual(
        asked,
        all.filter((row) => !stored.includes(row)),
      );
      assert.deepEqual([...kept], stored);
    }),
  );
});

test('the same seed holds the same rows out, another seed others', () => {
  const asked = (seed: number): number[] =>
    numbersIn(holdOut(numbered(500, 500), { count: 20, seed }).queries);
  assert.deepEqual(asked(3), asked(3));
  assert.notDeepEqual(asked(3), asked(4));
});

test('every row is about equally likely to be held out', () => {
  const counts = new Array<number>(20).fill(0);
  for (let seed = 0; seed < 2000; seed++) {
    const { queries } = holdOut(numbered(20, 20), { count: 5, seed });
    for (const row of numbersIn(queries)) counts[row] = (counts[row] as number) + 1;
  }
  // Chi-squared of 19 degrees of freedom; drawing without return lowers it to 15/19 of that, so
  // 43.8, its 0.999 quantile (R: qchisq(0.999, 19)), is seldom passed by equal chances.
  const chiSquared = counts.reduce((sum, count) => sum + (count - 500) ** 2 / 500, 0);
  assert.ok(chiSquared < 43.8, `${chiSquared}`);
});

test('of more than a million rows distinct ones are drawn', () => {
  const table = allocateTable({ rows: 1_000_100, dimensions: 1, type: 'u8' });
  const { queries, base, kept } = holdOut(table, { count: 400, seed: 1 });
  assert.deepEqual([queries.rows, base.rows, kept.length], [400, 999_700, 999_700]);
  assert.equal(new Set(kept).size, 999_700);
});

test('rows are taken in the order that is asked for', () => {
  const table = rowsOf(numbered(9, 4), [8, 0, 5, 5]);
  assert.deepEqual(numbersIn(table), [8, 0, 5, 5]);
});

test('what is known of rows follows them, what is absent too', () => {
  const payload: Payload = {
    genre: column('category', ['a', 'b', undefined, 'c', 'b']),
    year: column('integer', [5, undefined, 7, 8, 9]),
    seen: column('boolean', [true, false, undefined, true, false]),
    title: column('text', ['A', 'B', undefined, 'D', 'E']),
  };
  const part = payloadOf(payload, Int32Array.of(1, 2, 4));
  const values = Object.entries(part).map(([name, found]) => [
    name,
    [0, 1, 2].map((row) => payloadValue(found, row)),
  ]);
  assert.deepEqual(Object.fromEntries(values), {
    genre: ['b', undefined, 'b'],
    year: [undefined, 7, 9],
    seen: [false, undefined, false],
    title: ['B', undefined, 'E'],
  });
  // Texts that no row is left with are left out.
  assert.ok(part.genre?.type === 'category');
  assert.deepEqual(part.genre.categories, ['b']);
  assert.ok(part.genre.codes.buffer instanceof SharedArrayBuffer);
});

function column(type: PayloadType, values: RawValues): PayloadColumn {
  const made = columnOf(type, values);
  assert.ok('column' in made);
  return made.column;
}
