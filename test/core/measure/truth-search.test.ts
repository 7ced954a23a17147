import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Metric } from '../../../core/adapter.js';
import { computeTruth } from '../../../core/measure/truth.js';
import { gatherCandidates, openPass } from '../../../core/measure/truth-candidates.js';
import { prepareJob, type TruthRequest } from '../../../core/measure/truth-job.js';
import { searchTruth } from '../../../core/measure/truth-search.js';
import { type Random, seededRandom } from '../../../core/random.js';
import {
  allocateTable,
  type ElementType,
  type StoredValues,
  type TableShape,
  type VectorTable,
  vectorOf,
} from '../../../core/vectors.js';
import scifact from '../../../datasets/scifact.js';
import siftsmall from '../../../datasets/siftsmall.js';
import wikiMovies from '../../../datasets/wiki-movies.js';
import { plainDot, plainTruth } from './plain-truth.js';

const metrics: readonly Metric[] = ['l2', 'ip', 'cosine'];
const types: readonly ElementType[] = ['f32', 'f16', 'u8', 'i8'];

function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** What the values of a table are like. */
const kinds = {
  /** Few different ones: rows repeat, and hundreds of distances tie. */
  few: (random: Random) => Math.floor(random() * 3),
  gaussian,
  /** Close together and far from zero, where float32 rounds distances away. */
  offset: (random: Random) => 1e4 + gaussian(random),
  /** From the smallest numbers of float32 to beyond what it can multiply. */
  wild: (random: Random) => gaussian(random) * 10 ** (80 * random() - 45),
  /** Products are zero in float32. */
  tiny: (random: Random) => gaussian(random) * 1e-25,
  /** Products are infinite in float32. */
  huge: (random: Random) => gaussian(random) * 1e25,
} as const;

type Kind = keyof typeof kinds;

/** Float16 has bits of its own: any finite ones, or 0, 1 and 2. */
const float16Bits: Readonly<Record<Kind, (random: Random) => number>> = {
  few: (random) => [0, 0x3c00, 0x4000][Math.floor(random() * 3)] as number,
  gaussian: (random) => Math.floor(random() * 0x4400) + (random() < 0.5 ? 0 : 0x8000),
  offset: (random) => 0x70e2 + Math.floor(random() * 4),
  wild: (random) => Math.floor(random() * 0x7c00) + (random() < 0.5 ? 0 : 0x8000),
  tiny: (random) => Math.floor(random() * 4) + (random() < 0.5 ? 0 : 0x8000),
  huge: (random) => 0x7bfc + Math.floor(random() * 4) + (random() < 0.5 ? 0 : 0x8000),
};

const byteValues: Readonly<Record<Kind, (random: Random) => number>> = {
  few: kinds.few,
  gaussian: (random) => Math.floor(random() * 256),
  offset: (random) => 124 + Math.floor(random() * 4),
  wild: (random) => (random() < 0.5 ? 255 : 0),
  tiny: (random) => (random() < 0.01 ? 1 : 0),
  huge: (random) => 255 - Math.floor(random() * 2),
};

interface Filling {
  readonly kind: Kind;
  readonly random: Random;
  /** Whether rows may be all zeros, which has no cosine. */
  readonly zeros: boolean;
}

function fill(shape: TableShape, { kind, random, zeros }: Filling): VectorTable {
  const table = allocateTable(shape);
  const draw = { f32: kinds, f16: float16Bits, u8: byteValues, i8: byteValues }[shape.type][kind];
  for (const shard of table.shards) {
    for (let at = 0; at < shard.length; at++) shard[at] = draw(random);
  }
  if (!zeros) liftZeros(table);
  return table;
}

/** Puts a one (a small number, for float16) at the front of rows that are all zeros. */
function liftZeros(table: VectorTable): void {
  for (let row = 0; row < table.rows; row++) {
    if (vectorOf(table, row).some((value) => value !== 0)) continue;
    const shard = table.shards[Math.floor(row / table.shardRows)] as StoredValues;
    shard[(row % table.shardRows) * table.dimensions] = 1;
  }
}

function compare(request: TruthRequest, truth: Awaited<ReturnType<typeof computeTruth>>): void {
  const expected = plainTruth(request);
  assert.deepEqual([...truth.ids], expected.ids);
  assert.deepEqual([...truth.distances], expected.distances);
  assert.deepEqual([...truth.tieFractions], expected.tieFractions);
}

/** How many queries had all rows ranked. */
function slowQueries(request: TruthRequest): number {
  const job = prepareJob(request, 1);
  searchTruth(job);
  return job.progress[1] as number;
}

const requests = fc.record({
  metric: fc.constantFrom(...metrics),
  kind: fc.constantFrom(...(Object.keys(kinds) as Kind[])),
  baseType: fc.constantFrom(...types),
  // Mostly the same type on both sides, which is what decides how bytes are multiplied.
  queryType: fc.option(fc.constantFrom(...types), { freq: 3 }),
  // Tiles are of 512 rows, steps of four.
  rows: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 500, max: 1100 })),
  queries: fc.integer({ min: 1, max: 7 }),
  dimensions: fc.integer({ min: 1, max: 37 }),
  shard: fc.double({ min: 0, max: 1, noNaN: true }),
  depth: fc.oneof(fc.double({ min: 0, max: 0.1, noNaN: true }), fc.constant(1)),
  seed: fc.nat(),
});

