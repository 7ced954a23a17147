import type { ValueType } from './sample-files.js';

/** What a file holds. */
export interface Content {
  readonly rows: number;
  readonly columns: number;
  /** Row after row; float16 as their bits. */
  readonly values: readonly number[];
}

interface Values {
  readonly type: ValueType;
  readonly from: number;
  readonly count: number;
}

const readers: Record<ValueType, (bytes: Buffer, at: number) => number> = {
  f32: (bytes, at) => bytes.readFloatLE(at),
  f16: (bytes, at) => bytes.readUInt16LE(at),
  u8: (bytes, at) => bytes.readUInt8(at),
  i8: (bytes, at) => bytes.readInt8(at),
  i32: (bytes, at) => bytes.readInt32LE(at),
  f64: (bytes, at) => Math.fround(bytes.readDoubleLE(at)),
};
const sizes: Record<ValueType, number> = { f32: 4, f16: 2, u8: 1, i8: 1, i32: 4, f64: 8 };

/** The values, one by one; undefined where one is not finite or not there. */
export function slowValues(bytes: Buffer, { type, from, count }: Values): number[] | undefined {
  const size = sizes[type];
  if (from < 0 || from + count * size > bytes.length) return undefined;
  const values = Array.from({ length: count }, (_, i) => readers[type](bytes, from + i * size));
  return values.every((value) => isFiniteValue(type, value)) ? values : undefined;
}

/** By the definition of IEEE 754, with the bits of a float16 as text. */
function isFiniteValue(type: ValueType, value: number): boolean {
  if (type !== 'f16') return Number.isFinite(value);
  return value.toString(2).padStart(16, '0').slice(1, 6) !== '11111';
}

/** The obvious reader of fvecs, bvecs and ivecs: record by record. */
export function slowVecs(bytes: Buffer, type: ValueType): Content | undefined {
  const rows: number[][] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 4) return undefined;
    const columns = bytes.readInt32LE(at);
    if (columns < 1 || columns > 65_536) return undefined;
    if (rows[0] !== undefined && rows[0].length !== columns) return undefined;
    const row = slowValues(bytes, { type, from: at + 4, count: columns });
    if (row === undefined) return undefined;
    rows.push(row);
    at += 4 + sizes[type] * columns;
  }
  if (rows[0] === undefined) return undefined;
  return { rows: rows.length, columns: rows[0].length, values: rows.flat() };
}

/** The obvious reader of fbin and its kin; `rest` is what may follow each value, in bytes. */
export function slowBin(
  bytes: Buffer,
  type: ValueType,
  rest: readonly number[] = [0],
): Content | undefined {
  if (bytes.length < 8) return undefined;
  const [rows, columns] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
  if (columns < 1 || columns > 65_536 || rows < 1) return undefined;
  const fits = rest.some((more) => bytes.length === 8 + rows * columns * (sizes[type] + more));
  if (!fits) return undefined;
  const values = slowValues(bytes, { type, from: 8, count: rows * columns });
  return values && { rows, columns, values };
}

/** The obvious reader of idx files: images have three sizes, labels one. */
export function slowIdx(bytes: Buffer, count: number): Content | undefined {
  const from = 4 + 4 * count;
  if (bytes.length < from || bytes.readUInt32BE(0) !== 0x0800 + count) return undefined;
  const found = Array.from({ length: count }, (_, index) => bytes.readUInt32BE(4 + 4 * index));
  const rows = found[0] as number;
  const columns = found.slice(1).reduce((product, size) => product * size, 1);
  if (rows < 1 || columns < 1 || columns > 65_536) return undefined;
  if (bytes.length !== from + rows * columns) return undefined;
  const values = slowValues(bytes, { type: 'u8', from, count: rows * columns });
  return values && { rows, columns, values };
}
