import type { Metric } from '../adapter.js';
import { BenchError } from '../errors.js';
import type { ElementType, VectorTable } from '../vectors.js';
import { normsOf } from './distance.js';

/** What a truth is computed from. */
export interface TruthRequest {
  readonly metric: Metric;
  readonly base: VectorTable;
  readonly queries: VectorTable;
  /** 1..rows. */
  readonly k: number;
  /** Worker threads; as many as the process has cores, at most 16, when not given. */
  readonly threads?: number;
}

/** A search of exact neighbours; structured-cloneable, its memory is shared between threads. */
export interface TruthJob {
  readonly metric: Metric;
  readonly base: VectorTable;
  readonly queries: VectorTable;
  readonly baseNorms: Float64Array;
  readonly queryNorms: Float64Array;
  /** The largest of the base norms. */
  readonly largestNorm: number;
  /** Neighbours of each query, at most the number of rows. */
  readonly depth: number;
  /** Candidates of each query that the fast pass keeps for the exact one. */
  readonly candidates: number;
  /** Queries that a thread takes at a time; an even number. */
  readonly blockQueries: number;
  /** What the fast pass multiplies: float32, or whole numbers where all values are bytes. */
  readonly arithmetic: 'floats' | 'bytes';
  /** queries x depth; filled. */
  readonly ids: Int32Array;
  /** queries x depth; filled. */
  readonly distances: Float64Array;
  /** Two counters: blocks that were taken, and queries for which all rows had to be ranked. */
  readonly progress: Int32Array;
}

/** Candidates beyond the depth, so that rounding errors and ties seldom reach past the last one. */
const margin = 32;
const heapBytes = 64 * 2 ** 20;
const candidateBytes = 12;
const largestByteProduct = 255 * 255;

/**
 * A search that has not begun.
 *
 * @param threads how many will share it
 * @throws BenchError BAD_DATA for a zero vector under cosine
 */
export function prepareJob(request: TruthRequest, threads: number): TruthJob {
  const { metric, base, queries, k } = request;
  const depth = Math.min(k + 1, base.rows);
  const candidates = Math.min(depth + margin, base.rows);
  const baseNorms = shared(normsOf(base));
  const queryNorms = shared(normsOf(queries));
  if (metric === 'cosine') {
    requireNonZero('row', baseNorms);
    requireNonZero('query', queryNorms);
  }
  return {
    metric,
    base,
    queries,
    baseNorms,
    queryNorms,
    largestNorm: baseNorms.reduce((largest, norm) => Math.max(largest, norm), 0),
    depth,
    candidates,
    blockQueries: blockSize(Math.ceil(queries.rows / threads), candidates),
    arithmetic: isBytes(base.type, base.dimensions) && isBytes(queries.type) ? 'bytes' : 'floats',
    ids: new Int32Array(new SharedArrayBuffer(queries.rows * depth * 4)),
    distances: new Float64Array(new SharedArrayBuffer(queries.rows * depth * 8)),
    progress: new Int32Array(new SharedArrayBuffer(8)),
  };
}

/**
 * Half of a thread's share, so that threads end together; where that is few the whole share, for
 * each block reads and arranges all rows anew; no more than stays in a core's cache.
 */
function blockSize(share: number, candidates: number): number {
  const balanced = Math.min(share, Math.max(64, Math.min(256, Math.ceil(share / 2))));
  const fitting = Math.floor(heapBytes / (candidateBytes * candidates));
  return 2 * Math.max(1, Math.ceil(Math.min(balanced, fitting) / 2));
}

/** Whether all values are bytes, and the sums of their products stay below 2^31. */
function isBytes(type: ElementType, dimensions = 0): boolean {
  return (type === 'u8' || type === 'i8') && dimensions * largestByteProduct < 2 ** 31;
}

function shared(values: Float64Array): Float64Array {
  const copy = new Float64Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

function requireNonZero(what: string, norms: Float64Array): void {
  const at = norms.indexOf(0);
  if (at < 0) return;
  throw new BenchError('BAD_DATA', `ground truth: ${what} ${at} is all zeros, which has no cosine`);
}
