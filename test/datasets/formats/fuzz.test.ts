import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { NeighbourTable } from '../../../core/dataset.js';
import type { VectorTable } from '../../../core/vectors.js';
import { readBinVectors, readIbin } from '../../../datasets/formats/bin.js';
import { readIdxImages, readIdxLabels } from '../../../datasets/formats/idx.js';
import { readNpyNeighbours, readNpyVectors } from '../../../datasets/formats/npy.js';
import { readBvecs, readFvecs, readIvecs } from '../../../datasets/formats/vecs.js';
import { type Mutation, mutate, mutation, mutationsTried, readMutated } from '../mutated-files.js';
import {
  bin,
  idx,
  npy,
  npyHeader,
  npyOf,
  type Rows,
  sampleFolder,
  storedValues,
  type ValueType,
  valuesAs,
  vecs,
} from '../sample-files.js';
import { type Content, slowBin, slowIdx, slowValues, slowVecs } from '../slow-readers.js';

const float32 = fc.float({ noNaN: true, noDefaultInfinity: true });
const value: Record<ValueType, fc.Arbitrary<number>> = {
  f32: float32,
  f64: float32,
  f16: fc.integer({ min: 0, max: 0x7bff }),
  u8: fc.integer({ min: 0, max: 255 }),
  i8: fc.integer({ min: -128, max: 127 }),
  i32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
};

function rowsOf(type: ValueType): fc.Arbitrary<Rows> {
  return fc.integer({ min: 1, max: 6 }).chain((columns) => {
    const row = fc.array(value[type], { minLength: columns, maxLength: columns });
    return fc.array(row, { minLength: 1, maxLength: 8 });
  });
}

function contentOf(table: VectorTable): Content {
  assert.equal(table.shards.length, 1);
  return { rows: table.rows, columns: table.dimensions, values: storedValues(table) };
}

function neighboursOf({ queries, k, ids }: NeighbourTable): Content {
  return { rows: queries, columns: k, values: [...ids] };
}

interface Format {
  /** Bytes of good files. */
  readonly files: fc.Arbitrary<Buffer>;
  readonly read: (path: string) => Promise<Content>;
  /** Undefined for a file that is to be refused. */
  readonly slow: (bytes: Buffer) => Content | undefined;
  /** How many bytes may be allocated at once for one of the file; 1 when not given. */
  readonly inflation?: number;
}

function vecsFormat(type: 'f32' | 'u8', read: (path: string) => Promise<VectorTable>): Format {
  return {
    files: rowsOf(type).map((rows) => vecs(type, rows)),
    read: async (path) => contentOf(await read(path)),
    slow: (bytes) => slowVecs(bytes, type),
  };
}

function binFormat(type: 'f32' | 'f16' | 'u8' | 'i8'): Format {
  return {
    files: rowsOf(type).map((rows) => bin(type, rows)),
    read: async (path) => contentOf(await readBinVectors(path, type)),
    slow: (bytes) => slowBin(bytes, type),
  };
}

const images = fc
  .tuple(rowsOf('u8'), rowsOf('u8'))
  .map(([{ length: rows }, pixels]) =>
    idx(
      [rows, pixels.length, pixels[0]?.length ?? 0],
      Array.from({ length: rows }, () => pixels.flat()).flat(),
    ),
  );
const labels = fc.array(value.u8, { minLength: 1 }).map((each) => idx([each.length], each));

/** As MNIST lies on disk: what was packed may be mutated, and the packed file too. */
const packedImages = fc.tuple(images, mutation, fc.boolean()).map(([bytes, change, isMutated]) => {
  return gzipSync(isMutated ? mutate(bytes, change) : bytes);
});

function unpacked(bytes: Buffer): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch {
    return Buffer.alloc(0);
  }
}

const formats: Record<string, Format> = {
  fvecs: vecsFormat('f32', readFvecs),
  bvecs: vecsFormat('u8', readBvecs),
  ivecs: {
    files: rowsOf('i32').map((rows) => vecs('i32', rows)),
    read: async (path) => neighboursOf(await readIvecs(path)),
    slow: (bytes) => slowVecs(bytes, 'i32'),
  },
  fbin: binFormat('f32'),
  f16bin: binFormat('f16'),
  u8bin: binFormat('u8'),
  i8bin: binFormat('i8'),
  ibin: {
    files: fc.tuple(rowsOf('i32'), fc.boolean()).map(([rows, withDistances]) => {
      const distances = withDistances ? rows.flat() : [];
      return Buffer.concat([bin('i32', rows), valuesAs('f32', distances)]);
    }),
    read: async (path) => neighboursOf(await readIbin(path)),
    slow: (bytes) => slowBin(bytes, 'i32', [0, 4]),
  },
  'idx of images': {
    files: images,
    read: async (path) => contentOf(await readIdxImages(path)),
    slow: (bytes) => slowIdx(bytes, 3),
  },
  'idx of labels': {
    files: labels,
    read: async (path) => {
      const values = [...(await readIdxLabels(path))];
      return { rows: values.length, columns: 1, values };
    },
    slow: (bytes) => slowIdx(bytes, 1),
    // A byte becomes an int32.
    inflation: 4,
  },
  'gzipped idx': {
    files: packedImages,
    read: async (path) => contentOf(await readIdxImages(path)),
    slow: (bytes) => slowIdx(unpacked(bytes), 3),
    // The most that deflate can pack: https://zlib.net/zlib_tech.html
    inflation: 1032,
  },
};

