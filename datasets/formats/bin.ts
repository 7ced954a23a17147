import type { NeighbourTable } from '../../core/dataset.js';
import { type ElementType, elementBytes, type VectorTable } from '../../core/vectors.js';
import { badData, type DataFile, readExactly, withDataFile } from './data-file.js';
import { neighboursFor, readIds, readTable, tableFor } from './read-table.js';
import { requireSize, requireTable } from './table-layout.js';

const headerBytes = 8;

/**
 * Reads a file of vectors as in big-ann-benchmarks: uint32 rows, uint32 dimensions, then the
 * values, row after row, all little-endian.
 *
 * @param type what the ending of the name says: `.fbin` is f32, `.f16bin` f16, `.u8bin` u8,
 *   `.i8bin` i8
 * @throws BenchError BAD_DATA for a missing, empty, truncated or over-long file, no rows,
 *   dimensions outside 1..65536, NaN or infinite values; NO_MEMORY
 * @see https://big-ann-benchmarks.com/neurips21.html for the format
 */
export function readBinVectors(path: string, type: ElementType): Promise<VectorTable> {
  return withDataFile(path, async (file) => {
    const { rows, columns } = await readHeader(file);
    const itemBytes = elementBytes[type];
    const layout = { rows, columns, itemBytes, offset: headerBytes };
    requireSize(file, layout, hintOf(file, rows * columns));
    const table = tableFor(file, { rows, dimensions: columns, type });
    await readTable(file, headerBytes, table);
    return table;
  });
}

/**
 * Reads an ibin file of neighbours: uint32 queries, uint32 k, then int32 ids, a row a query,
 * nearest first, all little-endian. Ground truth of big-ann-benchmarks, where as many float32
 * distances follow, is known by its size; the distances are left out. The ids are not checked
 * against a base.
 *
 * @throws BenchError BAD_DATA for a missing, empty, truncated or over-long file, no queries, k
 *   outside 1..65536; NO_MEMORY
 * @see https://big-ann-benchmarks.com/neurips21.html for the format
 */
export function readIbin(path: string): Promise<NeighbourTable> {
  return withDataFile(path, async (file) => {
    const { rows, columns } = await readHeader(file);
    const withDistances = file.bytes === headerBytes + rows * columns * 8;
    const layout = { rows, columns, itemBytes: 4, offset: headerBytes };
    if (!withDistances) requireSize(file, layout, hintOf(file, rows * columns));
    const table = neighboursFor(file, { queries: rows, k: columns });
    await readIds(file, headerBytes, table);
    return table;
  });
}

async function readHeader(file: DataFile): Promise<{ rows: number; columns: number }> {
  if (file.bytes < headerBytes) {
    throw badData(file.path, `it has ${file.bytes} bytes, no room for a header of ${headerBytes}`);
  }
  const header = Buffer.alloc(headerBytes);
  await readExactly(file, header, 0);
  const rows = header.readUInt32LE(0);
  const columns = header.readUInt32LE(4);
  requireTable(file, rows, columns);
  return { rows, columns };
}

/** Names the formats that a size fits, for files under the wrong name. */
function hintOf(file: DataFile, values: number): string {
  const names: Record<number, string> = {
    1: 'a u8bin or an i8bin',
    2: 'an f16bin',
    4: 'an fbin or an ibin',
    8: 'an ibin with distances',
  };
  const fitting = names[(file.bytes - headerBytes) / values];
  if (fitting === undefined) return 'fetch the file again and compare its size';
  return `its size is that of ${fitting}: give it that ending`;
}
