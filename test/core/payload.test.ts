import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnRows, type Payload, payloadValue } from '../../core/payload.js';

function int32(...values: readonly number[]): Int32Array<SharedArrayBuffer> {
  const array = new Int32Array(new SharedArrayBuffer(4 * values.length));
  array.set(values);
  return array;
}

function int8(...values: readonly number[]): Int8Array<SharedArrayBuffer> {
  const array = new Int8Array(new SharedArrayBuffer(values.length));
  array.set(values);
  return array;
}

function float64(...values: readonly number[]): Float64Array<SharedArrayBuffer> {
  const array = new Float64Array(new SharedArrayBuffer(8 * values.length));
  array.set(values);
  return array;
}

const payload: Payload = {
  kind: { type: 'category', categories: ['x', 'y'], codes: int32(1, -1, 0) },
  year: { type: 'integer', values: float64(1999, Number.NaN, -4) },
  price: { type: 'float', values: float64(0.5, 2, Number.NaN) },
  isNew: { type: 'boolean', values: int8(-1, 0, 1) },
  title: { type: 'text', values: ['a', undefined, ''] },
};

const expected = {
  kind: ['y', undefined, 'x'],
  year: [1999, undefined, -4],
  price: [0.5, 2, undefined],
  isNew: [undefined, false, true],
  title: ['a', undefined, ''],
};

test('every type of column gives its values, and undefined for those that are absent', () => {
  for (const [name, values] of Object.entries(expected)) {
    const column = payload[name];
    assert.ok(column !== undefined);
    assert.equal(columnRows(column), 3);
    assert.deepEqual(
      [0, 1, 2].map((row) => payloadValue(column, row)),
      values,
    );
  }
});

test('a payload goes to another thread as it is, its numbers in the same memory', () => {
  const copy = structuredClone(payload);
  assert.deepEqual(copy, payload);
  const { year } = copy;
  assert.ok(year?.type === 'integer');
  year.values[1] = 7;
  assert.equal(payload.year && payloadValue(payload.year, 1), 7);
});
