import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { compressors } from 'hyparquet-compressors';
import { unpackedRoom } from './declared-size.js';

type Unpacker = (packed: Uint8Array, bytes: number) => Uint8Array;

const unpackers: Readonly<Record<string, Unpacker>> = {
  UNCOMPRESSED: (packed) => packed,
  SNAPPY: (packed, bytes) => {
    requireSnappySize(packed, bytes);
    return unpackWith('SNAPPY', packed, bytes);
  },
  // Those of the platform do not trust the sizes that the data states.
  GZIP: (packed, bytes) => gunzipSync(packed, { maxOutputLength: bytes }),
  BROTLI: (packed, bytes) => brotliDecompressSync(packed, { maxOutputLength: bytes }),
  ZSTD: (packed, bytes) => {
    requireZstdSize(packed, bytes);
    return unpackWith('ZSTD', packed, bytes);
  },
  LZ4_RAW: (packed, bytes) => unpackWith('LZ4_RAW', packed, bytes),
};

/**
 * Unpacks a page.
 *
 * @param codec as Parquet names it
 * @param bytes the size that it is to have, above 0
 * @throws Error when the codec is not known, the data damaged, or of another size
 */
export function unpack(codec: string, packed: Uint8Array, bytes: number): Uint8Array {
  const unpacker = Object.hasOwn(unpackers, codec) ? unpackers[codec] : undefined;
  if (unpacker === undefined) {
    throw new Error(`it is packed with ${codec}, known are ${Object.keys(unpackers).join(', ')}`);
  }
  const unpacked = unpacker(packed, bytes);
  if (unpacked.length === bytes) return unpacked;
  throw new Error(`it unpacks to ${unpacked.length} bytes, expected ${bytes}`);
}

function unpackWith(codec: 'SNAPPY' | 'ZSTD' | 'LZ4_RAW', packed: Uint8Array, bytes: number) {
  const unpacker = compressors[codec];
  if (unpacker === undefined) throw new Error(`no unpacker for ${codec} is there`);
  return unpacker(packed, bytes);
}

/** @see google/snappy, format_description.txt: the size leads, 7 bits a byte */
function requireSnappySize(packed: Uint8Array, bytes: number): void {
  let size = 0;
  for (let index = 0; index < 5; index++) {
    const byte = packed[index] ?? 0;
    size += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) break;
  }
  if (size !== bytes) throw new Error(`it says ${size} bytes, expected ${bytes}`);
}

/**
 * What the unpacker allocates is the size of the content, or of the window where that is not given.
 *
 * @see RFC 8878, "Zstandard Compression and the 'application/zstd' Media Type", section 3.1.1.1
 */
function requireZstdSize(packed: Uint8Array, bytes: number): void {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  if (view.getUint32(0, true) !== 0xfd2fb528) throw new Error('it is no Zstandard frame');
  const descriptor = view.getUint8(4);
  const isSingle = (descriptor & 0x20) !== 0;
  const windowAt = 5;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number;
  const sizeAt = windowAt + (isSingle ? 0 : 1) + dictionaryBytes;
  const size = contentSize(view, sizeAt, descriptor >> 6);
  if (descriptor >> 6 > 0 || isSingle) {
    if (size !== bytes) throw new Error(`it says ${size} bytes, expected ${bytes}`);
  } else {
    const window = view.getUint8(windowAt);
    const power = 2 ** (10 + (window >> 3));
    const windowBytes = power + (power / 8) * (window & 7);
    const room = Math.max(bytes, unpackedRoom(0));
    if (windowBytes > room) throw new Error(`its window has ${windowBytes} bytes, not ${room}`);
  }
}

function contentSize(view: DataView, at: number, kind: number): number {
  if (kind === 0) return view.getUint8(at);
  if (kind === 1) return view.getUint16(at, true) + 256;
  return kind === 2 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}
