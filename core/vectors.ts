import { widenFloat16 } from './float16.js';

/** How values are stored: float32; float16 as its 16 bits; bytes without and with a sign. */
export type ElementType = 'f32' | 'f16' | 'u8' | 'i8';

/** Stored values, in memory that all threads of the process share. */
export type StoredValues =
  | Float32Array<SharedArrayBuffer>
  | Uint16Array<SharedArrayBuffer>
  | Uint8Array<SharedArrayBuffer>
  | Int8Array<SharedArrayBuffer>;

/** Values by the type of their elements; float16 as its 16 bits. */
export type VectorValues = Float32Array | Uint16Array | Uint8Array | Int8Array;

/** Vectors, row after row: loaded once, read by every thread; structured-cloneable. */
export interface VectorTable {
  readonly rows: number;
  readonly dimensions: number;
  readonly type: ElementType;
  /** Rows of each shard; the last one has what is left. */
  readonly shardRows: number;
  /** Together rows x dimensions finite values. */
  readonly shards: readonly StoredValues[];
}

/** Rows one after the other, counted from 0. */
export interface RowRange {
  readonly from: number;
  readonly count: number;
}

/** Bytes of one value. */
export const elementBytes: Readonly<Record<ElementType, number>> = { f32: 4, f16: 2, u8: 1, i8: 1 };

// One array holds 2 to 4 GiB at most, by the platform; this is far from it and from the number of
// values that an index of 31 bits tells apart.
const shardBytes = 2 ** 30;

// Memory of a megabyte and more begins at a page, files begin at a page, and vectors lie some bytes
// into their file. A copy whose two sides lie a little apart within their pages takes up to twice
// the time of one whose target lies behind.
const leadBytes = 256;

type View = (memory: SharedArrayBuffer, from: number, length: number) => StoredValues;

const viewOf: Readonly<Record<ElementType, View>> = {
  f32: (...part) => new Float32Array(...part),
  f16: (...part) => new Uint16Array(...part),
  u8: (...part) => new Uint8Array(...part),
  i8: (...part) => new Int8Array(...part),
};

/** What a table is made for. */
export interface TableShape {
  readonly rows: number;
  readonly dimensions: number;
  readonly type: ElementType;
  /** As many as a shard of 1 GiB holds when not given; at least 1. */
  readonly shardRows?: number;
}

/** An empty table, all zeros. */
export function allocateTable({ rows, dimensions, type, shardRows }: TableShape): VectorTable {
  const rowBytes = dimensions * elementBytes[type];
  const fitting = Math.max(1, Math.floor(shardBytes / Math.max(1, rowBytes)));
  const each = Math.max(1, Math.min(shardRows ?? fitting, rows));
  const shards = Array.from({ length: Math.ceil(rows / each) }, (_, index) => {
    const count = Math.min(each, rows - index * each);
    const memory = new SharedArrayBuffer(leadBytes + count * rowBytes);
    return viewOf[type](memory, leadBytes, count * dimensions);
  });
  return { rows, dimensions, type, shardRows: each, shards };
}

/** A table over float32 values that are there already, in one shard. */
export function float32Table(
  data: Float32Array<SharedArrayBuffer>,
  dimensions: number,
): VectorTable {
  const rows = data.length / dimensions;
  return { rows, dimensions, type: 'f32', shardRows: Math.max(1, rows), shards: [data] };
}

/** The parts of a range that lie in one shard each, in order; not copied. */
export function* storedRuns(
  table: VectorTable,
  range: RowRange = { from: 0, count: table.rows },
): Generator<{ readonly values: StoredValues; readonly range: RowRange }> {
  const { shardRows, shards, dimensions } = table;
  const end = range.from + range.count;
  for (let from = range.from; from < end; ) {
    const shard = Math.floor(from / shardRows);
    const first = shard * shardRows;
    const count = Math.min(end, first + shardRows) - from;
    const at = (from - first) * dimensions;
    const values = (shards[shard] as StoredValues).subarray(at, at + count * dimensions);
    yield { values: values as StoredValues, range: { from, count } };
    from += count;
  }
}

/** Rows as they are stored: a view where they lie in one shard, a copy where not. */
export function storedRows(table: VectorTable, range: RowRange): VectorValues {
  const runs = [...storedRuns(table, range)];
  if (runs.length === 1 && runs[0] !== undefined) return runs[0].values;
  const { type, dimensions } = table;
  const copy = allocateTable({ rows: range.count, dimensions, type, shardRows: range.count });
  const [values] = copy.shards as [StoredValues];
  for (const run of runs) values.set(run.values, (run.range.from - range.from) * dimensions);
  return values;
}

/** Writes rows as float32, which holds every stored value exactly, into `target`. */
export function readRows(table: VectorTable, range: RowRange, target: Float32Array): void {
  const { type, dimensions } = table;
  for (const { values, range: run } of storedRuns(table, range)) {
    const at = (run.from - range.from) * dimensions;
    const part = target.subarray(at, at + values.length);
    if (type === 'f16') widenFloat16(values as Uint16Array, part);
    else part.set(values);
  }
}

/** Rows as float32: a view where they are stored so and lie together, a copy where not. */
export function float32Rows(table: VectorTable, range: RowRange): Float32Array {
  const { type, shardRows, shards, dimensions } = table;
  const shard = Math.floor(range.from / shardRows);
  const first = range.from - shard * shardRows;
  if (type === 'f32' && first + range.count <= shardRows) {
    const values = shards[shard] as Float32Array;
    return values.subarray(first * dimensions, (first + range.count) * dimensions);
  }
  const rows = new Float32Array(range.count * dimensions);
  readRows(table, range, rows);
  return rows;
}

/** One row as float32: a view where it is stored so. */
export function vectorOf(table: VectorTable, row: number): Float32Array {
  return float32Rows(table, { from: row, count: 1 });
}

/** The first rows of a table, in its memory. */
export function firstRows(table: VectorTable, count: number): VectorTable {
  const runs = [...storedRuns(table, { from: 0, count })];
  const shardRows = Math.min(table.shardRows, count);
  return { ...table, rows: count, shardRows, shards: runs.map(({ values }) => values) };
}

/** A table of some rows of another, in the given order. */
export function rowsOf(table: VectorTable, rows: ArrayLike<number>): VectorTable {
  const { dimensions, type } = table;
  const chosen = allocateTable({ rows: rows.length, dimensions, type });
  for (let place = 0; place < rows.length; place++) {
    copyRows(table, { from: rows[place] as number, count: 1 }, { table: chosen, place });
  }
  return chosen;
}

/** A place in a table. */
export interface RowPlace {
  readonly table: VectorTable;
  /** A row. */
  readonly place: number;
}

/** Copies rows to those from a place on, which may overlap them where it lies before them. */
export function copyRows(
  source: VectorTable,
  { from, count }: RowRange,
  { table, place }: RowPlace,
): void {
  for (const { values, range } of storedRuns(source, { from, count })) {
    const to = place + range.from - from;
    for (const target of storedRuns(table, { from: to, count: range.count })) {
      const at = (target.range.from - to) * table.dimensions;
      target.values.set(values.subarray(at, at + target.values.length));
    }
  }
}
