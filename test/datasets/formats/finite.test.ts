import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireFinite } from '../../../datasets/formats/finite.js';

const place = { path: 'base.fbin', dimensions: 2, firstRow: 10 };

test('the first value that is not finite is named by row and column', () => {
  const values = Float32Array.of(1, 2, 3, NaN, Infinity, 6);
  assert.throws(() => requireFinite(values, place), /base\.fbin: row 11, column 1 is NaN/);
  // 0xfc00 is -Infinity: IEEE 754 binary16.
  const halves = Uint16Array.of(0x3c00, 0x0001, 0xfc00);
  assert.throws(() => requireFinite(halves, place), /row 11, column 0 is -Infinity/);
});

test('finite values and bytes pass', () => {
  requireFinite(Float32Array.of(1, -2), place);
  requireFinite(Uint8Array.of(255, 0), place);
});
