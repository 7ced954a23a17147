import type { Metric } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import { deriveSeed } from '../../core/random.js';
import { repeatedRows } from '../../core/repeated-rows.js';
import { availableMemoryBytes } from '../../core/resources/process.js';
import { formatBytes, formatNumber } from '../../core/units.js';
import {
  allocateTable,
  copyRows,
  type ElementType,
  elementBytes,
  firstRows,
  type RowRange,
  type StoredValues,
  storedRuns,
  type VectorTable,
} from '../../core/vectors.js';
import { narrowFloat16, quantise } from './narrowing.js';
import { NormalSource } from './normal-source.js';

/** The vectors that are wanted. */
export interface SyntheticShape {
  readonly rows: number;
  readonly dimensions: number;
  readonly queries: number;
  readonly type: ElementType;
  readonly metric: Metric;
  readonly seed: number;
  /** As {@link allocateTable}; the values do not depend on it. */
  readonly shardRows?: number;
}

/** What vectors are drawn from. */
export interface Distribution {
  /** The standard deviation of one value. */
  readonly deviation: number;
  /** Draws whole rows; the values do not depend on how many rows are drawn at once. */
  draw(rows: Float32Array, source: NormalSource): void;
}

/** Whole numbers have so many steps to a standard deviation: four of them fit into a byte. */
const stepsADeviation = 32;
const blockValues = 65_536;
const mostTries = 100;

/**
 * Draws base and queries from one distribution. No two rows are equal as they are stored, be they
 * of the base or of the queries, and under cosine none is all zeros: such rows are drawn again.
 *
 * @throws BenchError NO_MEMORY where they do not fit; BAD_ARGUMENT where so many rows that differ
 *   cannot be drawn
 */
export function drawTables(
  shape: SyntheticShape,
  distribution: Distribution,
): { readonly base: VectorTable; readonly queries: VectorTable } {
  const { rows, queries } = shape;
  requireRoom(shape);
  const all = allocateTable({ ...shape, rows: rows + queries });
  const drawing: Drawing = {
    table: all,
    distribution,
    source: new NormalSource(deriveSeed(shape.seed, 'rows')),
    block: new Float32Array(all.type === 'f32' ? 0 : Math.max(blockValues, all.dimensions)),
  };
  draw(drawing, { from: 0, count: all.rows });
  for (let tried = 1; ; tried++) {
    const refused = [...repeatedRows(all), ...(shape.metric === 'cosine' ? zeroRows(all) : [])];
    if (refused.length === 0) break;
    if (tried === mostTries) throw tooManyRows(shape, refused.length);
    for (const row of refused) draw(drawing, { from: row, count: 1 });
  }
  return { base: firstRows(all, rows), queries: copied(all, { from: rows, count: queries }) };
}

function requireRoom(shape: SyntheticShape): void {
  const { rows, queries, dimensions, type } = shape;
  const bytes = (rows + queries) * dimensions * elementBytes[type];
  const free = availableMemoryBytes();
  if (bytes > free) {
    const what = `${formatNumber(rows)} x ${dimensions} values of ${type}`;
    const needs = `${what} need ${formatBytes(bytes)} of memory, ${formatBytes(free)} are free`;
    throw new BenchError('NO_MEMORY', needs, { hint: 'lower rows or dimensions' });
  }
  const isTooSmall = type !== 'f32' && (256 ** elementBytes[type]) ** dimensions < rows + queries;
  if (isTooSmall) throw tooManyRows(shape, rows + queries - 256 ** dimensions);
}

function tooManyRows(
  { rows, queries, dimensions, type }: SyntheticShape,
  left: number,
): BenchError {
  const wanted = `${rows} rows and ${queries} queries of ${dimensions} values of ${type}`;
  const message = `${wanted} cannot all differ: ${left} still repeat others, or are all zeros`;
  return new BenchError('BAD_ARGUMENT', message, {
    hint: 'lower rows, raise dimensions, or take type=f32',
  });
}

interface Drawing {
  readonly table: VectorTable;
  readonly distribution: Distribution;
  readonly source: NormalSource;
  /** What is drawn before it is narrowed. */
  readonly block: Float32Array;
}

function draw({ table, distribution, source, block }: Drawing, range: RowRange): void {
  const { type, dimensions } = table;
  const each = Math.max(1, Math.floor(blockValues / dimensions)) * dimensions;
  for (const { values } of storedRuns(table, range)) {
    for (let at = 0; at < values.length; at += each) {
      const part = values.subarray(at, at + each) as StoredValues;
      const rows = type === 'f32' ? (part as Float32Array) : block.subarray(0, part.length);
      distribution.draw(rows, source);
      store(rows, part, { type, scale: stepsADeviation / distribution.deviation });
    }
  }
}

function store(
  rows: Float32Array,
  target: StoredValues,
  { type, scale }: { readonly type: ElementType; readonly scale: number },
): void {
  if (type === 'f16') narrowFloat16(rows, target as Uint16Array);
  if (type === 'u8') quantise(rows, target as Uint8Array, { scale, zero: 128, min: 0, max: 255 });
  if (type === 'i8') quantise(rows, target as Int8Array, { scale, zero: 0, min: -127, max: 127 });
}

/** Rows of zeros only; values are drawn without a signed zero. */
function zeroRows(table: VectorTable): number[] {
  const { dimensions } = table;
  const found: number[] = [];
  for (const { values, range } of storedRuns(table)) {
    for (let row = 0; row < range.count; row++) {
      let at = row * dimensions;
      const end = at + dimensions;
      while (at < end && values[at] === 0) at += 1;
      if (at === end) found.push(range.from + row);
    }
  }
  return found;
}

/** Rows as a table of their own, in memory of its own. */
function copied(table: VectorTable, range: RowRange): VectorTable {
  const { type, dimensions, shardRows } = table;
  const copy = allocateTable({ rows: range.count, dimensions, type, shardRows });
  copyRows(table, range, { table: copy, place: 0 });
  return copy;
}
