import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deriveSeed, seededRandom, shuffled } from '../../core/random.js';

// The 32-bit words of mulberry32 by an implementation of its own in Python, integers masked.
const words = {
  0: [1144304738, 1416247, 958946056, 627933444],
  1: [2693262067, 11749833, 2265367787, 4213581821],
  42: [2581720956, 1925393290, 3661312704, 2876485805],
  4294967295: [3850105811, 813802916, 3073704848, 4054706436],
};

test('the numbers are those of mulberry32', () => {
  for (const [seed, expected] of Object.entries(words)) {
    const random = seededRandom(Number(seed));
    assert.deepEqual(
      expected.map(() => random() * 2 ** 32),
      expected,
    );
  }
});

test('only the low 32 bits of a seed count', () => {
  assert.equal(seededRandom(2 ** 32 + 42)(), seededRandom(42)());
  assert.equal(seededRandom(-1)(), seededRandom(2 ** 32 - 1)());
});

test('seeds of named parts are FNV-1a of seed and name', () => {
  // FNV-1a, 32 bits, of the bytes of these texts, computed in Python.
  assert.equal(deriveSeed(1, 'order/0'), 2334131428);
  assert.equal(deriveSeed(1, 'order/1'), 2350909047);
  assert.equal(deriveSeed(7, 'recall/abc'), 3540099181);
  assert.equal(deriveSeed(1, ''), 585839945);
});

test('every order of shuffled items is equally likely', () => {
  const random = seededRandom(3);
  const counts = new Map<string, number>();
  const draws = 24_000;
  for (let draw = 0; draw < draws; draw++) {
    const order = shuffled(['a', 'b', 'c', 'd'], random).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 24);
  const expected = draws / 24;
  let chiSquare = 0;
  for (const count of counts.values()) chiSquare += (count - expected) ** 2 / expected;
  // The 0.999 quantile of chi-square with 23 degrees of freedom is 49.7 (table).
  assert.ok(chiSquare < 49.7, `chi-square ${chiSquare}`);
});

test('shuffling leaves the given items as they are', () => {
  const items = [1, 2, 3];
  assert.deepEqual([...shuffled(items, seededRandom(1))].sort(), [1, 2, 3]);
  assert.deepEqual(items, [1, 2, 3]);
  assert.deepEqual(shuffled([], seededRandom(1)), []);
});
