import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { BenchError } from '../../core/errors.js';

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

/** The bytes of an fvecs file, written value by value. */
export function fvecs(rows: readonly (readonly number[])[]): Buffer {
  return records(rows, (bytes, value, at) => bytes.writeFloatLE(value, at));
}

/** The bytes of an ivecs file, written value by value. */
export function ivecs(rows: readonly (readonly number[])[]): Buffer {
  return records(rows, (bytes, value, at) => bytes.writeInt32LE(value, at));
}

function records(
  rows: readonly (readonly number[])[],
  write: (bytes: Buffer, value: number, at: number) => void,
): Buffer {
  return Buffer.concat(
    rows.map((row) => {
      const bytes = Buffer.alloc(4 + 4 * row.length);
      bytes.writeInt32LE(row.length, 0);
      row.forEach((value, index) => {
        write(bytes, value, 4 + 4 * index);
      });
      return bytes;
    }),
  );
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

/** Demands a BenchError BAD_DATA whose message has every part. */
export async function assertBadData(work: Promise<unknown>, ...parts: string[]): Promise<void> {
  await assert.rejects(work, (thrown) => {
    assert.ok(thrown instanceof BenchError, String(thrown));
    assert.equal(thrown.code, 'BAD_DATA');
    for (const part of parts) assert.ok(thrown.message.includes(part), thrown.message);
    return true;
  });
}
