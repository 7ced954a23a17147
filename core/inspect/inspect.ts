import type { Metric } from '../adapter.js';
import type { Dataset } from '../dataset.js';
import { validateDataset } from '../dataset-check.js';
import { computeTruth, tieFractionAt } from '../measure/truth.js';
import type { Progress } from '../progress.js';
import { deriveSeed } from '../random.js';
import { quantile7 } from '../stats/quantile.js';
import { rankSum } from '../stats/rank-sum.js';
import { type ElementType, rowsOf, type VectorTable } from '../vectors.js';
import { intrinsicDimension } from './intrinsic-dimension.js';
import { distancesOf, metricOfDistance, nearestDistances } from './neighbours.js';
import { type ColumnFigures, describePayload } from './payload-columns.js';
import { meanDistance, relativeContrast } from './relative-contrast.js';
import { type RowNorms, rowNorms } from './row-norms.js';
import { sampleRows } from './row-sample.js';

/** A figure at a number of neighbours. */
export interface AtDepth {
  readonly k: number;
  readonly value: number;
}

/** How the queries lie to the base, by the distances to the nearest row. */
export interface QueryOrigin {
  /** Of the Mann-Whitney test that queries and rows of the base have the same distances. */
  readonly p: number;
  /** The median distance of the queries over that of the rows. */
  readonly medianRatio: number;
}

/** What is told of the neighbours of samples. */
export interface NeighbourFigures {
  /** Queries looked at. */
  readonly queries: number;
  /** Rows of the base looked at, each without itself. */
  readonly rows: number;
  /** Rows of the base among which neighbours were looked for. */
  readonly among: number;
  /** Local intrinsic dimension of the rows at 20 and 100 neighbours. */
  readonly intrinsicDimension: readonly AtDepth[];
  readonly relativeContrast?: number;
  /** Share of queries whose k-th neighbour is as near as the next, at 10 and 100. */
  readonly ties: readonly AtDepth[];
  /** Absent where the rows have no distance to each other. */
  readonly origin?: QueryOrigin;
}

/** What a dataset is like. */
export interface Inspection {
  readonly name: string;
  readonly metric: Metric;
  readonly rows: number;
  readonly dimensions: number;
  readonly type: ElementType;
  readonly queries: number;
  readonly norms: RowNorms;
  /** Base rows that equal an earlier one, value for value. */
  readonly duplicateRows: number;
  /** Absent under cosine where a vector is all zeros, which has no cosine. */
  readonly neighbours?: NeighbourFigures;
  /** Absent where the rows are vectors alone. */
  readonly payload?: readonly ColumnFigures[];
}

/** How a dataset is looked at. */
export interface InspectOptions {
  /** Queries and rows whose neighbours are looked for; at most a tenth of the rows are taken. */
  readonly sample: number;
  readonly seed: number;
  readonly progress: Progress;
  /** Multiplications of one search, about; beyond it neighbours are looked for in fewer rows. */
  readonly work?: number;
}

const usualWork = 4e10;
/** Rows that are copied to be looked among, at most: 256 MiB as float32. */
const copiedValues = 2 ** 26;
/** Rows whose distances from the queries are averaged. */
const averagedRows = 2000;
const depths = [20, 100];
const tieDepths = [10, 100];

/**
 * Looks at a dataset. Sizes, norms, zeros and duplicates are of all rows; figures of neighbours are
 * of seeded samples, by exact search, and say of how many.
 *
 * @throws BenchError BAD_DATA when the dataset is not what every dataset must be
 */
export async function inspectDataset(
  dataset: Dataset,
  options: InspectOptions,
): Promise<Inspection> {
  const { base, queries, metric, name } = dataset;
  const { progress } = options;
  progress.phase('norms and duplicates');
  // Zero vectors are to be counted here, not refused.
  const { duplicateRows } = validateDataset({ ...dataset, metric: 'l2' });
  const norms = rowNorms(base);
  const hasZeros = norms.zeros > 0 || rowNorms(queries).zeros > 0;
  const neighbours =
    metric === 'cosine' && hasZeros ? undefined : await inspectNeighbours(dataset, options);
  progress.end();
  return {
    name,
    metric,
    rows: base.rows,
    dimensions: base.dimensions,
    type: base.type,
    queries: queries.rows,
    norms,
    duplicateRows,
    ...(neighbours === undefined ? {} : { neighbours }),
    ...(dataset.payload === undefined ? {} : { payload: describePayload(dataset.payload) }),
  };
}