test('ids, distances and ties equal the definition, for all types, sizes and metrics', async () => {
  const property = fc.asyncProperty(requests, async (drawn) => {
    const { metric, kind, rows, dimensions, seed } = drawn;
    const filling = { kind, random: seededRandom(seed), zeros: metric !== 'cosine' };
    const shardRows = 1 + Math.floor(drawn.shard * rows);
    const base = fill({ rows, dimensions, type: drawn.baseType, shardRows }, filling);
    const type = drawn.queryType ?? drawn.baseType;
    const queries = fill({ rows: drawn.queries, dimensions, type }, filling);
    const k = Math.max(1, Math.round(drawn.depth * rows));
    const request = { metric, base, queries, k };
    compare(request, await computeTruth(request));
  });
  await fc.assert(property, { numRuns: 300 });
});

test('a block of an odd number of queries is searched as one after the other', async () => {
  const random = seededRandom(5);
  for (const metric of metrics) {
    for (const type of types) {
      const filling = { kind: 'gaussian', random, zeros: false } as const;
      const base = fill({ rows: 700, dimensions: 10, type, shardRows: 300 }, filling);
      const queries = fill({ rows: 67, dimensions: 10, type }, filling);
      const request = { metric, base, queries, k: 10 };
      compare(request, await computeTruth({ ...request, threads: 1 }));
    }
  }
});

for (const metric of metrics) {
  test(`${metric}: no true score is above the kept one, nor below it by twice the bound`, () => {
    const random = seededRandom(6);
    for (const kind of ['gaussian', 'offset', 'few'] as const) {
      for (const dimensions of [1, 3, 64, 1001]) {
        const filling = { kind, random, zeros: false };
        const base = fill({ rows: 40, dimensions, type: 'f32' }, filling);
        const queries = fill({ rows: 3, dimensions, type: 'f32' }, filling);
        const job = prepareJob({ metric, base, queries, k: 40 }, 1);
        const pass = openPass(job);
        gatherCandidates(pass, { from: 0, count: 3 });
        const { tileRows, keptScores, slacks } = pass.kernel;
        for (let query = 0; query < 3; query++) {
          for (let row = 0; row < 40; row++) {
            // float64 is to float32 what the true value would be: its errors are 2^-29 of these.
            const [q, x] = [vectorOf(queries, query), vectorOf(base, row)];
            const [dot, square] = [plainDot(q, x), plainDot(x, x)];
            const exact = { l2: 2 * dot - square, ip: dot, cosine: dot / Math.sqrt(square) };
            const kept = keptScores[query * tileRows + row] as number;
            const bound = (slacks[row] as number) * Math.sqrt(plainDot(q, q));
            const rounding = 1e-12 * (square + plainDot(q, q));
            assert.ok(exact[metric] <= kept + rounding, `${kind} ${dimensions} ${row}`);
            assert.ok(kept - exact[metric] <= 2 * bound + rounding, `${kind} ${dimensions}`);
          }
        }
      }
    }
  });
}

test('sums of bytes are exact up to 33,025 dimensions, and rounded beyond', async () => {
  for (const [dimensions, arithmetic] of [
    [33_025, 'bytes'],
    [33_026, 'floats'],
  ] as const) {
    const base = allocateTable({ rows: 40, dimensions, type: 'u8' });
    const queries = allocateTable({ rows: 1, dimensions, type: 'u8' });
    for (const { shards } of [base, queries]) shards[0]?.fill(255);
    // Row 39 - i lacks i in all: 2,147,450,625 - 255 i, which float32 rounds to steps of 128.
    for (let row = 0; row < 40; row++)
      (base.shards[0] as StoredValues)[row * dimensions] = 216 + row;
    const request = { metric: 'ip', base, queries, k: 5 } as const;
    assert.equal(prepareJob(request, 1).arithmetic, arithmetic);
    compare(request, await computeTruth(request));
  }
});

test('vectors whose products float32 cannot hold are ranked exactly', async () => {
  const random = seededRandom(9);
  for (const metric of metrics) {
    for (const kind of ['tiny', 'huge'] as const) {
      const filling = { kind, random, zeros: false };
      const base = fill({ rows: 600, dimensions: 4, type: 'f32' }, filling);
      const queries = fill({ rows: 4, dimensions: 4, type: 'f32' }, filling);
      const request = { metric, base, queries, k: 10 };
      compare(request, await computeTruth(request));
    }
  }
});

test('rows far from zero are ranked by all distances, where float32 cannot tell them apart', () => {
  const filling = { kind: 'offset', random: seededRandom(7), zeros: true } as const;
  const base = fill({ rows: 600, dimensions: 24, type: 'f32' }, filling);
  const queries = fill({ rows: 9, dimensions: 24, type: 'f32' }, filling);
  assert.equal(slowQueries({ metric: 'l2', base, queries, k: 10 }), 9);
});

test('one row that is far larger than the others costs no query its candidates', () => {
  const filling = { kind: 'gaussian', random: seededRandom(8), zeros: true } as const;
  const base = fill({ rows: 2000, dimensions: 32, type: 'f32' }, filling);
  (base.shards[0] as StoredValues).fill(1e4, 320, 352);
  const queries = fill({ rows: 50, dimensions: 32, type: 'f32' }, filling);
  for (const metric of metrics) assert.equal(slowQueries({ metric, base, queries, k: 100 }), 0);
});

test('the bundled datasets need no query ranked over all rows', async () => {
  for (const [name, entry] of Object.entries({ scifact, siftsmall, 'wiki-movies': wikiMovies })) {
    const { metric, base, queries } = await entry.load(name);
    assert.equal(slowQueries({ metric, base, queries, k: 100 }), 0, name);
  }
});
