import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Dataset } from '../dataset.js';
import { BenchError } from '../errors.js';
import { vectorOf } from '../vectors.js';
import { distance, excess, norm, tolerance } from './distance.js';
import { prepareJob, type TruthJob, type TruthRequest } from './truth-job.js';
import { searchTruth } from './truth-search.js';

/** The exact nearest neighbours of every query. */
export interface Truth {
  /** Neighbours of each query; the first k' of them are the truth at any k' below. */
  readonly k: number;
  readonly queries: number;
  /** queries x k base rows, nearest first, ties by the lower row. */
  readonly ids: Int32Array;
  /** queries x k distances as {@link distance} defines them. */
  readonly distances: Float64Array;
  /** Share of queries whose k-th and (k+1)-th distance are within tolerance; 0 at k = rows. */
  readonly tieFraction: number;
  /** The same share at every depth: position k' - 1 is that at k'. */
  readonly tieFractions: Float64Array;
  /** How it was computed, for the record. */
  readonly method: string;
}

/** How {@link Truth} is computed. */
export const truthMethod = 'exact scan, ranked by float64 distance, ties by lower row';

const maxThreads = 16;
/** Multiplications below which starting a thread takes longer than the search. */
const smallWork = 20_000_000;

/**
 * Computes the exact neighbours of every query. A fast pass picks candidates, which are ranked by
 * the defining distance; where ties or rounding errors may reach past the candidates all rows are
 * ranked by it, so that the answer depends neither on the fast pass nor on the number of threads.
 *
 * @throws BenchError BAD_ARGUMENT when k is not 1..rows; BAD_DATA for a zero vector under cosine
 */
export async function computeTruth(request: TruthRequest): Promise<Truth> {
  const { base, queries, k } = request;
  if (!Number.isInteger(k) || k < 1 || k > base.rows) {
    throw new BenchError(
      'BAD_ARGUMENT',
      `ground truth: k must be 1..${base.rows} (rows), got ${k}`,
      {
        hint: 'lower k or take a larger dataset',
      },
    );
  }
  const wanted = Math.max(1, request.threads ?? Math.min(availableParallelism(), maxThreads));
  const job = prepareJob(request, wanted);
  const threads = Math.min(wanted, Math.ceil(queries.rows / job.blockQueries));
  if (base.rows * base.dimensions * queries.rows < smallWork) searchTruth(job);
  else await Promise.all(Array.from({ length: threads }, () => runWorker(job)));
  const tieFractions = countTies(job, k);
  return {
    k,
    queries: queries.rows,
    ids: firstColumns(job.ids, job.depth, k),
    distances: firstColumns(job.distances, job.depth, k),
    tieFraction: tieFractions[k - 1] as number,
    tieFractions,
    method: truthMethod,
  };
}

/**
 * The share of queries whose k-th and (k+1)-th neighbour are equally far, within tolerance.
 *
 * @param k 1..truth.k
 * @throws BenchError BAD_ARGUMENT when k is outside
 */
export function tieFractionAt(truth: Truth, k: number): number {
  const fraction = truth.tieFractions[k - 1];
  if (fraction !== undefined) return fraction;
  throw new BenchError(
    'BAD_ARGUMENT',
    `ties of the ground truth: k must be 1..${truth.k}, got ${k}`,
  );
}

/**
 * Compares a publisher's neighbours with the truth, at the smaller depth of the two.
 *
 * @returns how many of the published ids are farther than the true k-th neighbour by more than the
 *   tolerance, or repeat an id of the same query
 * @throws BenchError BAD_DATA when the dataset has no official truth or one for other queries
 */
export function checkOfficialTruth(dataset: Dataset, truth: Truth): number {
  const official = dataset.officialTruth;
  if (official === undefined || official.queries !== truth.queries) {
    const found = official === undefined ? 'none' : `one of ${official.queries} queries`;
    throw new BenchError(
      'BAD_DATA',
      `official truth of ${dataset.name}: expected ${truth.queries} queries, found ${found}`,
    );
  }
  const depth = Math.min(official.k, truth.k);
  let mismatches = 0;
  for (let query = 0; query < official.queries; query++) {
    const ids = official.ids.subarray(query * official.k, query * official.k + depth);
    const limit = truth.distances[query * truth.k + depth - 1] as number;
    const distinct = new Set(ids);
    mismatches += ids.length - distinct.size;
    for (const row of distinct) if (isFarther(dataset, { query, row, limit })) mismatches += 1;
  }
  return mismatches;
}

function isFarther(
  dataset: Dataset,
  answer: { readonly query: number; readonly row: number; readonly limit: number },
): boolean {
  const { metric, base } = dataset;
  if (answer.row < 0 || answer.row >= base.rows) return true;
  const query = vectorOf(dataset.queries, answer.query);
  const row = vectorOf(base, answer.row);
  const beyond = excess(metric, distance(metric, query, row), answer.limit);
  return !(beyond <= tolerance(metric, norm(query), norm(row)));
}

function runWorker(job: TruthJob): Promise<void> {
  return new Promise((resolve, reject) => {
    const file = new URL('./truth-worker.js', import.meta.url);
    const worker = new Worker(file, { workerData: job });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a thread of the ground truth ended with code ${code}`));
    });
  });
}

function countTies(job: TruthJob, k: number): Float64Array {
  const { metric, depth, queries, ids, distances, baseNorms, queryNorms } = job;
  const counts = new Float64Array(k);
  for (let query = 0; query < queries.rows; query++) {
    for (let rank = 1; rank < depth; rank++) {
      const at = query * depth + rank;
      const gap = excess(metric, distances[at] as number, distances[at - 1] as number);
      const rowNorm = baseNorms[ids[at] as number] as number;
      if (gap > tolerance(metric, queryNorms[query] as number, rowNorm)) continue;
      counts[rank - 1] = (counts[rank - 1] as number) + 1;
    }
  }
  return counts.map((count) => count / queries.rows);
}

function firstColumns<T extends Int32Array | Float64Array>(table: T, width: number, k: number): T {
  const count = (table.length / width) * k;
  const kept = (table instanceof Int32Array ? new Int32Array(count) : new Float64Array(count)) as T;
  for (let row = 0; row * width < table.length; row++) {
    kept.set(table.subarray(row * width, row * width + k), row * k);
  }
  return kept;
}
