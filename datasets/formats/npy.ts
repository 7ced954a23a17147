import type { NeighbourTable, VectorTable } from '../../core/dataset.js';
import { type Piece, readPieces, requireFinite, withDataFile } from './data-file.js';
import { widenFloat16 } from './float16.js';
import { readNpyHeader } from './npy-header.js';

/**
 * Reads vectors from an npy file of float32, or of float16 which is widened.
 *
 * @throws BenchError BAD_DATA for a missing, empty, truncated or over-long file, another type,
 *   Fortran order, rows outside 1..65536 values, NaN or infinite values
 */
export function readNpyVectors(path: string): Promise<VectorTable> {
  return withDataFile(path, async (file) => {
    const header = await readNpyHeader(file, ['<f4', '<f2']);
    const { rows, columns, itemBytes, offset } = header;
    const data = new Float32Array(new SharedArrayBuffer(rows * columns * 4));
    const units = { offset, unitBytes: columns * itemBytes, units: rows };
    for await (const piece of readPieces(file, units)) {
      const start = piece.firstUnit * columns;
      const target = data.subarray(start, start + piece.units * columns);
      if (header.type === '<f2') widenFloat16(halves(piece), target);
      else target.set(new Float32Array(piece.buffer, 0, target.length));
      requireFinite(target, { path, dimensions: columns, firstRow: piece.firstUnit });
    }
    return { rows, dimensions: columns, data };
  });
}

/**
 * Reads neighbours from an npy file of int32: a row a query, nearest first. The ids are not checked
 * against a base.
 *
 * @throws BenchError BAD_DATA for a missing, empty, truncated or over-long file, another type,
 *   Fortran order, rows outside 1..65536 values
 */
export function readNpyNeighbours(path: string): Promise<NeighbourTable> {
  return withDataFile(path, async (file) => {
    const { rows, columns, itemBytes, offset } = await readNpyHeader(file, ['<i4']);
    const ids = new Int32Array(new SharedArrayBuffer(rows * columns * 4));
    const units = { offset, unitBytes: columns * itemBytes, units: rows };
    for await (const piece of readPieces(file, units)) {
      ids.set(new Int32Array(piece.buffer, 0, piece.bytes / 4), piece.firstUnit * columns);
    }
    return { queries: rows, k: columns, ids };
  });
}

function halves(piece: Piece): Uint16Array {
  return new Uint16Array(piece.buffer, 0, piece.bytes / 2);
}
