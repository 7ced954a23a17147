import type { Metric } from '../adapter.js';
import type { VectorTable } from '../dataset.js';
import { distance, excess, vectorOf } from './distance.js';
import { TruthHeap } from './truth-heap.js';

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
  /** queries x depth; filled. */
  readonly ids: Int32Array;
  /** queries x depth; filled. */
  readonly distances: Float64Array;
  /** One counter: the next block of queries that nobody has taken. */
  readonly next: Int32Array;
}

/** Candidates beyond the depth that the fast pass keeps for the exact one. */
const margin = 32;
/** Queries that a thread takes at a time; an even number. */
export const blockQueries = 16;
const tileBytes = 128 * 1024;

interface Pass {
  readonly job: TruthJob;
  /** score = scale[row] * dot + shift[row]; larger is nearer. */
  readonly scale: Float64Array;
  readonly shift: Float64Array;
  readonly heaps: readonly TruthHeap[];
  /** A block of queries as float64. */
  readonly wide: Float64Array;
}

/** Takes blocks of queries until none is left, and fills in their neighbours. */
export function searchTruth(job: TruthJob): void {
  const pass = preparePass(job);
  const blocks = Math.ceil(job.queries.rows / blockQueries);
  for (;;) {
    const block = Atomics.add(job.next, 0, 1);
    if (block >= blocks) return;
    const first = block * blockQueries;
    const count = Math.min(blockQueries, job.queries.rows - first);
    gatherCandidates(pass, first, count);
    for (let index = 0; index < count; index++) {
      settle(job, first + index, pass.heaps[index] as TruthHeap);
    }
  }
}

function preparePass(job: TruthJob): Pass {
  const { metric, baseNorms, base } = job;
  const scaleOf = { l2: () => 2, ip: () => 1, cosine: (norm: number) => 1 / norm }[metric];
  const capacity = Math.min(job.depth + margin, base.rows);
  return {
    job,
    scale: baseNorms.map(scaleOf),
    shift: baseNorms.map((norm) => (metric === 'l2' ? -norm * norm : 0)),
    heaps: Array.from({ length: blockQueries }, () => new TruthHeap(capacity)),
    wide: new Float64Array(blockQueries * base.dimensions),
  };
}

function gatherCandidates(pass: Pass, first: number, count: number): void {
  const { base, queries } = pass.job;
  const { dimensions, rows } = base;
  const start = first * dimensions;
  pass.wide.set(queries.data.subarray(start, start + count * dimensions));
  for (const heap of pass.heaps) heap.clear();
  const tileRows = Math.max(4, 4 * Math.floor(tileBytes / (16 * dimensions)));
  for (let from = 0; from < rows; from += tileRows) {
    const to = Math.min(rows, from + tileRows);
    for (let query = 0; query < count; query += 2) scanTile(pass, query, { from, to });
  }
}

/**
 * Two queries against a tile, two rows at a time: each value that is loaded serves twice. Where the
 * block holds an odd number of queries the last one's partner is an old query, which nobody reads.
 */
function scanTile(pass: Pass, query: number, tile: { from: number; to: number }): void {
  const { scale, shift, wide } = pass;
  const { data, dimensions } = pass.job.base;
  const heapA = pass.heaps[query] as TruthHeap;
  const heapB = pass.heaps[query + 1] as TruthHeap;
  const a = wide.subarray(query * dimensions, (query + 1) * dimensions);
  const b = wide.subarray((query + 1) * dimensions, (query + 2) * dimensions);
  for (let row = tile.from; row < tile.to; row += 2) {
    const pair = row + 1 < tile.to;
    const x = data.subarray(row * dimensions, (row + 1) * dimensions);
    const y = pair ? data.subarray((row + 1) * dimensions, (row + 2) * dimensions) : x;
    let ax = 0;
    let ay = 0;
    let bx = 0;
    let by = 0;
    for (let index = 0; index < dimensions; index++) {
      const valueA = a[index] as number;
      const valueB = b[index] as number;
      const valueX = x[index] as number;
      const valueY = y[index] as number;
      ax += valueA * valueX;
      ay += valueA * valueY;
      bx += valueB * valueX;
      by += valueB * valueY;
    }
    const scaleX = scale[row] as number;
    const shiftX = shift[row] as number;
    offerAbove(heapA, ax * scaleX + shiftX, row);
    offerAbove(heapB, bx * scaleX + shiftX, row);
    if (pair) {
      const scaleY = scale[row + 1] as number;
      const shiftY = shift[row + 1] as number;
      offerAbove(heapA, ay * scaleY + shiftY, row + 1);
      offerAbove(heapB, by * scaleY + shiftY, row + 1);
    }
  }
}

function offerAbove(heap: TruthHeap, score: number, row: number): void {
  if (score > heap.threshold) heap.offer(score, row);
}

/** Ranks a query's candidates by the defining distance, or all rows where ties pass the margin. */
function settle(job: TruthJob, query: number, heap: TruthHeap): void {
  let ranked = rank(job, query, heap.content());
  if (!isCertain(job, query, { heap, kth: ranked[job.depth - 1]?.distance as number })) {
    ranked = rank(job, query, searchSlowly(job, query));
  }
  const start = query * job.depth;
  for (let index = 0; index < job.depth; index++) {
    const neighbour = ranked[index] as Ranked;
    job.ids[start + index] = neighbour.row;
    job.distances[start + index] = neighbour.distance;
  }
}

/** The neighbours in no order, from the defining distance to every row. */
function searchSlowly(job: TruthJob, query: number): Int32Array {
  const heap = new TruthHeap(job.depth);
  const vector = vectorOf(job.queries, query);
  for (let row = 0; row < job.base.rows; row++) {
    const value = distance(job.metric, vector, vectorOf(job.base, row));
    offerAbove(heap, job.metric === 'l2' ? -value : value, row);
  }
  return heap.content();
}

interface Ranked {
  readonly row: number;
  readonly distance: number;
}

function rank(job: TruthJob, query: number, rows: Int32Array): Ranked[] {
  const { metric, base } = job;
  const vector = vectorOf(job.queries, query);
  const ranked = Array.from(rows, (row) => {
    return { row, distance: distance(metric, vector, vectorOf(base, row)) };
  });
  return ranked.sort((a, b) => excess(metric, a.distance, b.distance) || a.row - b.row);
}

/**
 * Whether no row outside the candidates can belong to the neighbours: the best distance that one
 * may have, from the heap's threshold and the largest rounding error of both passes, is worse than
 * the last neighbour's.
 *
 * @see Higham, Accuracy and Stability of Numerical Algorithms (2002), section 3.1, for the bound
 */
function isCertain(
  job: TruthJob,
  query: number,
  found: { readonly heap: TruthHeap; readonly kth: number },
): boolean {
  const { metric, base, largestNorm } = job;
  if (found.heap.size === base.rows) return true;
  const queryNorm = job.queryNorms[query] as number;
  const unit = 4 * (base.dimensions + 8) * Number.EPSILON;
  const { threshold } = found.heap;
  if (metric === 'l2') {
    const error = unit * (queryNorm * queryNorm + largestNorm * largestNorm);
    return queryNorm * queryNorm - threshold - error > found.kth;
  }
  const scale = metric === 'cosine' ? 1 / queryNorm : 1;
  const error = metric === 'cosine' ? unit : unit * queryNorm * largestNorm;
  return threshold * scale + error < found.kth;
}
