import type { Dataset } from '../../core/dataset.js';
import { seededRandom } from '../../core/random.js';
import { float32Table, type VectorTable, vectorOf } from '../../core/vectors.js';

/** A table of the given values, row after row. */
export function tableOf(dimensions: number, values: ArrayLike<number>): VectorTable {
  const data = new Float32Array(new SharedArrayBuffer(values.length * 4));
  data.set(values);
  return float32Table(data, dimensions);
}

/** A table of seeded values in [-1, 1), no two rows equal. */
export function randomTable(rows: number, dimensions: number, seed: number): VectorTable {
  const random = seededRandom(seed);
  const values = Float32Array.from({ length: rows * dimensions }, () => 2 * random() - 1);
  return tableOf(dimensions, values);
}

/** 200 rows of 8 dimensions and 20 queries. */
export function smallDataset(change: Partial<Dataset> = {}): Dataset {
  return {
    name: 'small',
    metric: 'l2',
    base: randomTable(200, 8, 1),
    queries: randomTable(20, 8, 2),
    ...change,
  };
}

/** The nearest rows by comparing all of them, nearest first; larger scores are nearer. */
export function slowNearest(
  dataset: Pick<Dataset, 'metric' | 'base'>,
  query: Float32Array,
  k: number,
): number[] {
  const { metric, base } = dataset;
  const scores = Array.from({ length: base.rows }, (_, row) => {
    const own = [...vectorOf(base, row)];
    const dot = own.reduce((sum, value, column) => sum + value * (query[column] as number), 0);
    const squares = own.reduce((sum, value) => sum + value * value, 0);
    if (metric === 'ip') return dot;
    if (metric === 'cosine') return dot / Math.sqrt(squares);
    return 2 * dot - squares;
  });
  const rows = scores.map((_, row) => row);
  rows.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
  return rows.slice(0, k);
}
