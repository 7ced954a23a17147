import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNpyNeighbours, readNpyVectors } from '../../../datasets/formats/npy.js';
import {
  assertBadData,
  npy,
  npyHeader,
  npyOf,
  sampleFile,
  storedValues,
  valuesAs,
} from '../sample-files.js';

const six = valuesAs('f32', [1, 2, 3, 4, 5, 6]);

test('float32 tables of versions 1, 2 and 3 are read', async () => {
  for (const version of [1, 2, 3]) {
    const file = npy({ header: npyHeader('<f4', '(2, 3)'), values: six, version });
    const table = await readNpyVectors(await sampleFile(file, '.npy'));
    assert.deepEqual([table.rows, table.dimensions, table.type], [2, 3, 'f32']);
    assert.deepEqual(storedValues(table), [1, 2, 3, 4, 5, 6]);
    assert.ok(table.shards[0]?.buffer instanceof SharedArrayBuffer);
  }
});

test('the entries of the header may stand in any order', async () => {
  const header = "{'shape': (3,2), 'fortran_order':False, 'descr':'<f4'}";
  const table = await readNpyVectors(await sampleFile(npy({ header, values: six }), '.npy'));
  assert.deepEqual([table.rows, table.dimensions], [3, 2]);
});

test('float16, uint8 and int8 values stay as they are', async () => {
  const rows = {
    // 1, -2, the largest 65504, the smallest 2^-24 of IEEE 754 binary16.
    f16: [0x3c00, 0xc000, 0x7bff, 0x0001],
    u8: [0, 1, 128, 255],
    i8: [0, 1, -128, 127],
  };
  for (const type of ['f16', 'u8', 'i8'] as const) {
    const bytes = npyOf(type, [rows[type].slice(0, 2), rows[type].slice(2)]);
    const table = await readNpyVectors(await sampleFile(bytes, '.npy'));
    assert.deepEqual([table.rows, table.dimensions, table.type], [2, 2, type]);
    assert.deepEqual(storedValues(table), rows[type]);
  }
});

test('float64 values are rounded to the nearest float32', async () => {
  // 0.1 * 2^27 is 13421772.8, and float32 has 24 bits before the exponent (IEEE 754 binary32);
  // 2^128 - 2^103 - 2^75 is the largest float64 that does not round to infinity; 2^-150 rounds to
  // 0.
  const largest = (2 - 2 ** -23) * 2 ** 127;
  const values = [0.1, -1.5, 2 ** 128 - 2 ** 103 - 2 ** 75, 2 ** -150];
  const bytes = npyOf('f64', [values.slice(0, 2), values.slice(2)]);
  const table = await readNpyVectors(await sampleFile(bytes));
  assert.deepEqual([table.rows, table.dimensions, table.type], [2, 2, 'f32']);
  assert.deepEqual(storedValues(table), [13_421_773 * 2 ** -27, -1.5, largest, 0]);
});

test('float64 values that float32 cannot hold are named by row and column', async () => {
  // Half-way between the largest float32 and 2^128, which rounds up.
  for (const value of [2 ** 128 - 2 ** 103, -1e300]) {
    const bytes = npyOf('f64', [
      [1, 2],
      [3, 4],
      [5, value],
    ]);
    const found = `row 2, column 1 is ${value}`;
    await assertBadData(readNpyVectors(await sampleFile(bytes)), found, 'float32 can hold');
  }
  for (const value of [NaN, -Infinity]) {
    const bytes = npyOf('f64', [
      [1, 2],
      [value, 4],
    ]);
    const found = `row 1, column 0 is ${value}, expected a finite number`;
    await assertBadData(readNpyVectors(await sampleFile(bytes)), found);
  }
});

test('int32 neighbours are read', async () => {
  const ids = Int32Array.of(5, 0, 2147483647, -1);
  const file = npy({ header: npyHeader('<i4', '(2, 2)'), values: new Uint8Array(ids.buffer) });
  const table = await readNpyNeighbours(await sampleFile(file, '.npy'));
  assert.deepEqual([table.queries, table.k, ...table.ids], [2, 2, ...ids]);
});

test('int64 neighbours are read where int32 can hold them', async () => {
  const ids = BigInt64Array.of(5n, 0n, 2147483647n, -1n);
  const file = (): Buffer =>
    npy({ header: npyHeader('<i8', '(2, 2)'), values: new Uint8Array(ids.buffer) });
  const table = await readNpyNeighbours(await sampleFile(file()));
  assert.deepEqual([table.queries, table.k, ...table.ids], [2, 2, 5, 0, 2147483647, -1]);
  for (const beyond of [2n ** 31n, -(2n ** 31n) - 1n, 2n ** 40n]) {
    ids[3] = beyond;
    const path = await sampleFile(file());
    await assertBadData(readNpyNeighbours(path), 'row 1, column 1', 'beyond int32');
  }
});

test('another type is refused with the types that are read', async () => {
  for (const type of ['>f4', '<u2', '|b1', '<i4', '<i8', '<c8']) {
    const file = npy({ header: npyHeader(type, '(2, 3)'), values: six });
    await assertBadData(readNpyVectors(await sampleFile(file)), type, '<f4, <f2, |u1, |i1 or <f8');
  }
  const words = npy({ header: npyHeader('<u4', '(2, 3)'), values: six });
  await assertBadData(readNpyNeighbours(await sampleFile(words)), '<u4', '<i4 or <i8');
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

test('NaN and infinite values are named by row and column', async () => {
  const halves = npyOf('f16', [
    [0x3c00, 0x3c00],
    [0x3c00, 0x7e00],
  ]);
  await assertBadData(readNpyVectors(await sampleFile(halves)), 'row 1, column 1 is NaN');
  const floats = npyOf('f32', [
    [1, 2, 3],
    [4, -Infinity, NaN],
  ]);
  await assertBadData(readNpyVectors(await sampleFile(floats)), 'row 1, column 1 is -Infinity');
});
