import type { VectorBatch } from '../../core/adapter.js';
import type { Found } from './package.js';

/** Queries as usearch takes them, in a buffer of their own. */
export interface Queries {
  readonly vectors: Float32Array;
  /** How many, at least 1. */
  readonly count: number;
  readonly k: number;
  readonly efSearch: number;
}

/** Rows under their ids, as usearch takes them. */
export interface Addition {
  readonly ids: Int32Array;
  readonly keys: BigUint64Array;
  readonly rows: Float32Array;
}

/** A collection of either family. */
export interface Collection {
  /** @throws BenchError UNSUPPORTED for rows that it would not keep as they are */
  check(batch: VectorBatch): void;
  add(addition: Addition): void;
  count(): number;
  /** k ids for each query, nearest first, -1 where fewer are found. */
  search(queries: Queries): Int32Array;
  bytes(): number;
  /** What another thread needs to open it; structured-cloneable. */
  handle(): unknown;
  close(): void;
}

/** Keys of 64 bits, made without a BigInt each. */
export function keysOf(ids: Int32Array): BigUint64Array {
  const keys = new BigUint64Array(ids.length);
  const words = new Int32Array(keys.buffer);
  for (let row = 0; row < ids.length; row++) words[2 * row] = ids[row] as number;
  return keys;
}

/** How an answer is read. */
export interface Reading {
  readonly queries: number;
  readonly k: number;
  /** How many were asked for, at least k. */
  readonly wanted: number;
}

/** The low half of the first k keys of each query, read without a BigInt each. */
export function idsOf({ keys, counts }: Found, { queries, k, wanted }: Reading): Int32Array {
  const words = new Int32Array(keys.buffer, keys.byteOffset, 2 * keys.length);
  const ids = new Int32Array(queries * k).fill(-1);
  for (let query = 0; query < queries; query++) {
    const found = counts === undefined ? keys.length : Number(counts[query]);
    for (let place = 0; place < Math.min(k, found); place++) {
      ids[query * k + place] = words[2 * (query * wanted + place)] as number;
    }
  }
  return ids;
}