const mutated = join(sampleFolder, 'mutated');

/** A file of these bytes; the same one each time. */
async function written(bytes: Uint8Array): Promise<string> {
  await writeFile(mutated, bytes);
  return mutated;
}

// Tables may begin a little into their memory.
const leadBytes = 256;

function assertAllowed(largestBytes: number, allowedBytes: number): void {
  const found = `${largestBytes} bytes were asked for, the file allows ${allowedBytes}`;
  assert.ok(largestBytes <= leadBytes + allowedBytes, found);
}

async function check(format: Format, whole: Buffer, change: Mutation): Promise<boolean> {
  const bytes = mutate(whole, change);
  const { result: content, largestBytes } = await readMutated(format.read, await written(bytes));
  const allowed = bytes.length * (format.inflation ?? 1);
  assertAllowed(largestBytes, allowed);
  assert.deepEqual(content, format.slow(bytes));
  if (content === undefined) return false;
  assert.ok(largestBytes >= content.values.length, 'the allocations are not noted');
  return true;
}

/** Formats that another one's reader reads, with another type of values. */
const sameReader: readonly string[] = ['bvecs', 'f16bin', 'u8bin', 'i8bin'];

for (const [name, format] of Object.entries(formats)) {
  const numRuns = mutationsTried(sameReader.includes(name) ? 100 : 300);
  test(`a mutated ${name} file is read as a slow reader reads it, or is BAD_DATA`, async () => {
    let readable = 0;
    const property = fc.asyncProperty(format.files, mutation, async (whole, change) => {
      if (await check(format, whole, change)) readable += 1;
    });
    await fc.assert(property, { numRuns, seed: 3 });
    assert.ok(readable > numRuns / 15, `only ${readable} of ${numRuns} could be read`);
  });
}

const npyTypes = ['f32', 'f16', 'u8', 'i8', 'f64'] as const;
const npyNames = { '<f4': 'f32', '<f2': 'f16', '|u1': 'u8', '|i1': 'i8', '<f8': 'f64' } as const;
const npyFiles = fc.constantFrom(...npyTypes).chain((type) => {
  return rowsOf(type).map((rows) => npyOf(type, rows));
});

test('a mutated npy file gives the values that it ends with, or is BAD_DATA', async () => {
  let readable = 0;
  const property = fc.asyncProperty(npyFiles, mutation, async (whole, change) => {
    const bytes = mutate(whole, change);
    const path = await written(bytes);
    const { result: table, largestBytes } = await readMutated(readNpyVectors, path);
    assertAllowed(largestBytes, bytes.length);
    if (table === undefined) return;
    readable += 1;
    // The name may have been mutated into another.
    const name = Object.keys(npyNames).find((each) => bytes.includes(`'${each}'`));
    const type = npyNames[name as keyof typeof npyNames];
    const count = table.rows * table.dimensions;
    const from = bytes.length - count * { f32: 4, f16: 2, u8: 1, i8: 1, f64: 8 }[type];
    assert.deepEqual(storedValues(table), slowValues(bytes, { type, from, count }));
  });
  const numRuns = mutationsTried(600);
  await fc.assert(property, { numRuns, seed: 5 });
  assert.ok(readable > numRuns / 10, `only ${readable} of ${numRuns} could be read`);
});

test('mutated npy neighbours are the ids that the file ends with, or BAD_DATA', async () => {
  let readable = 0;
  const files = fc.tuple(rowsOf('i32'), fc.boolean()).map(([rows, isLong]) => {
    const header = npyHeader(isLong ? '<i8' : '<i4', `(${rows.length}, ${rows[0]?.length})`);
    const ids = BigInt64Array.from(rows.flat(), BigInt);
    const values = isLong ? new Uint8Array(ids.buffer) : valuesAs('i32', rows.flat());
    return npy({ header, values });
  });
  const property = fc.asyncProperty(files, mutation, async (whole, change) => {
    const bytes = mutate(whole, change);
    const path = await written(bytes);
    const { result: table, largestBytes } = await readMutated(readNpyNeighbours, path);
    assertAllowed(largestBytes, bytes.length);
    if (table === undefined) return;
    readable += 1;
    const { length: count } = table.ids;
    assert.equal(count, table.queries * table.k);
    const size = bytes.includes("'<i8'") ? 8 : 4;
    const expected = Array.from({ length: count }, (_, index) => {
      const at = bytes.length - size * (count - index);
      return size === 8 ? Number(bytes.readBigInt64LE(at)) : bytes.readInt32LE(at);
    });
    assert.deepEqual([...table.ids], expected);
  });
  const numRuns = mutationsTried(400);
  await fc.assert(property, { numRuns, seed: 7 });
  assert.ok(readable > numRuns / 10, `only ${readable} of ${numRuns} could be read`);
});
