import type { NeighbourTable } from '../../core/dataset.js';
import { BenchError } from '../../core/errors.js';
import {
  allocateTable,
  elementBytes,
  type StoredValues,
  storedRuns,
  type TableShape,
  type VectorTable,
} from '../../core/vectors.js';
import type { DataFile } from './data-file.js';
import { requireFinite } from './finite.js';
import { pieceBytes, readAhead, type Stretch } from './read-ahead.js';

/**
 * An empty table for the vectors of a file.
 *
 * @param shape checked against the size of the file
 * @throws BenchError NO_MEMORY
 */
export function tableFor(file: DataFile, shape: TableShape): VectorTable {
  return allocateFor(file, () => allocateTable(shape));
}

/**
 * Empty neighbours for the ids of a file.
 *
 * @param shape checked against the size of the file
 * @throws BenchError NO_MEMORY
 */
export function neighboursFor(
  file: DataFile,
  { queries, k }: { readonly queries: number; readonly k: number },
): NeighbourTable {
  const bytes = queries * k * 4;
  const ids = allocateFor(file, () => new Int32Array(new SharedArrayBuffer(bytes)));
  return { queries, k, ids };
}

/**
 * Reads values that lie in a file as in a table, straight into it.
 *
 * @param offset where the values begin in the file, in bytes
 * @throws BenchError BAD_DATA for a NaN or infinite value, or when the file ends before
 */
export function readTable(file: DataFile, offset: number, table: VectorTable): Promise<void> {
  const { path } = file;
  const { dimensions } = table;
  return readAhead(file, stretchesOf(table, offset), ({ values, firstRow }) => {
    requireFinite(values, { path, dimensions, firstRow });
  });
}

/**
 * Reads int32 ids that lie in a file as in a table of neighbours, straight into it.
 *
 * @param offset where the ids begin in the file, in bytes
 * @throws BenchError BAD_DATA when the file ends before
 */
export function readIds(file: DataFile, offset: number, { ids }: NeighbourTable): Promise<void> {
  return readAhead(file, piecesOf(bytesOf(ids), offset), () => undefined);
}

/**
 * What `allocate` gives.
 *
 * @throws BenchError NO_MEMORY when there is no room for it
 */
export function allocateFor<T>(file: DataFile, allocate: () => T): T {
  try {
    return allocate();
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    const message = `reading ${file.path}: its values do not fit into memory`;
    const hint = 'use a machine with more memory, or fewer rows';
    throw new BenchError('NO_MEMORY', message, { hint, cause: thrown });
  }
}

/** The bytes of values. */
export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

interface TableStretch extends Stretch {
  readonly values: StoredValues;
  readonly firstRow: number;
}

/** Whole rows of one shard each, about 4 MiB. */
function* stretchesOf(table: VectorTable, offset: number): Generator<TableStretch> {
  const rowBytes = table.dimensions * elementBytes[table.type];
  const each = Math.max(1, Math.floor(pieceBytes / rowBytes));
  for (let from = 0; from < table.rows; from += each) {
    const count = Math.min(each, table.rows - from);
    for (const { values, range } of storedRuns(table, { from, count })) {
      const target = bytesOf(values);
      yield { target, offset: offset + range.from * rowBytes, values, firstRow: range.from };
    }
  }
}

function* piecesOf(bytes: Uint8Array, offset: number): Generator<Stretch> {
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    yield { target: bytes.subarray(from, from + pieceBytes), offset: offset + from };
  }
}
