import assert from 'node:assert/strict';
import { test } from 'node:test';
import { float16ToNumber, widenFloat16 } from '../../core/float16.js';

/** By the definition of IEEE 754, with the bits as text. */
function slowFloat16(bits: number): number {
  const text = bits.toString(2).padStart(16, '0');
  const sign = text[0] === '1' ? -1 : 1;
  const exponent = Number.parseInt(text.slice(1, 6), 2);
  const fraction = Number.parseInt(text.slice(6), 2) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

test('float16 values are widened', () => {
  // Bits by IEEE 754 binary16: 1, -2, the largest 65504, the smallest 2^-24, 2^-14, 0.333251953125.
  const bits = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x3555);
  const target = new Float32Array(6);
  widenFloat16(bits, target);
  assert.deepEqual([...target], [1, -2, 65504, 2 ** -24, 2 ** -14, 0.333251953125]);
});

test('every float16 is widened as the definition says', () => {
  const bits = Uint16Array.from({ length: 65_536 }, (_, index) => index);
  const target = new Float32Array(65_536);
  widenFloat16(bits, target);
  for (const each of bits) assert.ok(Object.is(target[each], slowFloat16(each)), `${each}`);
});

test('float16 zeros keep their sign, infinities and NaN are told apart', () => {
  assert.ok(Object.is(float16ToNumber(0x8000), -0));
  assert.equal(float16ToNumber(0x7c00), Infinity);
  assert.equal(float16ToNumber(0xfc00), -Infinity);
  assert.ok(Number.isNaN(float16ToNumber(0x7e00)));
});
