import type { Metric } from '../adapter.js';
import { type RowRange, readRows, storedRuns, type VectorTable, vectorOf } from '../vectors.js';
import { TruthHeap } from './truth-heap.js';
import type { TruthJob } from './truth-job.js';
import { type KernelValues, openKernel, type TruthKernel } from './truth-kernel.js';

/** The fast pass of one thread. */
export interface CandidatePass {
  readonly job: TruthJob;
  readonly kernel: TruthKernel;
  /** One a query of the block: its best rows, by upper bounds of their scores. */
  readonly heaps: readonly TruthHeap[];
  /** How far a dot product may be off, as a share of the product of both norms. */
  readonly relativeError: number;
  /** How far a dot product may be off because of products too small for float32. */
  readonly underflow: number;
}

/** The fast pass of a job, in memory of its own. */
export function openPass(job: TruthJob): CandidatePass {
  const { base, blockQueries, candidates } = job;
  const { dimensions } = base;
  const isFloat = job.arithmetic === 'floats';
  const values = isFloat ? 'f32' : (base.type as KernelValues);
  return {
    job,
    kernel: openKernel(values, { dimensions, queries: blockQueries }),
    heaps: Array.from({ length: blockQueries }, () => new TruthHeap(candidates)),
    relativeError: isFloat ? dotError(dimensions) : 0,
    underflow: isFloat ? dimensions * 2 ** -149 : 0,
  };
}

/**
 * The largest relative error of a float32 dot product in four lanes: a term is rounded when it is
 * multiplied, by all later additions of its lane, and by two more when the lanes are added.
 *
 * @see Higham, Accuracy and Stability of Numerical Algorithms (2002), section 3.1: gamma_n
 */
function dotError(dimensions: number): number {
  const roundings = (Math.ceil(dimensions / 4) + 2) * 2 ** -24;
  return roundings / (1 - roundings);
}

/**
 * Fills the heaps with the candidates of some queries. A row's score is the largest that its dot
 * product may stand for; larger is nearer. No row outside a heap has a true score above the heap's
 * threshold, as long as no sum of products is beyond float32.
 */
export function gatherCandidates(pass: CandidatePass, block: RowRange): void {
  const { base } = pass.job;
  const { tileRows } = pass.kernel;
  takeQueries(pass, block);
  for (let from = 0; from < base.rows; from += tileRows) {
    const tile = { from, count: Math.min(tileRows, base.rows - from) };
    copyRows(base, tile, pass.kernel.rows);
    setTerms(pass, tile);
    pass.kernel.scan(tile.count, block.count);
    for (let place = 0; place < block.count; place++) offerKept(pass, place, from);
  }
}

function takeQueries({ job, kernel, heaps }: CandidatePass, block: RowRange): void {
  // Where the block holds an odd number, nothing is kept of the last one's partner.
  kernel.thresholds.fill(Infinity);
  kernel.counts.fill(0);
  for (let place = 0; place < block.count; place++) {
    heaps[place]?.clear();
    kernel.setQuery(place, vectorOf(job.queries, block.from + place));
    kernel.norms[place] = job.queryNorms[block.from + place] as number;
    kernel.thresholds[place] = -Infinity;
  }
}

function copyRows(base: VectorTable, tile: RowRange, target: TruthKernel['rows']): void {
  if (target instanceof Float32Array) {
    readRows(base, tile, target);
    return;
  }
  for (const { values, range } of storedRuns(base, tile)) {
    target.set(values, (range.from - tile.from) * base.dimensions);
  }
}

const scaleOf: Readonly<Record<Metric, (norm: number) => number>> = {
  l2: () => 2,
  ip: () => 1,
  cosine: (norm) => 1 / norm,
};

/** score = scale * dot + shift; slack and underflow are how far the dot product may be off. */
function setTerms(pass: CandidatePass, tile: RowRange): void {
  const { scales, shifts, slacks } = pass.kernel;
  const { metric, baseNorms } = pass.job;
  for (let index = 0; index < tile.count; index++) {
    const norm = baseNorms[tile.from + index] as number;
    const scale = scaleOf[metric](norm);
    scales[index] = scale;
    shifts[index] = scale * pass.underflow - (metric === 'l2' ? norm * norm : 0);
    slacks[index] = scale * norm * pass.relativeError;
  }
  // The last four of the table may be fewer: what an earlier tile left there scores nothing.
  const whole = Math.ceil(tile.count / 4) * 4;
  scales.fill(0, tile.count, whole);
  shifts.fill(-Infinity, tile.count, whole);
  slacks.fill(0, tile.count, whole);
}

function offerKept({ kernel, heaps }: CandidatePass, place: number, from: number): void {
  const count = kernel.counts[place] as number;
  if (count === 0) return;
  const heap = heaps[place] as TruthHeap;
  const start = place * kernel.tileRows;
  for (let index = start; index < start + count; index++) {
    const score = kernel.keptScores[index] as number;
    if (score > heap.threshold) heap.offer(score, from + (kernel.keptRows[index] as number));
  }
  kernel.counts[place] = 0;
  kernel.thresholds[place] = heap.threshold;
}
