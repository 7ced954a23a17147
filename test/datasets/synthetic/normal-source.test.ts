import assert from 'node:assert/strict';
import { test } from 'node:test';
import quantile from '@stdlib/stats-base-dists-normal-quantile';
import { seededRandom } from '../../../core/random.js';
import { NormalSource } from '../../../datasets/synthetic/normal-source.js';

/** xoshiro128++ as its authors wrote it, in whole numbers without bounds. */
function slowWords(seed: number, count: number): number[] {
  const random = seededRandom(seed);
  const mask = 0xffffffffn;
  const state = Array.from({ length: 4 }, () => BigInt(random() * 2 ** 32));
  const rotated = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (32n - by))) & mask;
  return Array.from({ length: count }, () => {
    let [a = 0n, b = 0n, c = 0n, d = 0n] = state;
    const word = (rotated((a + d) & mask, 7n) + a) & mask;
    const shifted = (b << 9n) & mask;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotated(d, 11n);
    state.splice(0, 4, a, b, c, d);
    return Number(word);
  });
}

const count = 4_000_000;

function draw(seed: number): Float32Array {
  const values = new Float32Array(count);
  new NormalSource(seed).fill(values, 0, count);
  return values;
}

const values = draw(1);

function moment(power: number): number {
  let sum = 0;
  for (const value of values) sum += value ** power;
  return sum / count;
}

/** The share of values that are at most `x`. */
function shareUpTo(x: number): number {
  let below = 0;
  for (const value of values) if (value <= x) below += 1;
  return below / count;
}

test('the words are those of xoshiro128++', () => {
  const source = new NormalSource(7);
  const words = Array.from({ length: 1000 }, () => source.word() >>> 0);
  assert.deepEqual(words, slowWords(7, 1000));
});

test('mean, variance, skewness and kurtosis are those of the normal distribution', () => {
  // Moments 0, 1, 0, 3, 0, 15; the standard error of moment m is sqrt((E x^2m - (E x^m)^2) / n),
  // of E x^2 ... E x^12: 1, 3, 15, 105, 945, 10395. Five of them are allowed.
  const expected = [0, 1, 0, 3, 0, 15];
  const squares = [1, 3, 15, 105, 945, 10395];
  for (const [index, mean] of expected.entries()) {
    const error = Math.sqrt(((squares[index] as number) - mean * mean) / count);
    const found = moment(index + 1);
    assert.ok(Math.abs(found - mean) < 5 * error, `moment ${index + 1}: ${found}, not ${mean}`);
  }
});

test('quantiles are those of the table of the normal distribution', () => {
  // Phi(x) by Python's statistics.NormalDist; from the last but one on lies the tail.
  const table = [
    [-3.0902323061678132, 0.001],
    [-1.959963984540054, 0.025],
    [-1, 0.15865525393145707],
    [-0.2533471031357997, 0.4],
    [0, 0.5],
    [0.6744897501960817, 0.75],
    [1.2815515655446004, 0.9],
    [2.3263478740408408, 0.99],
    [3.6541528853610088, 0.999870983756173],
    [4.264890793922602, 0.99999],
  ] as const;
  for (const [x, p] of table) {
    const error = Math.sqrt((p * (1 - p)) / count);
    const found = shareUpTo(x);
    assert.ok(Math.abs(found - p) < 5 * error, `P(X <= ${x}): ${found}, not ${p}`);
  }
});

test('the histogram is that of the normal distribution, layer borders included', () => {
  // 400 cells of equal chance by the quantiles of the distribution: chi-square has 399 degrees of
  // freedom, and its 0.999 quantile is 492 (Wilson and Hilferty's formula, by hand).
  const sorted = values.toSorted();
  const cells = 400;
  let chiSquare = 0;
  let before = 0;
  for (let cell = 1; cell <= cells; cell++) {
    const upTo = cell === cells ? count : countUpTo(sorted, quantile(cell / cells, 0, 1));
    chiSquare += (upTo - before - count / cells) ** 2 / (count / cells);
    before = upTo;
  }
  assert.ok(chiSquare < 492, `chi-square ${chiSquare}`);
});

function countUpTo(sorted: Float32Array, x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

test('neighbours in the sequence know nothing of each other', () => {
  for (const lag of [1, 2, 3, 128]) {
    let sum = 0;
    for (let at = lag; at < count; at++) {
      sum += (values[at] as number) * (values[at - lag] as number);
    }
    // The standard error of a correlation of 0 is 1 / sqrt(n).
    assert.ok(Math.abs(sum / count) < 5 / Math.sqrt(count), `lag ${lag}: ${sum / count}`);
  }
});

test('a seed gives the same sequence in whatever pieces, one by one too', () => {
  const pieces = new NormalSource(3);
  const cut = new Float32Array(100_000);
  pieces.fill(cut, 0, 37);
  pieces.fill(cut, 37, 50_000);
  for (let at = 50_000; at < cut.length; at++) cut[at] = pieces.next();
  const whole = new Float32Array(100_000);
  new NormalSource(3).fill(whole, 0, whole.length);
  assert.deepEqual(cut, whole);
  assert.notDeepEqual(draw(2).subarray(0, 10), values.subarray(0, 10));
});

test('every index is equally likely', () => {
  const source = new NormalSource(5);
  const counts = new Float64Array(7);
  for (let n = 0; n < 70_000; n++) {
    const index = source.index(7);
    counts[index] = (counts[index] as number) + 1;
  }
  const chiSquare = counts.reduce((sum, found) => sum + (found - 10_000) ** 2 / 10_000, 0);
  // The 0.999 quantile of chi-square with 6 degrees of freedom is 22.5 (table).
  assert.ok(chiSquare < 22.5, `chi-square ${chiSquare}`);
});
