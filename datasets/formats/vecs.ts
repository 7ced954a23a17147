import type { NeighbourTable } from '../../core/dataset.js';
import {
  type ElementType,
  elementBytes,
  storedRuns,
  type VectorTable,
} from '../../core/vectors.js';
import { badData, type DataFile, maxDimensions, readExactly, withDataFile } from './data-file.js';
import { requireFinite } from './finite.js';
import { type Piece, readUnits } from './read-ahead.js';
import { bytesOf, neighboursFor, tableFor } from './read-table.js';

interface Layout {
  readonly dimensions: number;
  readonly recordBytes: number;
  readonly records: number;
}

/**
 * Reads an fvecs file: records of an int32 dimension and as many float32, all little-endian.
 *
 * @throws BenchError BAD_DATA for a missing, empty, truncated or over-long file, dimensions outside
 *   1..65536 or that change, NaN or infinite values; NO_MEMORY
 * @see http://corpus-texmex.irisa.fr/ for the format
 */
export function readFvecs(path: string): Promise<VectorTable> {
  return readVectors(path, 'f32');
}

/**
 * Reads a bvecs file: records of a little-endian int32 dimension and as many bytes.
 *
 * @throws BenchError BAD_DATA for a missing, empty, truncated or over-long file, dimensions outside
 *   1..65536 or that change; NO_MEMORY
 * @see http://corpus-texmex.irisa.fr/ for the format
 */
export function readBvecs(path: string): Promise<VectorTable> {
  return readVectors(path, 'u8');
}

/**
 * Reads an ivecs file: records of an int32 length and as many int32, all little-endian. The ids are
 * not checked against a base.
 *
 * @throws BenchError BAD_DATA for a missing, empty, truncated or over-long file, lengths outside
 *   1..65536 or that change; NO_MEMORY
 * @see http://corpus-texmex.irisa.fr/ for the format
 */
export function readIvecs(path: string): Promise<NeighbourTable> {
  return withDataFile(path, async (file) => {
    const layout = await readLayout(file, 4);
    const { dimensions: k, records: queries } = layout;
    const table = neighboursFor(file, { queries, k });
    const target = bytesOf(table.ids);
    await readRecords(file, layout, (piece) => {
      copyValues(piece.target, target.subarray(piece.firstUnit * k * 4), layout.recordBytes);
    });
    return table;
  });
}

function readVectors(path: string, type: ElementType): Promise<VectorTable> {
  return withDataFile(path, async (file) => {
    const layout = await readLayout(file, elementBytes[type]);
    const { dimensions, records: rows, recordBytes } = layout;
    const table = tableFor(file, { rows, dimensions, type });
    await readRecords(file, layout, ({ target, firstUnit, units }) => {
      for (const { values, range } of storedRuns(table, { from: firstUnit, count: units })) {
        const start = (range.from - firstUnit) * recordBytes;
        const records = target.subarray(start, start + range.count * recordBytes);
        copyValues(records, bytesOf(values), recordBytes);
        requireFinite(values, { path, dimensions, firstRow: range.from });
      }
    });
    return table;
  });
}

async function readLayout(file: DataFile, valueBytes: number): Promise<Layout> {
  if (file.bytes === 0) throw badData(file.path, 'it is empty, expected at least one record');
  if (file.bytes < 4) {
    throw badData(file.path, `it has ${file.bytes} bytes, expected ${4 + valueBytes} or more`);
  }
  const head = Buffer.alloc(4);
  await readExactly(file, head, 0);
  const dimensions = head.readInt32LE(0);
  if (dimensions < 1 || dimensions > maxDimensions) {
    const range = `1..${maxDimensions}`;
    throw badData(file.path, `record 0 (byte 0) has dimension ${dimensions}, expected ${range}`);
  }
  const recordBytes = 4 + valueBytes * dimensions;
  const records = Math.floor(file.bytes / recordBytes);
  const layout = { dimensions, recordBytes, records };
  if (file.bytes % recordBytes !== 0) await explainRest(file, layout);
  return layout;
}

/** Finds out whether a record of another dimension or a cut is why the size does not fit. */
async function explainRest(file: DataFile, layout: Layout): Promise<never> {
  const { dimensions, recordBytes, records } = layout;
  await readRecords(file, layout, () => undefined);
  const rest = file.bytes % recordBytes;
  throw badData(
    file.path,
    `record ${records} (byte ${records * recordBytes}) has ${rest} bytes, expected ` +
      `${recordBytes} (dimension ${dimensions}): the file is truncated or over-long`,
    'fetch the file again and compare its size',
  );
}

/** Reads all whole records, and demands of each the dimension of the first. */
function readRecords(file: DataFile, layout: Layout, use: (piece: Piece) => void): Promise<void> {
  const { recordBytes: unitBytes, records: units } = layout;
  return readUnits(file, { offset: 0, unitBytes, units }, (piece) => {
    requireDimensions(file, layout, piece);
    use(piece);
  });
}

function requireDimensions(file: DataFile, layout: Layout, { target, offset }: Piece): void {
  const { dimensions, recordBytes } = layout;
  const view = new DataView(target.buffer);
  for (let at = 0; at < target.length; at += recordBytes) {
    const found = view.getInt32(at, true);
    if (found === dimensions) continue;
    const record = (offset + at) / recordBytes;
    throw badData(
      file.path,
      `record ${record} (byte ${offset + at}) has dimension ${found}, ` +
        `expected ${dimensions} as in record 0`,
    );
  }
}

/** Copies what follows the dimension of each record. */
function copyValues(records: Uint8Array, target: Uint8Array, recordBytes: number): void {
  let to = 0;
  for (let at = 0; at < records.length; at += recordBytes) {
    target.set(records.subarray(at + 4, at + recordBytes), to);
    to += recordBytes - 4;
  }
}
