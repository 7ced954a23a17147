import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BenchError } from '../../../core/errors.js';
import { readBinVectors, readIbin } from '../../../datasets/formats/bin.js';
import { assertBadData, bin, sampleFile, storedValues, valuesAs } from '../sample-files.js';

const rows = {
  f32: [
    [1.5, -2, 0.25],
    [4, 5, 6],
  ],
  // 1, -2, the largest, the smallest, -0 and 0.5 of IEEE 754 binary16.
  f16: [
    [0x3c00, 0xc000, 0x7bff],
    [0x0001, 0x8000, 0x3800],
  ],
  u8: [
    [0, 255, 128],
    [3, 4, 5],
  ],
  i8: [
    [0, -128, 127],
    [-1, 2, 3],
  ],
};
const types = ['f32', 'f16', 'u8', 'i8'] as const;

test('fbin, f16bin, u8bin and i8bin give their values as they are', async () => {
  for (const type of types) {
    const table = await readBinVectors(await sampleFile(bin(type, rows[type])), type);
    assert.deepEqual([table.rows, table.dimensions, table.type], [2, 3, type]);
    assert.deepEqual(storedValues(table), rows[type].flat());
    assert.ok(table.shards[0]?.buffer instanceof SharedArrayBuffer);
  }
});

test('an ibin file gives its ids row after row', async () => {
  const ids = [
    [7, 0],
    [-1, 2147483647],
    [3, 4],
  ];
  const table = await readIbin(await sampleFile(bin('i32', ids)));
  assert.deepEqual([table.queries, table.k, ...table.ids], [3, 2, ...ids.flat()]);
});

test('the distances that follow the ids of a ground truth are left out', async () => {
  const ids = [
    [7, 0],
    [1, 2],
  ];
  const distances = valuesAs('f32', [0.5, 1, 0.25, NaN]);
  const whole = Buffer.concat([bin('i32', ids), distances]);
  const table = await readIbin(await sampleFile(whole));
  assert.deepEqual([table.queries, table.k, ...table.ids], [2, 2, 7, 0, 1, 2]);
  // One distance is missing.
  const cut = whole.subarray(0, -4);
  await assertBadData(readIbin(await sampleFile(cut)), '36 bytes, expected 24');
});

test('truncated and over-long files are refused with both sizes', async () => {
  for (const type of types) {
    const whole = bin(type, rows[type]);
    for (const bytes of [whole.subarray(0, -1), Buffer.concat([whole, Buffer.from('x')])]) {
      const found = `${bytes.length} bytes, expected ${whole.length}`;
      await assertBadData(readBinVectors(await sampleFile(bytes), type), found, 'truncated');
    }
  }
});

test('a file under the ending of another type is told what it may be', async () => {
  const hintFor = async (work: Promise<unknown>): Promise<string> => {
    const thrown = await work.catch((error: unknown) => error);
    assert.ok(thrown instanceof BenchError, String(thrown));
    return thrown.hint ?? '';
  };
  const bytes = await sampleFile(bin('u8', rows.u8));
  assert.match(await hintFor(readBinVectors(bytes, 'f32')), /u8bin or an i8bin/);
  const floats = await sampleFile(bin('f32', rows.f32));
  assert.match(await hintFor(readBinVectors(floats, 'i8')), /fbin or an ibin/);
  const halves = await sampleFile(bin('f16', rows.f16));
  assert.match(await hintFor(readIbin(halves)), /f16bin/);
});

test('a header that promises more than the file holds allocates nothing', async () => {
  // Without a check, 4294967295 x 65536 float32 would fail for want of memory.
  const header = valuesAs('i32', [-1, 65_536]);
  const path = await sampleFile(Buffer.concat([header, Buffer.alloc(64)]));
  await assertBadData(readBinVectors(path, 'f32'), '72 bytes', '4294967295 x 65536');
  await assertBadData(readIbin(path), '72 bytes', '4294967295 x 65536');
});

test('no rows, and dimensions outside 1..65536, are refused', async () => {
  const empty = await sampleFile(valuesAs('i32', [0, 3]));
  await assertBadData(readBinVectors(empty, 'u8'), '0 rows');
  await assertBadData(readIbin(empty), '0 rows');
  for (const [columns, found] of [
    [0, '0 values'],
    [65_537, '65537 values'],
    [-1, '4294967295 values'],
  ] as const) {
    const header = valuesAs('i32', [1, columns]);
    const path = await sampleFile(Buffer.concat([header, Buffer.alloc(65_537)]));
    await assertBadData(readBinVectors(path, 'u8'), found, '1..65536');
    await assertBadData(readIbin(path), found, '1..65536');
  }
});

test('a file without a whole header is refused', async () => {
  for (const text of ['', 'seven b']) {
    const path = await sampleFile(text);
    await assertBadData(readBinVectors(path, 'f32'), `${text.length} bytes`, 'header of 8');
  }
});

test('NaN and infinite values are named by row and column', async () => {
  const floats = bin('f32', [
    [1, 2],
    [3, 4],
    [5, Infinity],
  ]);
  const path = await sampleFile(floats);
  await assertBadData(readBinVectors(path, 'f32'), 'row 2, column 1 is Infinity');
  // The bits of a NaN, and of -Infinity, in binary16.
  for (const [bits, name] of [
    [0x7c01, 'NaN'],
    [0xfc00, '-Infinity'],
  ] as const) {
    const halves = bin('f16', [[0x3c00, bits]]);
    const found = `row 0, column 1 is ${name}`;
    await assertBadData(readBinVectors(await sampleFile(halves), 'f16'), found);
  }
});

test('vectors for which there is no memory are NO_MEMORY', async () => {
  const path = await sampleFile(bin('f32', rows.f32));
  const { SharedArrayBuffer: original } = globalThis;
  // What V8 throws when it cannot allocate.
  globalThis.SharedArrayBuffer = class {
    constructor() {
      throw new RangeError('Array buffer allocation failed');
    }
  } as unknown as typeof original;
  try {
    await assert.rejects(readBinVectors(path, 'f32'), (thrown) => {
      assert.ok(thrown instanceof BenchError);
      assert.equal(thrown.code, 'NO_MEMORY');
      assert.ok(thrown.message.includes(path));
      return true;
    });
  } finally {
    globalThis.SharedArrayBuffer = original;
  }
});
