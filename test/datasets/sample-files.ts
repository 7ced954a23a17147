import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { BenchError } from '../../core/errors.js';
import type { VectorTable } from '../../core/vectors.js';

const folder = await mkdtemp(join(tmpdir(), 'bench-datasets-'));
after(() => rm(folder, { recursive: true, force: true }));
let count = 0;

/** A folder that is removed when the tests of the file have ended. */
export const sampleFolder = folder;

/** Writes a file of its own name in {@link sampleFolder} and gives its path. */
export async function sampleFile(content: Uint8Array | string, ending = ''): Promise<string> {
  count += 1;
  const path = join(folder, `sample-${count}${ending}`);
  await writeFile(path, content);
  return path;
}

/** Rows of numbers. */
export type Rows = readonly (readonly number[])[];

/** How values lie in a file; float16 are given as their bits. */
export type ValueType = 'f32' | 'f16' | 'u8' | 'i8' | 'i32' | 'f64';

const valueBytes = { f32: 4, f16: 2, u8: 1, i8: 1, i32: 4, f64: 8 };

/** The bytes of values, little-endian, written one by one. */
export function valuesAs(type: ValueType, values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * valueBytes[type]);
  const writers: Record<ValueType, (value: number, at: number) => unknown> = {
    f32: (value, at) => bytes.writeFloatLE(value, at),
    f16: (value, at) => bytes.writeUInt16LE(value, at),
    u8: (value, at) => bytes.writeUInt8(value, at),
    i8: (value, at) => bytes.writeInt8(value, at),
    i32: (value, at) => bytes.writeInt32LE(value, at),
    f64: (value, at) => bytes.writeDoubleLE(value, at),
  };
  values.forEach((value, index) => {
    writers[type](value, index * valueBytes[type]);
  });
  return bytes;
}

/** The bytes of an fvecs file. */
export function fvecs(rows: Rows): Buffer {
  return vecs('f32', rows);
}

/** The bytes of an fvecs (f32), bvecs (u8) or ivecs (i32) file. */
export function vecs(type: 'f32' | 'u8' | 'i32', rows: Rows): Buffer {
  return Buffer.concat(rows.flatMap((row) => [valuesAs('i32', [row.length]), valuesAs(type, row)]));
}

/** The bytes of an fbin (f32), f16bin, u8bin, i8bin or ibin (i32) file. */
export function bin(type: ValueType, rows: Rows): Buffer {
  const header = valuesAs('i32', [rows.length, rows[0]?.length ?? 0]);
  return Buffer.concat([header, valuesAs(type, rows.flat())]);
}

/** The bytes of an idx file; its numbers are big-endian. */
export function idx(sizes: readonly number[], values: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(0x0800 + sizes.length, 0);
  sizes.forEach((size, index) => {
    header.writeUInt32BE(size, 4 + 4 * index);
  });
  return Buffer.concat([header, valuesAs('u8', values)]);
}

/** The values of a table as they are stored, row after row; float16 as their bits. */
export function storedValues({ shards }: VectorTable): number[] {
  return shards.flatMap((shard) => [...shard]);
}

/** What goes into an npy file. */
export interface NpyParts {
  /** The dictionary of the header, without padding. */
  readonly header: string;
  readonly values: Uint8Array;
  readonly version?: number;
}

/** The bytes of an npy file, padded to 64 as NumPy does. */
export function npy({ header, values, version = 1 }: NpyParts): Buffer {
  const start = version === 1 ? 10 : 12;
  const textBytes = Math.ceil((start + header.length + 1) / 64) * 64 - start;
  const head = Buffer.alloc(start);
  head.write('\x93NUMPY', 'latin1');
  head[6] = version;
  if (version === 1) head.writeUInt16LE(textBytes, 8);
  else head.writeUInt32LE(textBytes, 8);
  return Buffer.concat([head, Buffer.from(`${header.padEnd(textBytes - 1)}\n`, 'latin1'), values]);
}

/** The dictionary of an npy header as NumPy writes it. */
export function npyHeader(type: string, shape: string, fortran = 'False'): string {
  return `{'descr': '${type}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
}

/** The bytes of an npy file of the given rows, as NumPy writes them. */
export function npyOf(type: Exclude<ValueType, 'i32'>, rows: Rows): Buffer {
  const names = { f32: '<f4', f16: '<f2', u8: '|u1', i8: '|i1', f64: '<f8' };
  const header = npyHeader(names[type], `(${rows.length}, ${rows[0]?.length})`);
  return npy({ header, values: valuesAs(type, rows.flat()) });
}

/** Demands a BenchError BAD_DATA whose message has every part. */
export async function assertBadData(work: Promise<unknown>, ...parts: string[]): Promise<void> {
  await assert.rejects(work, (thrown) => {
    assert.ok(thrown instanceof BenchError, String(thrown));
    assert.equal(thrown.code, 'BAD_DATA');
    for (const part of parts) assert.ok(thrown.message.includes(part), thrown.message);
    return true;
  });
}
