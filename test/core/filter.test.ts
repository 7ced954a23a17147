import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkFilter,
  type Filter,
  fieldsOf,
  filterSchema,
  kindsOf,
  matchingRows,
} from '../../core/filter.js';
import { type Payload, payloadRow, payloadSlice } from '../../core/payload.js';

const payload: Payload = {
  genre: {
    type: 'category',
    categories: ['Comedy', 'Drama'],
    codes: Int32Array.of(0, 1, -1, 0) as Int32Array<never>,
  },
  year: { type: 'integer', values: Float64Array.of(1990, 1995, 2000, Number.NaN) as never },
  isShort: { type: 'boolean', values: Int8Array.of(1, 0, -1, 0) as never },
  title: { type: 'text', values: ['A', 'B', undefined, 'A'] },
};
const types = { genre: 'category', year: 'integer', isShort: 'boolean', title: 'text' };

const rowsOf = (filter: Filter): number[] => {
  const meets = matchingRows(filter, payload);
  return [...meets.keys()].filter((row) => meets[row] === 1);
};

const comedy: Filter = { field: 'genre', equals: 'Comedy' };

for (const [filter, rows] of [
  [comedy, [0, 3]],
  [{ field: 'title', in: ['B', 'C'] }, [1]],
  [{ field: 'isShort', equals: false }, [1, 3]],
  [{ field: 'year', atLeast: 1995 }, [1, 2]],
  [{ field: 'year', atLeast: 1990, atMost: 1995 }, [0, 1]],
  [{ field: 'year', equals: 1990 }, [0]],
  [{ not: comedy }, [1, 2]],
  [{ not: { field: 'year', atLeast: 0 } }, [3]],
  [{ and: [comedy, { field: 'year', atMost: 2020 }] }, [0]],
  [{ or: [comedy, { field: 'year', equals: 2000 }] }, [0, 2, 3]],
] as readonly (readonly [Filter, number[]])[]) {
  test(`${JSON.stringify(filter)} is met by the rows that a reader would choose`, () => {
    assert.deepEqual(rowsOf(filter), rows);
    assert.deepEqual(filterSchema.parse(filter), filter);
  });
}

test('what a filter is made of and looks at', () => {
  const filter: Filter = { and: [comedy, { not: { field: 'year', atMost: 1 } }] };
  assert.deepEqual([...kindsOf(filter)].sort(), ['and', 'equals', 'not', 'range']);
  assert.deepEqual(fieldsOf({ or: [filter, comedy] }), ['genre', 'year']);
});

for (const [filter, mistake] of [
  [{ field: 'gerne', equals: 'x' }, '.field gerne is no column; did you mean genre?'],
  [{ field: 'genre', equals: 3 }, ': genre holds category, got 3'],
  [{ not: { field: 'year', in: [1, 'x'] } }, '.not: year holds integer, got "x"'],
  [
    { and: [comedy, { field: 'title', atMost: 1 }] },
    '.and[1]: title holds text, which has no range',
  ],
  [{ field: 'year', atLeast: 2, atMost: 1 }, ': atLeast 2 is above atMost 1'],
] as readonly (readonly [Filter, string])[]) {
  test(`${JSON.stringify(filter)} is told with its place`, () => {
    assert.deepEqual(checkFilter(filter, types), [mistake]);
  });
}

test('without a payload there is nothing to filter by', () => {
  assert.deepEqual(checkFilter(comedy, {}), ['.field genre: the dataset has no payload']);
});

for (const wrong of [
  {},
  { field: 'year' },
  { field: 'year', equals: 1, in: [1] },
  { and: [] },
  { field: 'year', in: [] },
  { field: 'year', atLeast: '1' },
  { not: [comedy] },
]) {
  test(`${JSON.stringify(wrong)} is no filter`, () => {
    assert.equal(filterSchema.safeParse(wrong).success, false);
  });
}

test('a slice of a payload has the rows of its place, a row only the values that it has', () => {
  const part = payloadSlice(payload, 1, 2);
  assert.deepEqual(payloadRow(part, 0), { genre: 'Drama', year: 1995, isShort: false, title: 'B' });
  assert.deepEqual(payloadRow(part, 1), { year: 2000 });
});