/** What the neighbours are told from. */
interface Samples {
  readonly points: VectorTable;
  readonly queries: VectorTable;
  readonly among: VectorTable;
  /** Where the points lie among those rows; undefined where they are none of them. */
  readonly own: Int32Array | undefined;
}

function takeSamples({ base, queries }: Dataset, options: InspectOptions): Samples {
  const { sample, seed, work = usualWork } = options;
  const { rows, dimensions } = base;
  const asked = sampleRows(queries.rows, Math.min(sample, queries.rows), deriveSeed(seed, 'asked'));
  const count = Math.min(sample, Math.max(1, Math.floor(rows / 10)));
  const room = Math.max(1, Math.floor(work / (Math.max(count, asked.length) * dimensions)));
  const drawn = { queries: rowsOf(queries, asked) };
  if (room >= rows) {
    const own = sampleRows(rows, count, deriveSeed(seed, 'rows'));
    return { ...drawn, points: rowsOf(base, own), among: base, own };
  }
  // Points and surroundings are drawn together, so that none is both.
  const copied = Math.max(1, Math.min(room, Math.floor(copiedValues / dimensions)));
  const all = sampleRows(rows, Math.min(rows, count + copied), deriveSeed(seed, 'rows'));
  const places = new Set(sampleRows(all.length, count, deriveSeed(seed, 'points')));
  const points = all.filter((_, place) => places.has(place));
  const among = all.filter((_, place) => !places.has(place));
  return {
    ...drawn,
    points: rowsOf(base, points),
    among: rowsOf(base, among),
    own: undefined,
  };
}

async function inspectNeighbours(
  dataset: Dataset,
  options: InspectOptions,
): Promise<NeighbourFigures> {
  const samples = takeSamples(dataset, options);
  const { points, queries, among, own } = samples;
  options.progress.phase(`neighbours of ${points.rows} rows`);
  const ofRows = await nearestDistances({
    metric: dataset.metric,
    points,
    among,
    k: Math.max(...depths),
    ...(own === undefined ? {} : { own }),
  });
  options.progress.phase(`neighbours of ${queries.rows} queries`);
  const { nearest, ties } = await inspectQueries(dataset.metric, samples);
  const averaged = sampleRows(
    dataset.base.rows,
    Math.min(averagedRows, dataset.base.rows),
    deriveSeed(options.seed, 'averaged'),
  );
  const meanOfAll = meanDistance(dataset.metric, queries, rowsOf(dataset.base, averaged));
  const contrast = relativeContrast(meanOfAll, nearest);
  const origin = originOf(
    nearest,
    ofRows.flatMap(([first]) => first ?? []),
  );
  return {
    queries: queries.rows,
    rows: points.rows,
    among: among.rows,
    intrinsicDimension: dimensionsOf(ofRows),
    ...(contrast === undefined ? {} : { relativeContrast: contrast }),
    ties,
    ...(origin === undefined ? {} : { origin }),
  };
}

/** At the depths that every row has neighbours for. */
function dimensionsOf(distances: readonly Float64Array[]): AtDepth[] {
  const found = Math.min(...distances.map(({ length }) => length));
  return depths.flatMap((k) => {
    const value = found < k ? undefined : intrinsicDimension(distances, k);
    return value === undefined ? [] : [{ k, value }];
  });
}

/** Of each query the distance of its nearest row, and the shares of ties. */
async function inspectQueries(
  metric: Metric,
  { queries, among }: Samples,
): Promise<{ readonly nearest: readonly number[]; readonly ties: readonly AtDepth[] }> {
  const k = Math.min(Math.max(...tieDepths), among.rows);
  const truth = await computeTruth({ metric, base: among, queries, k });
  // What has the largest inner product need not be the nearest.
  const distances =
    metric === 'ip'
      ? await nearestDistances({ metric, points: queries, among, k: 1 })
      : distancesOf(truth, metricOfDistance(metric));
  return {
    nearest: distances.map(([first]) => first as number),
    ties: tieDepths
      .filter((depth) => depth < among.rows)
      .map((depth) => ({ k: depth, value: tieFractionAt(truth, depth) })),
  };
}

function originOf(
  ofQueries: readonly number[],
  ofRows: readonly number[],
): QueryOrigin | undefined {
  const test = rankSum(ofQueries, ofRows);
  const medianOf = (values: readonly number[]): number =>
    quantile7(Float64Array.from(values).sort(), 0.5);
  if (test === undefined) return undefined;
  const rowMedian = medianOf(ofRows);
  return rowMedian > 0 ? { p: test.p, medianRatio: medianOf(ofQueries) / rowMedian } : undefined;
}
