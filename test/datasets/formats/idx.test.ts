import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readIdxImages, readIdxLabels } from '../../../datasets/formats/idx.js';
import { assertBadData, idx, sampleFile, storedValues } from '../sample-files.js';

const twoImages = [0, 1, 2, 3, 4, 255, 6, 7, 8, 9, 10, 128];
const images = idx([2, 3, 2], twoImages);

test('images are rows of their pixels, line after line', async () => {
  for (const bytes of [images, gzipSync(images)]) {
    const table = await readIdxImages(await sampleFile(bytes));
    assert.deepEqual([table.rows, table.dimensions, table.type], [2, 6, 'u8']);
    assert.deepEqual(storedValues(table), twoImages);
    assert.ok(table.shards[0]?.buffer instanceof SharedArrayBuffer);
  }
});

test('whether a file is packed is told from its content, not its name', async () => {
  const packed = await readIdxImages(await sampleFile(gzipSync(images), '-idx3-ubyte'));
  const plain = await readIdxImages(await sampleFile(images, '-idx3-ubyte.gz'));
  assert.deepEqual([packed.rows, plain.rows], [2, 2]);
});

test('labels are whole numbers, one a row', async () => {
  const labels = [7, 0, 255];
  for (const bytes of [idx([3], labels), gzipSync(idx([3], labels))]) {
    const read = await readIdxLabels(await sampleFile(bytes));
    assert.ok(read instanceof Int32Array);
    assert.deepEqual([...read], labels);
  }
});

test('a packed file of many chunks is read whole', async () => {
  // 300 images of 100 x 100: image i has the value i mod 251 in every place.
  const pixels = Array.from({ length: 300 * 10_000 }, (_, at) => Math.floor(at / 10_000) % 251);
  const path = await sampleFile(gzipSync(idx([300, 100, 100], pixels)));
  const table = await readIdxImages(path);
  assert.deepEqual([table.rows, table.dimensions], [300, 10_000]);
  assert.ok(storedValues(table).every((value, at) => value === pixels[at]));
});

test('another content is refused with what was found', async () => {
  const labels = await sampleFile(idx([3], [1, 2, 3]));
  await assertBadData(readIdxImages(labels), '0x00000801', 'expected 0x00000803');
  const path = await sampleFile(images);
  await assertBadData(readIdxLabels(path), '0x00000803', 'expected 0x00000801');
  // 0x0d is float32.
  const floats = Buffer.from(images);
  floats[2] = 0x0d;
  await assertBadData(readIdxImages(await sampleFile(floats)), '0x00000d03');
  await assertBadData(readIdxImages(await sampleFile(gzipSync('a long text'))), '0x61206c6f');
});

test('truncated and over-long files are refused', async () => {
  for (const pack of [(bytes: Buffer) => bytes, (bytes: Buffer) => gzipSync(bytes)]) {
    const cut = await sampleFile(pack(images.subarray(0, -1)));
    await assertBadData(readIdxImages(cut), 'truncated');
    const long = await sampleFile(pack(Buffer.concat([images, Buffer.from('x')])));
    await assertBadData(readIdxImages(long), 'over-long');
    await assertBadData(readIdxImages(await sampleFile(pack(images.subarray(0, 9)))), 'truncated');
    await assertBadData(readIdxImages(await sampleFile(pack(Buffer.alloc(0)))), '4 bytes early');
  }
});

test('a packed file that is cut or damaged is refused', async () => {
  const packed = gzipSync(images);
  await assertBadData(readIdxImages(await sampleFile(packed.subarray(0, -6))), 'end of file');
  // The checksum stands in the eight last bytes.
  const damaged = Buffer.from(packed);
  damaged.writeUInt32LE(1, damaged.length - 8);
  await assertBadData(readIdxImages(await sampleFile(damaged)), 'incorrect data check');
});

test('sizes above what the file can hold are refused before anything is allocated', async () => {
  const bytes = Buffer.from(images);
  bytes.writeUInt32BE(0xffff_ffff, 4);
  const promise = '4294967295 x 3 x 2';
  await assertBadData(readIdxImages(await sampleFile(bytes)), promise, 'cannot hold');
  await assertBadData(readIdxImages(await sampleFile(gzipSync(bytes))), promise, 'cannot hold');
});

test('no rows, and images without pixels or above 65536, are refused', async () => {
  await assertBadData(readIdxImages(await sampleFile(idx([0, 3, 2], []))), '0 rows');
  await assertBadData(readIdxLabels(await sampleFile(idx([0], []))), '0 rows');
  await assertBadData(readIdxImages(await sampleFile(idx([2, 0, 2], []))), '0 values');
  const wide = idx([1, 257, 256], new Array<number>(257 * 256).fill(0));
  await assertBadData(readIdxImages(await sampleFile(wide)), '65792 values', '1..65536');
});
