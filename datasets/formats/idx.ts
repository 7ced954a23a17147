import type { VectorTable } from '../../core/vectors.js';
import { type ByteSource, openPacked, openPlain } from './byte-source.js';
import { badData, type DataFile, withDataFile } from './data-file.js';
import { allocateFor, bytesOf, tableFor } from './read-table.js';
import { requireTable } from './table-layout.js';

// Two zeros, 8 for unsigned bytes, and the number of dimensions.
const imageMagic = 0x00000803;
const labelMagic = 0x00000801;

/**
 * Reads an idx file of images, plain or gzipped, as MNIST has them: each image is one row, its
 * lines of pixels one after the other.
 *
 * @throws BenchError BAD_DATA for a missing, empty, damaged, truncated or over-long file, another
 *   content, no images, or more than 65536 pixels; NO_MEMORY
 * @see http://yann.lecun.com/exdb/mnist/ for the format
 */
export function readIdxImages(path: string): Promise<VectorTable> {
  return withIdx(path, async (file, source) => {
    const sizes = await readSizes(file, source, imageMagic);
    const [rows = 0, height = 0, width = 0] = sizes;
    const dimensions = height * width;
    requireTable(file, rows, dimensions);
    requireRoom(file, source, sizes);
    const table = tableFor(file, { rows, dimensions, type: 'u8' });
    for (const shard of table.shards) await fillWhole(file, source, bytesOf(shard));
    return table;
  });
}

/**
 * Reads an idx file of labels, plain or gzipped, as MNIST has them.
 *
 * @returns a label a row, each 0..255
 * @throws BenchError BAD_DATA for a missing, empty, damaged, truncated or over-long file, another
 *   content, or no labels; NO_MEMORY
 * @see http://yann.lecun.com/exdb/mnist/ for the format
 */
export function readIdxLabels(path: string): Promise<Int32Array> {
  return withIdx(path, async (file, source) => {
    const sizes = await readSizes(file, source, labelMagic);
    const [rows = 0] = sizes;
    requireTable(file, rows, 1);
    requireRoom(file, source, sizes);
    const labels = allocateFor(file, () => new Uint8Array(rows));
    await fillWhole(file, source, labels);
    return allocateFor(file, () => new Int32Array(labels));
  });
}

/** Opens a file, gives its content to `read`, and demands that nothing is left then. */
function withIdx<T>(
  path: string,
  read: (file: DataFile, source: ByteSource) => Promise<T>,
): Promise<T> {
  return withDataFile(path, async (file) => {
    const source = (await isPacked(file)) ? openPacked(file) : openPlain(file);
    try {
      const content = await read(file, source);
      if ((await source.fill(new Uint8Array(1))) === 0) return content;
      throw badData(path, 'it has more bytes than its header promises: the file is over-long');
    } finally {
      await source.close();
    }
  });
}

/** By content: what fetches a file may have unpacked it and kept the name. */
async function isPacked(file: DataFile): Promise<boolean> {
  const start = Buffer.alloc(2);
  await file.handle.read(start, 0, 2, 0);
  return start.readUInt16BE(0) === 0x1f8b;
}

/** The sizes of an idx file, of which the magic number says how many there are. */
async function readSizes(
  file: DataFile,
  source: ByteSource,
  magic: number,
): Promise<readonly number[]> {
  const start = Buffer.alloc(4);
  await fillWhole(file, source, start);
  const found = start.readUInt32BE(0);
  if (found !== magic) {
    const what = `its first bytes are 0x${hex(found)}, expected 0x${hex(magic)}`;
    const names = 'images begin with 0x00000803, labels with 0x00000801';
    throw badData(file.path, what, `name an idx file of unsigned bytes: ${names}`);
  }
  const sizes = Buffer.alloc(4 * (magic & 0xff));
  await fillWhole(file, source, sizes);
  return Array.from({ length: magic & 0xff }, (_, index) => sizes.readUInt32BE(4 * index));
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}

function requireRoom(file: DataFile, source: ByteSource, sizes: readonly number[]): void {
  const expected = 4 + 4 * sizes.length + sizes.reduce((product, size) => product * size, 1);
  if (expected <= source.maxBytes) return;
  throw badData(
    file.path,
    `its header promises ${sizes.join(' x ')} bytes, and ${file.bytes} bytes cannot hold them: ` +
      'the file is truncated',
    'fetch the file again and compare its size',
  );
}

async function fillWhole(file: DataFile, source: ByteSource, target: Uint8Array): Promise<void> {
  const filled = await source.fill(target);
  if (filled === target.length) return;
  const missing = target.length - filled;
  throw badData(
    file.path,
    `it ends ${missing} bytes early: the file is truncated`,
    'fetch the file again and compare its size',
  );
}
