import { BenchError } from '../../core/errors.js';
import type { VectorValues } from '../../core/vectors.js';
import { narrowFloat16 } from './half.js';
import type { VectorType } from './sql.js';

const copyHead = 'PGCOPY\n\xff\r\n\0';
const copyHeadBytes = 19;
const vectorHeadBytes = 4;

/**
 * A vector as pgvector sends and receives it: the number of components, a reserved word, and the
 * components, all with the highest byte first.
 *
 * @see pgvector, `vector_recv` of src/vector.c and `halfvec_recv` of src/halfvec.c
 */
function writeVector(target: Buffer, at: number, values: VectorValues): number {
  let place = target.writeInt16BE(values.length, at);
  place = target.writeInt16BE(0, place);
  if (values instanceof Float32Array) {
    for (const value of values) place = target.writeFloatBE(value, place);
  } else {
    for (const bits of values) place = target.writeUInt16BE(bits, place);
  }
  return place;
}

/** Bytes of a vector of some components. */
export function vectorBytes(dimensions: number, type: VectorType): number {
  return vectorHeadBytes + dimensions * (type === 'vector' ? 4 : 2);
}

/** One vector in memory of its own, for a parameter. */
export function encodeVector(values: Float32Array, type: VectorType): Buffer {
  const buffer = Buffer.allocUnsafe(vectorBytes(values.length, type));
  writeVector(buffer, 0, type === 'vector' ? values : narrowed(values));
  return buffer;
}

/** Rows that are stored: ids and vectors, row after row; float16 as its 16 bits. */
export interface CopyRows {
  readonly ids: Int32Array;
  readonly vectors: VectorValues;
  /** What lies beside the vectors: for each row its further fields, encoded with their lengths. */
  readonly beside?: { readonly columns: number; readonly rows: readonly Buffer[] };
}

/**
 * Rows of `id int4, v vector` or `halfvec`, and of further columns, for `copy ... (format binary)`.
 *
 * @throws BenchError UNSUPPORTED for a value that halfvec cannot hold
 * @see PostgreSQL 18, COPY, "Binary Format"
 */
export function encodeCopy({ ids, vectors, beside }: CopyRows, type: VectorType): Buffer {
  const dimensions = vectors.length / ids.length;
  const isNarrow = type === 'halfvec' && vectors instanceof Float32Array;
  const values = isNarrow ? narrowed(vectors) : vectors;
  const valueBytes = vectorBytes(dimensions, type);
  const besideBytes = (beside?.rows ?? []).reduce((sum, row) => sum + row.length, 0);
  const rowsBytes = ids.length * (14 + valueBytes) + besideBytes;
  const buffer = Buffer.alloc(copyHeadBytes + rowsBytes + 2);
  buffer.write(copyHead, 0, 'latin1');
  let at = copyHeadBytes;
  for (const [row, id] of ids.entries()) {
    at = buffer.writeInt16BE(2 + (beside?.columns ?? 0), at);
    at = buffer.writeInt32BE(4, at);
    at = buffer.writeInt32BE(id, at);
    at = buffer.writeInt32BE(valueBytes, at);
    at = writeVector(buffer, at, values.subarray(row * dimensions, (row + 1) * dimensions));
    at += beside?.rows[row]?.copy(buffer, at) ?? 0;
  }
  buffer.writeInt16BE(-1, at);
  return buffer;
}

function narrowed(values: Float32Array): Uint16Array {
  const bits = narrowFloat16(values);
  // 0x7c00 is infinity, which pgvector refuses.
  const wrong = bits.findIndex((half) => (half & 0x7fff) === 0x7c00);
  if (wrong < 0) return bits;
  const message = `halfvec holds values of -65504..65504, got ${values[wrong]}; store as vector`;
  throw new BenchError('UNSUPPORTED', message);
}
