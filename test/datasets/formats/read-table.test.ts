import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { open, truncate } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { allocateTable } from '../../../core/vectors.js';
import { withDataFile } from '../../../datasets/formats/data-file.js';
import { neighboursFor, readIds, readTable } from '../../../datasets/formats/read-table.js';
import { assertBadData, sampleFile, storedValues, valuesAs } from '../sample-files.js';

test('rows go into the shards that they belong to', async () => {
  const values = Array.from({ length: 7 * 3 }, (_, index) => index + 0.5);
  const path = await sampleFile(Buffer.concat([Buffer.from('abc'), valuesAs('f32', values)]));
  for (const shardRows of [1, 2, 3, 6, 7, 100]) {
    const table = allocateTable({ rows: 7, dimensions: 3, type: 'f32', shardRows });
    await withDataFile(path, (file) => readTable(file, 3, table));
    assert.equal(table.shards.length, Math.ceil(7 / shardRows));
    assert.deepEqual(storedValues(table), values);
  }
});

test('a strange value in a later shard is named by its row in the table', async () => {
  const values = [1, 2, 3, 4, 5, 6, 7, 8, NaN, 10];
  const path = await sampleFile(valuesAs('f32', values));
  const table = allocateTable({ rows: 5, dimensions: 2, type: 'f32', shardRows: 2 });
  const work = withDataFile(path, (file) => readTable(file, 0, table));
  await assertBadData(work, 'row 4, column 0 is NaN');
});

test('a strange value in a later piece is named by its row in the table', async () => {
  // 6 MiB of rows of 1 KiB; a piece has 4 MiB.
  const rows = 6 * 1024;
  const values = new Float32Array(rows * 256);
  values[5000 * 256 + 17] = -Infinity;
  const path = await sampleFile(new Uint8Array(values.buffer));
  const table = allocateTable({ rows, dimensions: 256, type: 'f32' });
  const work = withDataFile(path, (file) => readTable(file, 0, table));
  await assertBadData(work, 'row 5000, column 17 is -Infinity');
});

test('values beyond the first 4 GiB of a file are read from where they lie', async () => {
  const offset = 5 * 2 ** 30 + 3;
  const path = await sampleFile('');
  // Nothing but the values takes room on the disk.
  const handle = await open(path, 'r+');
  await handle.write(valuesAs('i32', [1, 2, 3, 4, 5, 6]), 0, 24, offset);
  await handle.close();
  const table = allocateTable({ rows: 12, dimensions: 2, type: 'u8', shardRows: 5 });
  const neighbours = await withDataFile(path, async (file) => {
    await readTable(file, offset, table);
    const ids = neighboursFor(file, { queries: 2, k: 3 });
    await readIds(file, offset, ids);
    return ids;
  });
  assert.deepEqual([...neighbours.ids], [1, 2, 3, 4, 5, 6]);
  const bytes = [1, 2, 3, 4, 5, 6].flatMap((value) => [value, 0, 0, 0]);
  assert.deepEqual(storedValues(table), bytes);
});

const program = `
  const { readBinVectors } = await import(process.argv[1]);
  const table = await readBinVectors(process.argv[2], 'f32');
  console.log(table.rows, process.resourceUsage().maxRSS);
`;

test('256 MiB of vectors take no more than their size and 150 MiB', async () => {
  const rows = 2 ** 19;
  const path = await sampleFile(valuesAs('i32', [rows, 128]));
  await truncate(path, 8 + 2 ** 28);
  const reader = new URL('../../../datasets/formats/bin.js', import.meta.url).href;
  const options = ['--input-type=module', '-e', program, reader, path];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  const [read = 0, residentKib = 0] = stdout.trim().split(' ').map(Number);
  assert.equal(read, rows);
  // Node takes about 60 MiB; a second copy would take 256.
  const limitKib = (256 + 150) * 1024;
  assert.ok(residentKib > 256 * 1024 && residentKib < limitKib, `${residentKib} KiB`);
});
