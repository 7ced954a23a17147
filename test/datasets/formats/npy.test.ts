import assert from 'node:assert/strict';
import { test } from 'node:test';
import { float16ToNumber } from '../../../datasets/formats/float16.js';
import { readNpyNeighbours, readNpyVectors } from '../../../datasets/formats/npy.js';
import { assertBadData, npy, npyHeader, sampleFile } from '../sample-files.js';

function bytesOf(values: Float32Array | Int32Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer);
}

const six = bytesOf(Float32Array.of(1, 2, 3, 4, 5, 6));

test('float32 tables of versions 1, 2 and 3 are read', async () => {
  for (const version of [1, 2, 3]) {
    const file = npy({ header: npyHeader('<f4', '(2, 3)'), values: six, version });
    const table = await readNpyVectors(await sampleFile(file, '.npy'));
    assert.deepEqual([table.rows, table.dimensions], [2, 3]);
    assert.deepEqual([...table.data], [1, 2, 3, 4, 5, 6]);
    assert.ok(table.data.buffer instanceof SharedArrayBuffer);
  }
});

test('the entries of the header may stand in any order', async () => {
  const header = "{'shape': (3,2), 'fortran_order':False, 'descr':'<f4'}";
  const table = await readNpyVectors(await sampleFile(npy({ header, values: six }), '.npy'));
  assert.deepEqual([table.rows, table.dimensions], [3, 2]);
});

test('float16 values are widened', async () => {
  // Bits by IEEE 754 binary16: 1, -2, the largest 65504, the smallest 2^-24, 2^-14, 0.333251953125.
  const bits = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x3555);
  const file = npy({ header: npyHeader('<f2', '(2, 3)'), values: bytesOf(bits) });
  const table = await readNpyVectors(await sampleFile(file, '.npy'));
  assert.deepEqual([...table.data], [1, -2, 65504, 2 ** -24, 2 ** -14, 0.333251953125]);
});

test('float16 zeros keep their sign, infinities and NaN are told apart', () => {
  assert.ok(Object.is(float16ToNumber(0x8000), -0));
  assert.equal(float16ToNumber(0x7c00), Infinity);
  assert.equal(float16ToNumber(0xfc00), -Infinity);
  assert.ok(Number.isNaN(float16ToNumber(0x7e00)));
});

test('int32 neighbours are read', async () => {
  const ids = Int32Array.of(5, 0, 2147483647, -1);
  const file = npy({ header: npyHeader('<i4', '(2, 2)'), values: bytesOf(ids) });
  const table = await readNpyNeighbours(await sampleFile(file, '.npy'));
  assert.deepEqual([table.queries, table.k, ...table.ids], [2, 2, ...ids]);
});

test('another type is refused with the types that are read', async () => {
  for (const type of ['<f8', '>f4', '|u1', '<i4', '<i8']) {
    const file = npy({ header: npyHeader(type, '(2, 3)'), values: six });
    await assertBadData(readNpyVectors(await sampleFile(file)), type, '<f4 or <f2');
  }
  const compound = "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2, 3)}";
  await assertBadData(readNpyVectors(await sampleFile(npy({ header: compound, values: six }))));
});

test('Fortran order is refused', async () => {
  const file = npy({ header: npyHeader('<f4', '(2, 3)', 'True'), values: six });
  await assertBadData(readNpyVectors(await sampleFile(file)), 'fortran_order is True');
});

test('a header that promises more than the file holds is refused', async () => {
  const file = npy({ header: npyHeader('<f4', '(9000000000, 4096)'), values: six });
  const path = await sampleFile(file);
  // 64 + 24 padded to 128 bytes of header and 6 values of 4 bytes.
  await assertBadData(readNpyVectors(path), path, `${file.length} bytes`, 'truncated');
});

test('truncated and over-long files are refused', async () => {
  const file = npy({ header: npyHeader('<f4', '(2, 3)'), values: six });
  for (const bytes of [file.subarray(0, -1), Buffer.concat([file, Buffer.from('x')])]) {
    const found = `${bytes.length} bytes, expected ${file.length}`;
    await assertBadData(readNpyVectors(await sampleFile(bytes)), found);
  }
});

test('shapes that are no table of rows are refused', async () => {
  for (const shape of ['(6,)', '()', '(1, 2, 3)', '(-1, 6)', '(2.0, 3)']) {
    const file = npy({ header: npyHeader('<f4', shape), values: six });
    await assertBadData(readNpyVectors(await sampleFile(file)), 'two dimensions');
  }
  const rows = npy({ header: npyHeader('<f4', '(0, 3)'), values: new Uint8Array() });
  await assertBadData(readNpyVectors(await sampleFile(rows)), '0 rows');
  for (const columns of [0, 65_537]) {
    const wide = npy({ header: npyHeader('<f4', `(1, ${columns})`), values: six });
    await assertBadData(readNpyVectors(await sampleFile(wide)), `${columns} values`, '1..65536');
  }
});

test('a damaged start is refused', async () => {
  const file = npy({ header: npyHeader('<f4', '(2, 3)'), values: six });
  await assertBadData(readNpyVectors(await sampleFile('')), '0 bytes');
  await assertBadData(readNpyVectors(await sampleFile('PK and a lot of rest')), 'first bytes');
  const version = Buffer.from(file);
  version[6] = 9;
  await assertBadData(readNpyVectors(await sampleFile(version)), 'version 9');
  const long = Buffer.from(file);
  long.writeUInt16LE(65_535, 8);
  await assertBadData(readNpyVectors(await sampleFile(long)), '65535 bytes');
});

test('NaN and infinite float16 values are named by row and column', async () => {
  const bits = Uint16Array.of(0x3c00, 0x3c00, 0x3c00, 0x7e00);
  const file = npy({ header: npyHeader('<f2', '(2, 2)'), values: bytesOf(bits) });
  await assertBadData(readNpyVectors(await sampleFile(file)), 'row 1, column 1 is NaN');
});
