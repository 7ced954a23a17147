import type { NeighbourTable, VectorTable } from '../../core/dataset.js';
import {
  badData,
  type DataFile,
  maxDimensions,
  readExactly,
  readPieces,
  requireFinite,
  withDataFile,
} from './data-file.js';

interface Layout {
  readonly dimensions: number;
  readonly recordBytes: number;
  readonly records: number;
}

/**
 * Reads an fvecs file: records of an int32 dimension and as many float32, all little-endian.
 *
 * @throws BenchError BAD_DATA for a missing, empty, truncated or over-long file, dimensions outside
 *   1..65536 or that change, NaN or infinite values
 * @see http://corpus-texmex.irisa.fr/ for the format
 */
export function readFvecs(path: string): Promise<VectorTable> {
  return withDataFile(path, async (file) => {
    const { dimensions, records, ...layout } = await readLayout(file);
    const data = new Float32Array(new SharedArrayBuffer(records * dimensions * 4));
    const units = { offset: 0, unitBytes: layout.recordBytes, units: records };
    for await (const piece of readPieces(file, units)) {
      requireDimensions(file, new Int32Array(piece.buffer, 0, piece.bytes / 4), {
        dimensions,
        firstRecord: piece.firstUnit,
      });
      const start = piece.firstUnit * dimensions;
      copyRecords(new Float32Array(piece.buffer, 0, piece.bytes / 4), data, { dimensions, start });
      const read = data.subarray(start, start + piece.units * dimensions);
      requireFinite(read, { path, dimensions, firstRow: piece.firstUnit });
    }
    return { rows: records, dimensions, data };
  });
}

/**
 * Reads an ivecs file: records of an int32 length and as many int32, all little-endian. The ids are
 * not checked against a base.
 *
 * @throws BenchError BAD_DATA for a missing, empty, truncated or over-long file, lengths outside
 *   1..65536 or that change
 * @see http://corpus-texmex.irisa.fr/ for the format
 */
export function readIvecs(path: string): Promise<NeighbourTable> {
  return withDataFile(path, async (file) => {
    const { dimensions, records, recordBytes } = await readLayout(file);
    const ids = new Int32Array(new SharedArrayBuffer(records * dimensions * 4));
    const units = { offset: 0, unitBytes: recordBytes, units: records };
    for await (const piece of readPieces(file, units)) {
      const words = new Int32Array(piece.buffer, 0, piece.bytes / 4);
      requireDimensions(file, words, { dimensions, firstRecord: piece.firstUnit });
      copyRecords(words, ids, { dimensions, start: piece.firstUnit * dimensions });
    }
    return { queries: records, k: dimensions, ids };
  });
}

async function readLayout(file: DataFile): Promise<Layout> {
  if (file.bytes === 0) throw badData(file.path, 'it is empty, expected at least one record');
  if (file.bytes < 4) throw badData(file.path, `it has ${file.bytes} bytes, expected 8 or more`);
  const head = new Int32Array(1);
  await readExactly(file, new Uint8Array(head.buffer), 0);
  const dimensions = head[0] as number;
  if (dimensions < 1 || dimensions > maxDimensions) {
    const range = `1..${maxDimensions}`;
    throw badData(file.path, `record 0 (byte 0) has dimension ${dimensions}, expected ${range}`);
  }
  const recordBytes = 4 + 4 * dimensions;
  const records = Math.floor(file.bytes / recordBytes);
  const rest = file.bytes % recordBytes;
  if (rest !== 0) await explainRest(file, { dimensions, recordBytes, records });
  return { dimensions, recordBytes, records };
}

/** Finds out whether a record of another dimension or a cut is why the size does not fit. */
async function explainRest(file: DataFile, layout: Layout): Promise<never> {
  const { dimensions, recordBytes, records } = layout;
  const units = { offset: 0, unitBytes: recordBytes, units: records };
  for await (const piece of readPieces(file, units)) {
    const words = new Int32Array(piece.buffer, 0, piece.bytes / 4);
    requireDimensions(file, words, { dimensions, firstRecord: piece.firstUnit });
  }
  const rest = file.bytes % recordBytes;
  throw badData(
    file.path,
    `record ${records} (byte ${records * recordBytes}) has ${rest} bytes, expected ` +
      `${recordBytes} (dimension ${dimensions}): the file is truncated or over-long`,
    'fetch the file again and compare its size',
  );
}

function requireDimensions(
  file: DataFile,
  words: Int32Array,
  expected: { readonly dimensions: number; readonly firstRecord: number },
): void {
  const stride = expected.dimensions + 1;
  for (let at = 0; at < words.length; at += stride) {
    if (words[at] === expected.dimensions) continue;
    const record = expected.firstRecord + at / stride;
    throw badData(
      file.path,
      `record ${record} (byte ${record * stride * 4}) has dimension ${words[at]}, ` +
        `expected ${expected.dimensions} as in record 0`,
    );
  }
}

function copyRecords(
  words: Float32Array | Int32Array,
  target: Float32Array | Int32Array,
  place: { readonly dimensions: number; readonly start: number },
): void {
  const { dimensions } = place;
  let to = place.start;
  for (let at = 1; at < words.length; at += dimensions + 1) {
    target.set(words.subarray(at, at + dimensions), to);
    to += dimensions;
  }
}
