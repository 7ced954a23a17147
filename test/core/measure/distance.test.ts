import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distance, excess, norm, normsOf, tolerance } from '../../../core/measure/distance.js';
import { float32Table } from '../../../core/vectors.js';

const query = Float32Array.of(1, 2, 2);
const row = Float32Array.of(0, 3, 4);

test('distances are as worked out by hand', () => {
  // l2: 1 + 1 + 4; ip: 0 + 6 + 8; cosine: 14 / (3 * 5).
  assert.equal(distance('l2', query, row), 6);
  assert.equal(distance('ip', query, row), 14);
  assert.equal(distance('cosine', query, row), 14 / 15);
  assert.equal(norm(row), 5);
});

test('distances are taken in float64', () => {
  // In float32 the sum 1 + 2^-30 would be 1.
  const small = Float32Array.of(1, 2 ** -15);
  assert.equal(distance('ip', small, small), 1 + 2 ** -30);
  assert.equal(distance('l2', small, new Float32Array(2)), 1 + 2 ** -30);
});

test('a zero vector has no cosine', () => {
  assert.ok(Number.isNaN(distance('cosine', query, new Float32Array(3))));
});

test('tolerances are one millionth of the size of what is compared', () => {
  assert.equal(tolerance('l2', 3, 5), 1e-6 * 34);
  assert.ok(Math.abs(tolerance('ip', 3, 5) - 15e-6) < 1e-18);
  assert.equal(tolerance('cosine', 3, 5), 1e-6);
});

test('farther is larger for l2 and smaller for the others', () => {
  assert.equal(excess('l2', 5, 3), 2);
  assert.equal(excess('ip', 5, 3), -2);
  assert.equal(excess('cosine', 0.25, 0.5), 0.25);
});

test('norms of a table are those of its rows', () => {
  const data = new Float32Array(new SharedArrayBuffer(16));
  data.set([3, 4, 0, -2]);
  assert.deepEqual([...normsOf(float32Table(data, 2))], [5, 2]);
});
