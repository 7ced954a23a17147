import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areFinite, firstNotFinite } from '../../core/finite.js';

test('a value that is not finite is found wherever it stands', () => {
  for (let length = 1; length <= 9; length++) {
    assert.ok(areFinite(new Float32Array(length).fill(-1)));
    for (let at = 0; at < length; at++) {
      for (const strange of [NaN, Infinity, -Infinity]) {
        const values = new Float32Array(length);
        values[at] = strange;
        assert.ok(!areFinite(values), `${strange} at ${at} of ${length}`);
        assert.equal(firstNotFinite(values), at);
      }
    }
  }
  // Two infinities whose sum is no infinity.
  assert.equal(firstNotFinite(Float32Array.of(1, Infinity, 1, 1, -Infinity)), 1);
});

test('the largest values are finite, however many', () => {
  // The largest float32: (2 - 2^-23) * 2^127.
  assert.ok(areFinite(new Float32Array(100_000).fill((2 - 2 ** -23) * 2 ** 127)));
});

test('float16 are finite unless their exponent is all ones', () => {
  for (let bits = 0; bits < 65_536; bits++) {
    const isNumber = bits.toString(2).padStart(16, '0').slice(1, 6) !== '11111';
    assert.equal(firstNotFinite(Uint16Array.of(0x3c00, 0x0001, bits)), isNumber ? -1 : 2);
  }
});

test('bytes are finite', () => {
  assert.equal(firstNotFinite(Uint8Array.of(255, 0)), -1);
  assert.equal(firstNotFinite(Int8Array.of(-1, 127)), -1);
});
