import { crc32 } from 'node:zlib';
import type { PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { BenchError, messageOf } from '../../core/errors.js';
import { badData, readExactly } from './data-file.js';
import { unpackedRoom } from './declared-size.js';
import type { ParquetChunk, ParquetField, ParquetFile } from './parquet-file.js';
import { openPage, type ParquetPage, requireWithin } from './parquet-page.js';
import { thriftEnd } from './parquet-thrift.js';

/** Where pages are read from. */
export interface PageSource {
  readonly file: ParquetFile;
  readonly field: ParquetField;
  readonly chunk: ParquetChunk;
}

// Most headers take less than the first; those with statistics of long texts more.
const shortHeaderBytes = 512;
const longHeaderBytes = 1024 * 1024;

/**
 * Reads a column of a row group page by page, so that no more than a page is in memory, and hands
 * each over. What `use` throws about a page is told with the place of the page.
 *
 * @throws BenchError BAD_DATA when a page is damaged, larger than its bytes can hold, or in a
 *   packing or an encoding that is not known
 */
export async function eachPage(
  source: PageSource,
  use: (page: ParquetPage) => void,
): Promise<void> {
  const { field, chunk } = source;
  let at = chunk.from;
  let left = chunk.values;
  while (left > 0) {
    const { header, bodyAt } = await readHeader(source, at);
    const bytes = await readBody(source, header, bodyAt);
    const count = told(source, at, () => {
      const page = openPage({ field, codec: chunk.codec, header, bytes, left });
      if (page === undefined) return 0;
      use(page);
      return page.kind === 'data' ? page.count : 0;
    });
    left -= count;
    at = bodyAt + bytes.length;
  }
}

/** Whatever is thrown about the bytes of a page is about the file. */
function told<T>({ file, field }: PageSource, at: number, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof BenchError) throw thrown;
    const what = `column ${field.name}, the page at byte ${at}: ${messageOf(thrown)}`;
    throw badData(file.path, what, 'fetch the file again and compare its size');
  }
}

async function readHeader(source: PageSource, at: number) {
  const short = await readBytes(source, at, shortHeaderBytes);
  const bytes = isCut(short) ? await readBytes(source, at, longHeaderBytes) : short;
  return told(source, at, () => {
    thriftEnd(bytes);
    const reader = { view: new DataView(bytes.buffer), offset: 0 };
    const header = parquetHeader(reader);
    return { header, bodyAt: at + reader.offset };
  });
}

async function readBytes({ file, chunk }: PageSource, at: number, most: number) {
  const bytes = new Uint8Array(Math.min(most, chunk.to - at));
  await readExactly(file, bytes, at);
  return bytes;
}

function isCut(header: Uint8Array): boolean {
  try {
    thriftEnd(header);
    return false;
  } catch {
    return header.length === shortHeaderBytes;
  }
}

async function readBody(source: PageSource, header: PageHeader, at: number): Promise<Uint8Array> {
  const { file, chunk } = source;
  const { compressed_page_size: size, uncompressed_page_size: unpackedSize, crc } = header;
  told(source, at, () => {
    requireWithin('bytes', size, chunk.to - at);
    requireWithin('unpacked bytes', unpackedSize, unpackedRoom(size));
  });
  const body = new Uint8Array(size);
  await readExactly(file, body, at);
  told(source, at, () => {
    if (crc === undefined || crc32(body) === crc >>> 0) return;
    throw new Error('it has another checksum than it states');
  });
  return body;
}
