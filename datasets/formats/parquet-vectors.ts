import {
  type ElementType,
  elementBytes,
  storedRuns,
  type VectorTable,
} from '../../core/vectors.js';
import { badData } from './data-file.js';
import { requireRoom } from './declared-size.js';
import { requireFinite } from './finite.js';
import { eachList, type ListPiece } from './parquet-columns.js';
import { fieldNamed, type ParquetField, type ParquetFile, withParquet } from './parquet-file.js';
import { tableFor } from './read-table.js';

/** Files that are one table, in order. */
export interface ParquetParts {
  readonly paths: readonly string[];
  readonly rows: number;
  /** Of all files together. */
  readonly bytes: number;
  /** Of the first; the others have to have those that are read. */
  readonly fields: readonly ParquetField[];
}

/**
 * Counts the rows of files that are one table.
 *
 * @throws BenchError BAD_DATA when one of them is no Parquet file
 */
export async function openParts(paths: readonly string[]): Promise<ParquetParts> {
  const parts: ParquetParts[] = [];
  for (const path of paths) {
    const part = await withParquet(path, async ({ rows, bytes, fields }) => ({
      paths: [path],
      rows,
      bytes,
      fields: [...fields.values()],
    }));
    parts.push(part);
  }
  return {
    paths,
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    fields: parts[0]?.fields ?? [],
  };
}

/**
 * Reads a column of lists as vectors: float and float16 as they are, double as float32, and whole
 * numbers where they are declared to have 8 bits.
 *
 * @throws BenchError BAD_DATA when the column is missing or of another type, more is declared than
 *   the files can hold, or values are absent, NaN or infinite
 */
export async function readVectorColumn(parts: ParquetParts, name: string): Promise<VectorTable> {
  let table: VectorTable | undefined;
  let firstRow = 0;
  for (const path of parts.paths) {
    firstRow += await withParquet(path, async (file) => {
      const field = fieldNamed(file, name);
      const type = elementTypeOf(file, field);
      await eachList(file, field, (piece) => {
        table ??= allocateVectors(parts, file, { dimensions: piece.length, type });
        requireSame(file, table, { dimensions: piece.length, type });
        writeValues(table, firstRow * table.dimensions + piece.firstValue, piece);
      });
      return file.rows;
    });
  }
  const [path = ''] = parts.paths;
  if (table === undefined) throw badData(path, 'it has no rows');
  const { dimensions } = table;
  for (const { values, range } of storedRuns(table)) {
    requireFinite(values, { path, dimensions, firstRow: range.from });
  }
  return table;
}

interface VectorKind {
  readonly dimensions: number;
  readonly type: ElementType;
}

const elementTypes: Readonly<Record<string, ElementType>> = {
  FLOAT: 'f32',
  DOUBLE: 'f32',
  'FIXED_LEN_BYTE_ARRAY FLOAT16': 'f16',
  'INT32 UINT_8': 'u8',
  'INT32 INT_8': 'i8',
};

function elementTypeOf({ path }: ParquetFile, field: ParquetField): ElementType {
  const { type = 'a group', meaning, shape, name } = field;
  const key = meaning === undefined ? type : `${type} ${meaning}`;
  if (shape === 'list' && Object.hasOwn(elementTypes, key)) return elementTypes[key] as ElementType;
  const what = shape === 'list' ? `lists of ${key}` : key;
  const known = 'lists of float, double, float16, or whole numbers of 8 bits';
  throw badData(path, `column ${name} holds ${what}, expected ${known}`, 'name another column');
}

function allocateVectors(parts: ParquetParts, file: ParquetFile, kind: VectorKind): VectorTable {
  const { rows, bytes: storedBytes } = parts;
  const bytes = rows * kind.dimensions * elementBytes[kind.type];
  const what = `${rows} rows of ${kind.dimensions} values`;
  requireRoom({ path: file.path, what, bytes, storedBytes, isPlain: false });
  return tableFor(file, { rows, ...kind });
}

function requireSame({ path }: ParquetFile, table: VectorTable, found: VectorKind): void {
  const { dimensions, type } = table;
  if (dimensions === found.dimensions && type === found.type) return;
  const has = `its vectors are ${found.dimensions} x ${found.type}`;
  throw badData(path, `${has}, expected ${dimensions} x ${type} as in the first file`);
}

function writeValues(table: VectorTable, first: number, { values }: ListPiece): void {
  const numbers = values as ArrayLike<number> & {
    subarray(from: number, to: number): Float32Array;
  };
  const shardValues = table.shardRows * table.dimensions;
  for (let done = 0; done < values.length; ) {
    const at = first + done;
    const shard = table.shards[Math.floor(at / shardValues)];
    if (shard === undefined) throw new Error('more values than the table has rows for');
    const place = at % shardValues;
    const count = Math.min(values.length - done, shardValues - place, shard.length - place);
    if (count < 1) throw new Error('more values than the table has rows for');
    shard.set(numbers.subarray(done, done + count), place);
    done += count;
  }
}
