import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openKernel } from '../../../core/measure/truth-kernel.js';
import { seededRandom } from '../../../core/random.js';
import { plainDot } from './plain-truth.js';

const kinds = ['f32', 'u8', 'i8'] as const;
const lowest = { f32: -128, u8: 0, i8: -128 };
const random = seededRandom(1);

/** Whole numbers of a byte, whose products and sums float32 holds exactly. */
function bytes(kind: (typeof kinds)[number], count: number): Float32Array {
  return Float32Array.from({ length: count }, () => lowest[kind] + Math.floor(random() * 256));
}

for (const kind of kinds) {
  test(`${kind} rows are scored as a plain loop does, whatever the dimensions`, () => {
    for (const dimensions of [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 64, 100]) {
      const kernel = openKernel(kind, { dimensions, queries: 4 });
      const rows = bytes(kind, 12 * dimensions);
      kernel.rows.set(rows);
      const queries = [0, 1, 2].map(() => bytes(kind, dimensions));
      queries.forEach((query, place) => {
        kernel.setQuery(place, query);
        kernel.norms[place] = 2 ** place;
      });
      kernel.thresholds.fill(-Infinity);
      kernel.scales.set(Array.from({ length: 12 }, (_, row) => row + 1));
      kernel.shifts.set(Array.from({ length: 12 }, (_, row) => row / 4));
      kernel.slacks.set(Array.from({ length: 12 }, (_, row) => row / 1024));
      kernel.scan(12, 3);
      queries.forEach((query, place) => {
        const start = place * kernel.tileRows;
        assert.equal(kernel.counts[place], 12);
        const expected = Array.from({ length: 12 }, (_, row) => {
          const dot = plainDot(query, rows.subarray(row * dimensions, (row + 1) * dimensions));
          return (row + 1) * dot + row / 4 + (row / 1024) * 2 ** place;
        });
        assert.deepEqual([...kernel.keptScores.subarray(start, start + 12)], expected);
        assert.deepEqual(
          [...kernel.keptRows.subarray(start, start + 12)],
          Array.from({ length: 12 }, (_, row) => row),
        );
      });
    }
  });
}

test('only scores above the threshold of their query are kept, in the order of the rows', () => {
  const kernel = openKernel('f32', { dimensions: 1, queries: 2 });
  kernel.rows.set([3, 1, 4, 1, 5, 9, 2, 6]);
  kernel.setQuery(0, Float32Array.of(1));
  kernel.setQuery(1, Float32Array.of(-1));
  kernel.thresholds.set([4, -2]);
  kernel.scales.fill(1);
  kernel.scan(8, 2);
  assert.deepEqual([...kernel.counts], [3, 2]);
  const kept = (place: number, count: number): number[] => {
    return [...kernel.keptRows.subarray(place * kernel.tileRows).subarray(0, count)];
  };
  assert.deepEqual(kept(0, 3), [4, 5, 7]);
  assert.deepEqual(kept(1, 2), [1, 3]);
});

test('the largest products of bytes are summed without a carry into the sign', () => {
  // 33,025 products of 255 x 255 are 2,147,450,625, just below 2^31.
  const kernel = openKernel('u8', { dimensions: 33_025, queries: 2 });
  kernel.rows.fill(255);
  kernel.setQuery(0, new Float32Array(33_025).fill(255));
  kernel.thresholds.set([-Infinity, Infinity]);
  kernel.scales.fill(1);
  kernel.scan(4, 1);
  assert.deepEqual([...kernel.keptScores.subarray(0, 4)], new Array(4).fill(2_147_450_625));
});

test('a tile holds 512 rows, fewer where rows are long', () => {
  const rowsAt = (dimensions: number): number =>
    openKernel('f32', { dimensions, queries: 2 }).tileRows;
  assert.deepEqual([1, 384, 2048, 4096, 5000, 1_000_000].map(rowsAt), [512, 512, 512, 256, 208, 4]);
});
