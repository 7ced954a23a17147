import assert from 'node:assert/strict';
import { test } from 'node:test';
import { float16ToNumber } from '../../../core/float16.js';
import { seededRandom } from '../../../core/random.js';
import { float16Of, quantise } from '../../../datasets/synthetic/narrowing.js';

/** The finite float16 values of both signs without -0, ascending: all that there are. */
const all = Array.from({ length: 0x7c00 }, (_, bits) => float16ToNumber(bits));

/** The nearest of all float16 values, the one with an even last bit where two are. */
function slowFloat16(value: number): number {
  const size = Math.abs(value);
  let low = 0;
  let high = all.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((all[middle] as number) <= size) low = middle;
    else high = middle;
  }
  const below = size - (all[low] as number);
  const above = (all[high] as number) - size;
  const bits = below < above || (below === above && low % 2 === 0) ? low : high;
  return value < 0 && bits > 0 ? bits | 0x8000 : bits;
}

test('a value becomes the nearest float16', () => {
  const random = seededRandom(1);
  for (let n = 0; n < 100_000; n++) {
    // Every exponent from below the smallest float16 to its largest.
    const value = Math.fround((2 * random() - 1) * 2 ** (42 * random() - 27));
    assert.equal(float16Of(value), slowFloat16(value), `${value}`);
  }
});

test('every float16 becomes itself, and what lies between two the even one', () => {
  for (let bits = 0; bits < all.length - 1; bits++) {
    const value = all[bits] as number;
    assert.equal(float16Of(value), bits);
    const between = (value + (all[bits + 1] as number)) / 2;
    assert.equal(float16Of(between), bits % 2 === 0 ? bits : bits + 1);
  }
  assert.equal(float16Of(-0), 0);
  assert.equal(float16Of(-1e-30), 0);
  assert.equal(float16Of(70_000), 0x7c00);
});

test('whole numbers are rounded about their zero and end at the ends of their range', () => {
  const values = Float32Array.of(0, 1, -1, 0.51, 100, -100);
  const steps = { scale: 10, zero: 128, min: 0, max: 255 };
  const bytes = new Uint8Array(6);
  quantise(values, bytes, steps);
  assert.deepEqual([...bytes], [128, 138, 118, 133, 255, 0]);
});
