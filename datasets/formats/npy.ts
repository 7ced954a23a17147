import type { NeighbourTable } from '../../core/dataset.js';
import { firstNotFinite } from '../../core/finite.js';
import { type ElementType, storedRuns, type VectorTable } from '../../core/vectors.js';
import { badData, type DataFile, withDataFile } from './data-file.js';
import { badValue } from './finite.js';
import { type NpyHeader, type NpyType, readNpyHeader } from './npy-header.js';
import { readUnits } from './read-ahead.js';
import { neighboursFor, readIds, readTable, tableFor } from './read-table.js';

/** How vectors of each type are stored; float64 is rounded to float32. */
const storedAs = {
  '<f4': 'f32',
  '<f2': 'f16',
  '|u1': 'u8',
  '|i1': 'i8',
  '<f8': 'f32',
} as const satisfies Partial<Record<NpyType, ElementType>>;

const vectorTypes = Object.keys(storedAs) as readonly (keyof typeof storedAs)[];

/**
 * Reads vectors from an npy file of float32, float16, uint8 or int8, kept as they are, or of
 * float64, rounded to float32.
 *
 * @throws BenchError BAD_DATA for a missing, empty, truncated or over-long file, another type,
 *   Fortran order, rows outside 1..65536 values, NaN or infinite values, and float64 values that
 *   float32 cannot hold; NO_MEMORY
 */
export function readNpyVectors(path: string): Promise<VectorTable> {
  return withDataFile(path, async (file) => {
    const header = await readNpyHeader(file, vectorTypes);
    const { rows, columns, type } = header;
    const table = tableFor(file, { rows, dimensions: columns, type: storedAs[type] });
    if (type === '<f8') await readRounded(file, header.offset, table);
    else await readTable(file, header.offset, table);
    return table;
  });
}

/**
 * Reads neighbours from an npy file of int32, or of int64 within its range: a row a query, nearest
 * first. The ids are not checked against a base.
 *
 * @throws BenchError BAD_DATA for a missing, empty, truncated or over-long file, another type,
 *   Fortran order, rows outside 1..65536 values, ids beyond int32; NO_MEMORY
 */
export function readNpyNeighbours(path: string): Promise<NeighbourTable> {
  return withDataFile(path, async (file) => {
    const header = await readNpyHeader(file, ['<i4', '<i8']);
    const table = neighboursFor(file, { queries: header.rows, k: header.columns });
    if (header.type === '<i8') await readLongIds(file, header, table);
    else await readIds(file, header.offset, table);
    return table;
  });
}

/** float64 values into a table of float32. */
function readRounded(file: DataFile, offset: number, table: VectorTable): Promise<void> {
  const { path } = file;
  const { rows, dimensions } = table;
  const layout = { offset, unitBytes: dimensions * 8, units: rows };
  return readUnits(file, layout, ({ target, firstUnit, units }) => {
    const source = new Float64Array(target.buffer, 0, units * dimensions);
    for (const { values, range } of storedRuns(table, { from: firstUnit, count: units })) {
      const start = (range.from - firstUnit) * dimensions;
      const part = source.subarray(start, start + values.length);
      values.set(part);
      const at = firstNotFinite(values);
      if (at < 0) continue;
      throw badValue({ path, dimensions, firstRow: range.from }, at, explained(part[at] as number));
    }
  });
}

function explained(value: number): string {
  if (!Number.isFinite(value)) return `${value}, expected a finite number`;
  return `${value}, expected a number that float32 can hold`;
}

/** int64 ids, the low half first, into a table of int32. */
function readLongIds(file: DataFile, header: NpyHeader, { ids }: NeighbourTable): Promise<void> {
  const { columns, rows: units, offset } = header;
  return readUnits(file, { offset, unitBytes: columns * 8, units }, (piece) => {
    const halves = new Int32Array(piece.target.buffer, 0, piece.units * columns * 2);
    let to = piece.firstUnit * columns;
    for (let at = 0; at < halves.length; at += 2) {
      const low = halves[at] as number;
      // Within int32 the high half repeats the sign.
      if (halves[at + 1] !== low >> 31) throw longId(file, to, columns);
      ids[to] = low;
      to += 1;
    }
  });
}

function longId(file: DataFile, at: number, columns: number): Error {
  const place = `row ${Math.floor(at / columns)}, column ${at % columns}`;
  return badData(file.path, `${place} is an id beyond int32`, 'number the rows from 0 on');
}
