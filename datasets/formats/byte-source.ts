import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { DataFile } from './data-file.js';
import { pieceBytes } from './read-ahead.js';

/** The bytes of a file, plain or unpacked, from its beginning on. */
export interface ByteSource {
  /** More than these it cannot have. */
  readonly maxBytes: number;
  /** Writes the next bytes into `target`; gives how many, fewer only at the end. */
  fill(target: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

// Two bits at least stand for 258 bytes at most: https://zlib.net/zlib_tech.html
const maxInflation = 1032;

/** The bytes of a file as they are. */
export function openPlain(file: DataFile): ByteSource {
  let position = 0;
  return {
    maxBytes: file.bytes,
    async fill(target) {
      let done = 0;
      while (done < target.length) {
        const length = Math.min(pieceBytes, target.length - done);
        const { bytesRead } = await file.handle.read(target, done, length, position);
        if (bytesRead === 0) break;
        done += bytesRead;
        position += bytesRead;
      }
      return done;
    },
    close: () => Promise.resolve(),
  };
}

/** The bytes of a gzipped file, unpacked; what fails in zlib is thrown by `fill`. */
export function openPacked(file: DataFile): ByteSource {
  // With a handle of its own, which it closes when it is done with it.
  const packed = createReadStream(file.path);
  // Errors come to who reads from the last stream.
  const chunks = pipeline(packed, createGunzip(), () => undefined)[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  return {
    maxBytes: file.bytes * maxInflation,
    async fill(target) {
      let done = 0;
      while (done < target.length) {
        if (rest.length === 0) {
          const next = await chunks.next();
          if (next.done === true) break;
          rest = next.value as Uint8Array;
        }
        const part = rest.subarray(0, target.length - done);
        target.set(part, done);
        done += part.length;
        rest = rest.subarray(part.length);
      }
      return done;
    },
    async close() {
      await chunks.return?.();
    },
  };
}
