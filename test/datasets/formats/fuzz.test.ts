import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { VectorTable } from '../../../core/dataset.js';
import { BenchError } from '../../../core/errors.js';
import { readNpyVectors } from '../../../datasets/formats/npy.js';
import { readFvecs } from '../../../datasets/formats/vecs.js';
import { fvecs, npy, npyHeader, sampleFolder } from '../sample-files.js';

const path = join(sampleFolder, 'mutated');

/** Runs a reader on bytes; notes the largest buffer that it asked for. */
async function readMutated(
  read: (path: string) => Promise<VectorTable>,
  bytes: Uint8Array,
): Promise<{ table: VectorTable | undefined; largestBytes: number }> {
  await writeFile(path, bytes);
  const { SharedArrayBuffer: shared, ArrayBuffer: own } = globalThis;
  let largestBytes = 0;
  const handler = {
    construct(target: new (bytes: number) => object, [length]: [number]): object {
      largestBytes = Math.max(largestBytes, length);
      return new target(length);
    },
  };
  globalThis.SharedArrayBuffer = new Proxy(shared, handler as ProxyHandler<typeof shared>);
  globalThis.ArrayBuffer = new Proxy(own, handler as ProxyHandler<typeof own>);
  try {
    const table = await read(path);
    assert.ok(largestBytes >= table.data.byteLength, 'the buffers are not noted');
    return { table, largestBytes };
  } catch (thrown) {
    assert.ok(thrown instanceof BenchError, String(thrown));
    assert.equal(thrown.code, 'BAD_DATA');
    return { table: undefined, largestBytes };
  } finally {
    globalThis.SharedArrayBuffer = shared;
    globalThis.ArrayBuffer = own;
  }
}

/** Some bytes replaced, then the file cut or lengthened. */
const mutation = fc.record({
  edits: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
  cut: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat({ max: 80 })),
  extra: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(fc.nat({ max: 255 }))),
});

type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(whole: Buffer, { edits, cut, extra }: Mutation): Buffer {
  const kept = whole.subarray(0, Math.max(0, whole.length - cut));
  const bytes = Buffer.concat([kept, Buffer.from(extra)]);
  // Half of the edits fall on the first bytes, where sizes stand.
  for (const [at, value] of edits) {
    const range = at % 2 === 0 ? Math.min(bytes.length, 96) : bytes.length;
    if (range > 0) bytes[(at >>> 1) % range] = value;
  }
  return bytes;
}

const rows = fc.integer({ min: 1, max: 6 }).chain((dimensions) =>
  fc.array(
    fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
      minLength: dimensions,
      maxLength: dimensions,
    }),
    { minLength: 1, maxLength: 8 },
  ),
);

/** The obvious reader: value by value. */
function slowFvecs(bytes: Buffer): number[][] | undefined {
  const table: number[][] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 4) return undefined;
    const dimensions = bytes.readInt32LE(at);
    if (dimensions < 1 || dimensions > 65_536) return undefined;
    if (bytes.length - at - 4 < 4 * dimensions) return undefined;
    if (table[0] !== undefined && table[0].length !== dimensions) return undefined;
    const row = Array.from({ length: dimensions }, (_, i) => bytes.readFloatLE(at + 4 + 4 * i));
    if (!row.every(Number.isFinite)) return undefined;
    table.push(row);
    at += 4 + 4 * dimensions;
  }
  return table.length === 0 ? undefined : table;
}

test('a mutated fvecs file is read as a slow reader reads it, or is BAD_DATA', async () => {
  let readable = 0;
  const property = fc.asyncProperty(rows, mutation, async (values, change) => {
    const bytes = mutate(fvecs(values), change);
    const { table, largestBytes } = await readMutated(readFvecs, bytes);
    const expected = slowFvecs(bytes);
    assert.ok(largestBytes <= bytes.length, `${largestBytes} for a file of ${bytes.length}`);
    assert.equal(table === undefined, expected === undefined);
    if (table === undefined || expected === undefined) return;
    readable += 1;
    assert.deepEqual([table.rows, table.dimensions], [expected.length, expected[0]?.length]);
    assert.deepEqual([...table.data], expected.flat());
  });
  await fc.assert(property, { numRuns: 600, seed: 3 });
  assert.ok(readable > 60, `only ${readable} of 600 could be read`);
});

test('a mutated npy file gives the values that it ends with, or is BAD_DATA', async () => {
  let readable = 0;
  const property = fc.asyncProperty(rows, fc.boolean(), mutation, async (values, half, change) => {
    const shape = `(${values.length}, ${values[0]?.length})`;
    const content = half
      ? new Uint8Array(Uint16Array.from(values.flat(), (value) => value & 0x7bff).buffer)
      : new Uint8Array(Float32Array.from(values.flat()).buffer);
    const header = npyHeader(half ? '<f2' : '<f4', shape);
    const bytes = mutate(npy({ header, values: content }), change);
    const { table, largestBytes } = await readMutated(readNpyVectors, bytes);
    const allowed = bytes.length * (half ? 2 : 1);
    assert.ok(largestBytes <= allowed, `${largestBytes} for a file of ${bytes.length}`);
    if (table === undefined) return;
    readable += 1;
    assert.deepEqual(Buffer.from(table.data.buffer), lastValues(bytes, table));
  });
  await fc.assert(property, { numRuns: 600, seed: 5 });
  assert.ok(readable > 60, `only ${readable} of 600 could be read`);
});

/** The float32 bytes of as many values as the table has, taken from the end of the file. */
function lastValues(bytes: Buffer, table: VectorTable): Buffer {
  const count = table.rows * table.dimensions;
  assert.equal(table.data.length, count);
  if (bytes.includes("'<f4'")) return bytes.subarray(bytes.length - 4 * count);
  const widened = Buffer.alloc(4 * count);
  for (let index = 0; index < count; index++) {
    const bits = bytes.readUInt16LE(bytes.length - 2 * (count - index));
    widened.writeFloatLE(slowFloat16(bits), 4 * index);
  }
  return widened;
}

/** By the definition of IEEE 754, with the bits as text. */
function slowFloat16(bits: number): number {
  const text = bits.toString(2).padStart(16, '0');
  const sign = text[0] === '1' ? -1 : 1;
  const exponent = Number.parseInt(text.slice(1, 6), 2);
  const fraction = Number.parseInt(text.slice(6), 2) / 1024;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}
