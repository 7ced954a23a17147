import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dataset, DatasetEntry } from '../../../core/dataset.js';
import { vectorOf } from '../../../core/vectors.js';
import clustered from '../../../datasets/clustered.js';
import gaussian from '../../../datasets/gaussian.js';
import sphere from '../../../datasets/sphere.js';

const entries = { gaussian, clustered, sphere };

function made(entry: DatasetEntry, given: Record<string, string>): DatasetEntry {
  assert.ok(entry.parametrised !== undefined);
  return entry.parametrised(given);
}

function load(entry: DatasetEntry, given: Record<string, string>): Promise<Dataset> {
  return made(entry, given).load('made');
}

for (const [name, entry] of Object.entries(entries)) {
  test(`${name} says beforehand what it will be, and carries the name it was given`, async () => {
    assert.deepEqual([entry.rows, entry.dimensions, entry.queries], [100_000, 128, 1000]);
    const given = {
      rows: '300',
      dimensions: '5',
      queries: '7',
      metric: 'ip',
      type: 'i8',
      seed: '9',
    };
    const small = made(entry, given);
    const dataset = await small.load(`${name}:rows=300`);
    const { base, queries, metric } = dataset;
    assert.equal(dataset.name, `${name}:rows=300`);
    assert.deepEqual([small.rows, small.dimensions, small.queries], [300, 5, 7]);
    assert.deepEqual([base.rows, base.dimensions, queries.rows], [300, 5, 7]);
    assert.deepEqual([metric, small.metric, base.type], ['ip', 'ip', 'i8']);
    assert.match(small.source, /rows=300,dimensions=5,queries=7,metric=ip,type=i8,seed=9/);
  });
}

test('all mistakes in parameters are told at once, with ranges and near names', () => {
  const given = { rows: '0', seeds: '3', type: 'f64', queries: '', clusters: '1001', spread: 'x' };
  assert.throws(() => made(clustered, { ...given, dimensions: '2.5' }), {
    code: 'BAD_ARGUMENT',
    message: [
      'dataset clustered: seeds is not a parameter; did you mean seed?',
      'dataset clustered: rows must be a whole number 1..1000000000, got 0',
      'dataset clustered: dimensions must be a whole number 1..65536, got 2.5',
      'dataset clustered: queries must be a whole number 1..1000000, got nothing',
      'dataset clustered: type must be one of f32, f16, u8, i8, got f64',
      'dataset clustered: spread must be 0.0001..100, got x',
    ].join('\n'),
    hint: /for example clustered:rows=10000,seed=7; its parameters: rows 1\.\.1000000000/,
  });
  assert.throws(() => made(clustered, { rows: '1000', clusters: '1001' }), {
    message: 'dataset clustered: clusters must be a whole number 1..1000 (rows), got 1001',
  });
});

test('rows of the sphere have norm 1 and no direction is preferred', async () => {
  const { base } = await load(sphere, { rows: '20000', dimensions: '3' });
  const sums = new Float64Array(3);
  let squares = 0;
  for (let row = 0; row < base.rows; row++) {
    const [x = 0, y = 0, z = 0] = vectorOf(base, row);
    assert.ok(Math.abs(Math.hypot(x, y, z) - 1) < 1e-6);
    [x, y, z].forEach((value, column) => {
      sums[column] = (sums[column] as number) + value;
    });
    squares += z * z;
  }
  // Archimedes: each coordinate is uniform in [-1, 1], so its mean is 0, its mean square 1/3.
  for (const sum of sums) assert.ok(Math.abs(sum / 20_000) < 5 * Math.sqrt(1 / 3 / 20_000));
  assert.ok(Math.abs(squares / 20_000 - 1 / 3) < 5 * Math.sqrt(4 / 45 / 20_000));
});

test('clusters are as many and as wide as asked for, and equally likely', async () => {
  const given = {
    rows: '20000',
    dimensions: '16',
    clusters: '10',
    spread: '0.05',
    queries: '1000',
  };
  const { base, queries } = await load(clustered, given);
  // Two rows of a cloud differ by 2 x 0.05² a value on average, those of two clouds by about 2.
  const firsts: Float32Array[] = [];
  const counts: number[] = [];
  let within = 0;
  const near = (row: Float32Array): number =>
    firsts.findIndex((first) => squared(first, row) < 16 * 0.1);
  for (let row = 0; row < base.rows; row++) {
    const vector = vectorOf(base, row);
    const at = near(vector);
    if (at < 0) {
      firsts.push(vector);
      counts.push(1);
    } else {
      counts[at] = (counts[at] as number) + 1;
      within += squared(firsts[at] as Float32Array, vector);
    }
  }
  assert.equal(firsts.length, 10);
  const chiSquare = counts.reduce((sum, found) => sum + (found - 2000) ** 2 / 2000, 0);
  // The 0.999 quantile of chi-square with 9 degrees of freedom is 27.9 (table).
  assert.ok(chiSquare < 27.9, `chi-square ${chiSquare}`);
  // The first rows of the ten clouds are 10 x 16 values: a standard error of about 6 %.
  const expected = 2 * 0.05 ** 2 * 16;
  assert.ok(Math.abs(within / (base.rows - 10) / expected - 1) < 0.25, `${within}`);
  // Queries come from the same clouds.
  for (let row = 0; row < queries.rows; row++) assert.ok(near(vectorOf(queries, row)) >= 0);
});

function squared(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, column) => sum + (value - (b[column] as number)) ** 2, 0);
}
