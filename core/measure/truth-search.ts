import { vectorOf } from '../vectors.js';
import { distance, excess } from './distance.js';
import { gatherCandidates, openPass } from './truth-candidates.js';
import { TruthHeap } from './truth-heap.js';
import type { TruthJob } from './truth-job.js';

/** Above this a sum of float32 products may be infinite. */
const largestSum = 2 ** 126;

/** Takes blocks of queries until none is left, and fills in their neighbours. */
export function searchTruth(job: TruthJob): void {
  const { blockQueries, queries } = job;
  const pass = openPass(job);
  const blocks = Math.ceil(queries.rows / blockQueries);
  for (;;) {
    const block = Atomics.add(job.progress, 0, 1);
    if (block >= blocks) return;
    const from = block * blockQueries;
    const count = Math.min(blockQueries, queries.rows - from);
    gatherCandidates(pass, { from, count });
    for (let index = 0; index < count; index++) {
      settle(job, from + index, pass.heaps[index] as TruthHeap);
    }
  }
}

/** Ranks a query's candidates by the defining distance; all rows where that may not be enough. */
function settle(job: TruthJob, query: number, heap: TruthHeap): void {
  let ranked = rank(job, query, heap.content());
  if (!isCertain(job, query, { heap, kth: ranked[job.depth - 1]?.distance as number })) {
    Atomics.add(job.progress, 1, 1);
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
    const score = job.metric === 'l2' ? -value : value;
    if (score > heap.threshold) heap.offer(score, row);
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
 * may have, from the heap's threshold and the largest rounding error of all that is float64, is
 * worse than the last neighbour's. Rounding errors of float32 are in the threshold.
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
  if (queryNorm * largestNorm > largestSum) return false;
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
