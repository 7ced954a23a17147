import { badData } from './data-file.js';
import { eachScalar } from './parquet-columns.js';
import { fieldNamed, type ParquetField, withParquet } from './parquet-file.js';
import { type ParquetValues, wholeNumbers } from './parquet-values.js';
import type { ParquetParts } from './parquet-vectors.js';

/** What names a row: a whole number or a text. */
export type RowId = number | string;

/** The row that an id names; undefined for an id that names none. */
export type RowOfId = (id: RowId) => number | undefined;

/**
 * Reads the ids of rows, in the order of the rows.
 *
 * @throws BenchError BAD_DATA when the column is missing, of another type, or lacks a value
 */
export async function readIds(parts: ParquetParts, name: string): Promise<ArrayLike<RowId>> {
  let ids: Float64Array | string[] | undefined;
  let firstRow = 0;
  for (const path of parts.paths) {
    firstRow += await withParquet(path, async (file) => {
      const field = fieldNamed(file, name);
      await eachScalar(file, field, (piece) => {
        if (piece.isPresent !== undefined) throw new Error('it lacks an id');
        const found = idsOf(piece.values, field);
        ids ??= typeof found[0] === 'string' ? [] : new Float64Array(parts.rows);
        write(ids, firstRow + piece.firstRow, found);
      });
      return file.rows;
    });
  }
  return ids ?? [];
}

/**
 * Values of a field as ids.
 *
 * @throws Error when they are neither whole numbers nor texts
 */
export function idsOf(values: ParquetValues, field: ParquetField): ArrayLike<RowId> {
  if (field.type === 'BYTE_ARRAY') return values as readonly string[];
  if (field.type === 'INT32' || field.type === 'INT64') return wholeNumbers(values, field);
  throw new Error(`ids are of the type ${field.type}, expected whole numbers or texts`);
}

function write(ids: Float64Array | string[], at: number, found: ArrayLike<RowId>): void {
  if (ids instanceof Float64Array) {
    if (typeof found[0] === 'string') throw new Error('ids are texts here, numbers elsewhere');
    ids.set(found as ArrayLike<number>, at);
    return;
  }
  for (let index = 0; index < found.length; index++) ids.push(String(found[index]));
}

// A list of rows by id takes less than a map while it has no more than this many places a row.
const placesARow = 4;

/**
 * Finds rows by their ids.
 *
 * @param path the file that the ids are from
 * @throws BenchError BAD_DATA when two rows have the same id
 */
export function indexIds(path: string, ids: ArrayLike<RowId>): RowOfId {
  const { least, most } = rangeOf(ids);
  const places = most - least + 1;
  const twice = (id: RowId, rows: readonly [number, number]) =>
    badData(path, `id ${id} names both row ${rows[0]} and row ${rows[1]}`);
  if (!(places <= placesARow * ids.length)) {
    const rows = new Map<RowId, number>();
    for (let row = 0; row < ids.length; row++) {
      const id = ids[row] as RowId;
      const other = rows.get(id);
      if (other !== undefined) throw twice(id, [other, row]);
      rows.set(id, row);
    }
    return (id) => rows.get(id);
  }
  const rows = new Int32Array(places).fill(-1);
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row] as number;
    const other = rows[id - least] as number;
    if (other >= 0) throw twice(id, [other, row]);
    rows[id - least] = row;
  }
  return (id) => {
    const row = typeof id === 'number' ? rows[id - least] : undefined;
    return row === undefined || row < 0 ? undefined : row;
  };
}

/** NaN where ids are texts. */
function rangeOf(ids: ArrayLike<RowId>): { least: number; most: number } {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row] as RowId;
    if (typeof id === 'string') return { least: Number.NaN, most: Number.NaN };
    least = Math.min(least, id);
    most = Math.max(most, id);
  }
  return { least, most };
}
