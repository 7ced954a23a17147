import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { BenchError } from '../../../core/errors.js';
import { unreadable } from '../../../datasets/formats/data-file.js';
import { readBvecs, readFvecs, readIvecs } from '../../../datasets/formats/vecs.js';
import {
  assertBadData,
  fvecs,
  sampleFile,
  sampleFolder,
  storedValues,
  vecs,
} from '../sample-files.js';

test('an fvecs file gives its values row after row in shared memory', async () => {
  const table = await readFvecs(
    await sampleFile(
      fvecs([
        [1.5, -2, 0.25],
        [4, 5, 6],
      ]),
    ),
  );
  assert.deepEqual([table.rows, table.dimensions, table.type], [2, 3, 'f32']);
  assert.deepEqual(storedValues(table), [1.5, -2, 0.25, 4, 5, 6]);
  assert.ok(table.shards[0]?.buffer instanceof SharedArrayBuffer);
});

test('a bvecs file gives its bytes row after row', async () => {
  const rows = [
    [0, 255, 3],
    [4, 5, 128],
  ];
  const table = await readBvecs(await sampleFile(vecs('u8', rows)));
  assert.deepEqual([table.rows, table.dimensions, table.type], [2, 3, 'u8']);
  assert.deepEqual(storedValues(table), rows.flat());
});

test('an ivecs file gives its ids row after row', async () => {
  const table = await readIvecs(
    await sampleFile(
      vecs('i32', [
        [7, 0],
        [-1, 2147483647],
      ]),
    ),
  );
  assert.deepEqual(
    { ...table, ids: [...table.ids] },
    {
      queries: 2,
      k: 2,
      ids: [7, 0, -1, 2147483647],
    },
  );
});

test('a file of several pieces is read whole', async () => {
  // 3 x 4 MiB and a bit; row r holds r in every place.
  const rows = 13_000;
  const dimensions = 255;
  const words = new Float32Array(rows * (dimensions + 1));
  const lengths = new Int32Array(words.buffer);
  for (let row = 0; row < rows; row++) {
    words.fill(row, row * (dimensions + 1), (row + 1) * (dimensions + 1));
    lengths[row * (dimensions + 1)] = dimensions;
  }
  const table = await readFvecs(await sampleFile(new Uint8Array(words.buffer)));
  assert.deepEqual([table.rows, table.dimensions], [rows, dimensions]);
  for (let row = 0; row < rows; row++) {
    assert.equal(table.shards[0]?.[row * dimensions], row);
    assert.equal(table.shards[0]?.[row * dimensions + dimensions - 1], row);
  }
});

test('a truncated file names the cut record, its bytes and what was expected', async () => {
  const whole = fvecs([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const path = await sampleFile(whole.subarray(0, 27));
  await assertBadData(readFvecs(path), path, 'record 1 (byte 16)', '11 bytes', 'expected 16');
});

test('a file that is longer than its records is refused', async () => {
  const path = await sampleFile(Buffer.concat([fvecs([[1, 2, 3]]), Buffer.alloc(3)]));
  await assertBadData(readFvecs(path), 'record 1 (byte 16)', '3 bytes', 'over-long');
});

test('records of mixed dimensions name the first that differs', async () => {
  const path = await sampleFile(fvecs([[1, 2], [3, 4], [5], [6, 7]]));
  await assertBadData(readFvecs(path), 'record 2 (byte 24)', 'dimension 1', 'expected 2');
  // 8 + 8 + 16 bytes are four whole records of dimension 1: the size does not give it away.
  const fitting = await sampleFile(vecs('i32', [[1], [2], [3, 4, 5]]));
  await assertBadData(readIvecs(fitting), 'record 2 (byte 16)', 'dimension 3', 'expected 1');
  // Records of 5, 5 and 10 bytes.
  const bytes = await sampleFile(vecs('u8', [[1], [2], [3, 4, 5, 6, 7, 8]]));
  await assertBadData(readBvecs(bytes), 'record 2 (byte 10)', 'dimension 6', 'expected 1');
  const cut = await sampleFile(vecs('u8', [[1, 2], [3]]));
  await assertBadData(readBvecs(cut), 'record 1 (byte 6)', '5 bytes', 'expected 6');
});

test('a dimension outside 1..65536 is refused', async () => {
  for (const dimension of [0, -1, 65_537, 2_147_483_647]) {
    const bytes = Buffer.alloc(64);
    bytes.writeInt32LE(dimension, 0);
    const path = await sampleFile(bytes);
    for (const read of [readFvecs, readBvecs, readIvecs]) {
      await assertBadData(read(path), `dimension ${dimension}`, '1..65536');
    }
  }
});

test('a NaN or infinite value is named by row and column', async () => {
  const nan = await sampleFile(
    fvecs([
      [1, 2],
      [3, NaN],
    ]),
  );
  await assertBadData(readFvecs(nan), 'row 1, column 1 is NaN');
  const infinite = await sampleFile(
    fvecs([
      [1, 2],
      [-Infinity, 4],
    ]),
  );
  await assertBadData(readFvecs(infinite), 'row 1, column 0 is -Infinity');
});

test('an empty file, a missing file and a folder are refused', async () => {
  await assertBadData(readFvecs(await sampleFile('')), 'empty');
  await assertBadData(readFvecs(await sampleFile('ab')), '2 bytes', 'expected 8');
  await assertBadData(readBvecs(await sampleFile('ab')), '2 bytes', 'expected 5');
  await assertBadData(readFvecs(join(sampleFolder, 'nowhere')), 'ENOENT');
  await assertBadData(readFvecs(sampleFolder), 'not a regular file');
});

test('a file that may not be read is BAD_DATA with what to do', () => {
  // As Node makes it for a failed open.
  const parts = { code: 'EACCES', errno: -13 };
  const denied = Object.assign(new Error('EACCES: permission denied'), parts);
  const error = unreadable('base.fvecs', denied);
  assert.ok(error instanceof BenchError);
  assert.equal(error.code, 'BAD_DATA');
  assert.match(error.format(), /reading base\.fvecs: EACCES.*\nhint: .*permission/);
  const bug = new TypeError('x is not a function');
  assert.equal(unreadable('base.fvecs', bug), bug);
});
