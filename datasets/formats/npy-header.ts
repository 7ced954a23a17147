import { badData, type DataFile, readExactly } from './data-file.js';
import { requireSize, requireTable, type TableLayout } from './table-layout.js';

const itemBytesOf = { '<f4': 4, '<f2': 2, '<f8': 8, '|u1': 1, '|i1': 1, '<i4': 4, '<i8': 8 };

/** Types of values that are read, as NumPy spells them. */
export type NpyType = keyof typeof itemBytesOf;

/** What the header of an npy file says, checked against the size of the file. */
export interface NpyHeader<T extends NpyType = NpyType> extends TableLayout {
  readonly type: T;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const maxHeaderBytes = 1 << 16;

/**
 * Reads the header of an npy file, versions 1 to 3, of a table in C order.
 *
 * @param types the types that the caller can read
 * @throws BenchError BAD_DATA when it is no such file, or promises more or less than the file holds
 * @see NEP 1, "A Simple File Format for NumPy Arrays", Robert Kern (2007)
 */
export async function readNpyHeader<T extends NpyType>(
  file: DataFile,
  types: readonly T[],
): Promise<NpyHeader<T>> {
  const { text, offset } = await readHeaderText(file);
  const type = parseType(file, text, types);
  const order = /'fortran_order'\s*:\s*(\w+)/.exec(text)?.[1];
  if (order !== 'False') {
    const hint = 'save it with numpy.ascontiguousarray';
    throw badData(file.path, `fortran_order is ${order}, expected False (C order)`, hint);
  }
  const { rows, columns } = parseShape(file, text);
  const header = { type, rows, columns, itemBytes: itemBytesOf[type], offset };
  requireSize(file, header);
  return header;
}

async function readHeaderText(file: DataFile): Promise<{ text: string; offset: number }> {
  if (file.bytes < 12) throw badData(file.path, `it has ${file.bytes} bytes, no room for a header`);
  const start = Buffer.alloc(12);
  await readExactly(file, start, 0);
  if (magic.some((byte, index) => start[index] !== byte)) {
    throw badData(file.path, 'its first bytes are not those of an npy file (\\x93NUMPY)');
  }
  const version = start[6] as number;
  if (version < 1 || version > 3) {
    throw badData(file.path, `npy version ${version} (byte 6), expected 1, 2 or 3`);
  }
  const textStart = version === 1 ? 10 : 12;
  const textBytes = version === 1 ? start.readUInt16LE(8) : start.readUInt32LE(8);
  const room = Math.min(maxHeaderBytes, file.bytes - textStart);
  if (textBytes > room) {
    throw badData(file.path, `its header (byte 8) claims ${textBytes} bytes, expected 0..${room}`);
  }
  const text = Buffer.alloc(textBytes);
  await readExactly(file, text, textStart);
  return { text: text.toString('latin1'), offset: textStart + textBytes };
}

function parseType<T extends NpyType>(file: DataFile, text: string, types: readonly T[]): T {
  const found = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const type = types.find((candidate) => candidate === found);
  if (type === undefined) {
    throw badData(
      file.path,
      `its values are ${found ?? 'of a compound type'}, expected ${listText(types)}`,
      `convert the array with astype('${types[0]}')`,
    );
  }
  return type;
}

function listText(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

function parseShape(file: DataFile, text: string): { rows: number; columns: number } {
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(text)?.[1];
  const match = /^\s*(\d{1,15})\s*,\s*(\d{1,15})\s*,?\s*$/.exec(shape ?? '');
  if (match === null) {
    throw badData(file.path, `its shape is (${shape ?? ''}), expected two dimensions`);
  }
  const rows = Number(match[1]);
  const columns = Number(match[2]);
  requireTable(file, rows, columns);
  return { rows, columns };
}
