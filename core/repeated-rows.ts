import { elementBytes, type VectorTable } from './vectors.js';

/**
 * The rows that equal an earlier row, value for value as they are stored, in order. Found by a hash
 * table with open addressing, which holds the first row of each content: 8 to 16 bytes a row.
 */
export function repeatedRows(table: VectorTable): number[] {
  const { rows } = table;
  const words = wordsOf(table);
  const slots = 2 ** Math.ceil(Math.log2(2 * Math.max(1, rows)));
  const firstRows = new Int32Array(slots).fill(-1);
  const repeated: number[] = [];
  for (let row = 0; row < rows; row++) {
    let slot = hashRow(words, row) & (slots - 1);
    let other = firstRows[slot] as number;
    while (other >= 0 && !equalRows(words, row, other)) {
      slot = (slot + 1) & (slots - 1);
      other = firstRows[slot] as number;
    }
    if (other >= 0) repeated.push(row);
    else firstRows[slot] = row;
  }
  return repeated;
}

/** The bits of a table, in words of 32 bits where a row is made of whole ones, else in bytes. */
interface Words {
  readonly shards: readonly (Int32Array | Uint8Array)[];
  readonly shardRows: number;
  /** Of one row. */
  readonly count: number;
}

function wordsOf({ shards, shardRows, dimensions, type }: VectorTable): Words {
  const rowBytes = dimensions * elementBytes[type];
  const isWhole = rowBytes % 4 === 0;
  return {
    shards: shards.map(({ buffer, byteOffset, byteLength }) =>
      isWhole
        ? new Int32Array(buffer, byteOffset, byteLength / 4)
        : new Uint8Array(buffer, byteOffset, byteLength),
    ),
    shardRows,
    count: isWhole ? rowBytes / 4 : rowBytes,
  };
}

/** @see MurmurHash3 by Austin Appleby (public domain), its mixing steps */
function hashRow({ shards, shardRows, count }: Words, row: number): number {
  const words = shards[Math.floor(row / shardRows)] as Int32Array | Uint8Array;
  const start = (row % shardRows) * count;
  let hash = 0;
  for (let at = start; at < start + count; at++) {
    hash = Math.imul(hash ^ (words[at] as number), 0x85ebca6b);
    hash = (hash << 13) | (hash >>> 19);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0xc2b2ae35);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function equalRows({ shards, shardRows, count }: Words, row: number, other: number): boolean {
  const own = shards[Math.floor(row / shardRows)] as Int32Array | Uint8Array;
  const others = shards[Math.floor(other / shardRows)] as Int32Array | Uint8Array;
  const start = (row % shardRows) * count;
  const otherStart = (other % shardRows) * count;
  for (let index = 0; index < count; index++) {
    if (own[start + index] !== others[otherStart + index]) return false;
  }
  return true;
}
