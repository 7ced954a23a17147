import type { Prices } from '../cost/prices.js';
import { qualityMeasures } from '../measure/recall.js';
import { meanOverQueries, poolScores, type QueryScores } from '../measure/scores.js';
import type { Target } from '../plan.js';
import { deriveSeed } from '../random.js';
import type { AtRecall, Build, Cell, Figure, Front, StreamResult, Summary } from '../result.js';
import { repeatInterval } from '../stats/interval.js';
import { paretoFront } from '../stats/pareto.js';
import { median } from '../stats/quantile.js';
import { costReadings } from './cost-readings.js';
import { pssGrowthOf, pssOf } from './pss.js';
import { type Measured, type Reading, readings } from './readings.js';

/** What summaries are made of. */
export interface SummaryInput {
  readonly cells: readonly Cell[];
  readonly builds: readonly Build[];
  /** The scores of a stream of a cell, as they were stored. */
  readonly scoresOf: (cell: Cell, stream: string) => QueryScores | undefined;
  readonly seed: number;
  /** Without them there are no costs. */
  readonly prices?: Prices | undefined;
}

interface Group {
  readonly build: Build;
  readonly cells: Cell[];
}

/** Puts the repeats of each key together: figures come from complete and valid cells only. */
export function summarise(input: SummaryInput): Summary[] {
  return groupCells(input).flatMap(({ build, cells }) => {
    const shape = cells.find(({ streams }) => streams.length > 0);
    return (shape?.streams ?? []).flatMap((stream) =>
      Object.keys(stream.operations).map((operation) =>
        summariseOne(input, { build, cells }, { stream, operation }),
      ),
    );
  });
}

function groupCells(input: SummaryInput): Group[] {
  const groups = new Map<string, Group>();
  const inOrder = [...input.cells].sort((a, b) => a.repeat - b.repeat || a.attempt - b.attempt);
  for (const cell of inOrder) {
    const build = input.builds.find(({ id, instance }) => {
      return id === cell.build && instance === cell.instance;
    });
    if (build === undefined) continue;
    const name = `${cell.build}/${cell.key}`;
    const group = groups.get(name) ?? { build, cells: [] };
    group.cells.push(cell);
    groups.set(name, group);
  }
  const place = ({ cells }: Group): string => cells[0]?.id ?? '';
  return [...groups.values()].sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

function isValid(cell: Cell): boolean {
  return cell.status === 'complete' && cell.invalid.length === 0;
}

/** The last attempt of each repeat: a valid half is measured again for the sake of the other. */
function lastOfEach(cells: readonly Cell[]): Cell[] {
  return [...new Map(cells.map((cell) => [cell.repeat, cell])).values()];
}

interface Part {
  readonly stream: StreamResult;
  readonly operation: string;
}

function summariseOne(input: SummaryInput, group: Group, part: Part): Summary {
  const { build, cells } = group;
  const first = cells[0] as Cell;
  const valid = lastOfEach(cells.filter(isValid));
  const operations = measuredOf(valid, part);
  // Failed requests of a cell that failed are counted too.
  const tried = measuredOf(
    cells.filter(({ invalid }) => invalid.length === 0),
    part,
  );
  const seed = deriveSeed(input.seed, `summary/${first.key}`);
  return {
    key: first.key,
    target: build.target,
    dataset: build.dataset,
    build: build.id,
    family: build.index.family,
    params: build.index.params,
    search: first.search,
    load: part.stream.load,
    stream: part.stream.name,
    operation: part.operation,
    validRepeats: valid.length,
    repeats: new Set(cells.map(({ repeat }) => repeat)).size,
    clientLimited: valid.some(({ clientLimited }) => clientLimited),
    saturated: valid.some(({ saturated }) => saturated),
    pacerLimited: limitedMetrics(operations),
    invalid: cells.flatMap(({ invalid }) => invalid),
    metrics: {
      ...timeMetrics(operations, { ...readings, ...costReadings(input) }, seed),
      ...countMetrics(tried),
      ...scoreMetrics(input, { valid, stream: part.stream.name, seed }),
      ...buildMetrics(
        input.builds.filter(({ id }) => id === build.id),
        seed,
      ),
    },
  };
}

/** Metrics of response that the pacer moved in any repeat. */
function limitedMetrics(measured: readonly Measured[]): string[] {
  const names = measured.flatMap(
    ({ operation }) => operation.latencyMs.response?.pacerLimited ?? [],
  );
  return [...new Set(names)].map((name) => `responseMs${name.toUpperCase()}`);
}

function measuredOf(cells: readonly Cell[], part: Part): Measured[] {
  return cells.flatMap((cell) => {
    const stream = cell.streams.find(({ name }) => name === part.stream.name);
    const operation = stream?.operations[part.operation];
    if (stream === undefined || operation === undefined) return [];
    return [{ cell, stream, operation }];
  });
}

function timeMetrics(
  measured: readonly Measured[],
  all: Readonly<Record<string, Reading>>,
  seed: number,
): Record<string, Figure> {
  const metrics: Record<string, Figure> = {};
  for (const [name, read] of Object.entries(all)) {
    const values = measured.flatMap((one) => read(one) ?? []);
    // A percentile that some repeats are too short for is not the percentile of the others.
    if (values.length === 0 || values.length < measured.length) continue;
    const requests = requestsBehind(name, measured);
    metrics[name] = {
      ...figureOf(values, deriveSeed(seed, name)),
      ...(requests === undefined ? {} : { requests }),
    };
  }
  return metrics;
}

/** How many requests a percentile rests on, over all repeats; undefined for other figures. */
function requestsBehind(name: string, measured: readonly Measured[]): number | undefined {
  if (!/P\d+$/.test(name)) return undefined;
  return measured.reduce((sum, { operation }) => {
    const { response, service } = operation.latencyMs;
    return sum + ((response ?? service)?.count ?? 0);
  }, 0);
}

function figureOf(values: readonly number[], seed: number): Figure {
  const interval = repeatInterval(values, seed);
  const figure: Figure = {
    median: median(values),
    method: interval?.method ?? (values.length > 1 ? 'no interval' : 'one repeat'),
    values: [...values],
  };
  return interval === undefined ? figure : { ...figure, low: interval.low, high: interval.high };
}

function counted(values: readonly number[], value: number): Figure {
  return { median: value, low: value, high: value, method: 'counted', values: [...values] };
}

function countMetrics(measured: readonly Measured[]): Record<string, Figure> {
  if (measured.length === 0) return {};
  // What was never sent has failed its user too.
  const failed = measured.map(({ operation: { requests } }) => requests.failed + requests.dropped);
  const offered = measured.map(({ operation }) => operation.requests.offered);
  const total = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0);
  const fractions = failed.map((count, index) => count / Math.max(offered[index] as number, 1));
  return {
    failed: counted(failed, total(failed)),
    failedFraction: counted(fractions, total(failed) / Math.max(total(offered), 1)),
  };
}

interface ScoreTask {
  readonly valid: readonly Cell[];
  readonly stream: string;
  readonly seed: number;
}

/** Recall and quality: rule 16's interval over queries, pooled over repeats. */
function scoreMetrics(input: SummaryInput, task: ScoreTask): Record<string, Figure> {
  const scores = task.valid.flatMap((cell) => input.scoresOf(cell, task.stream) ?? []);
  if (scores.length === 0) return {};
  const pooled = poolScores(scores);
  const metrics: Record<string, Figure> = {};
  const named = { recall: 'recall', recallById: 'byId' };
  const own = Object.fromEntries(qualityMeasures.map((measure) => [measure, measure]));
  for (const [name, measure] of Object.entries({ ...named, ...own })) {
    const figure = meanOverQueries(pooled, measure, task.seed);
    if (figure === undefined) continue;
    const values = scores.flatMap((one) => meanOverQueries(one, measure, task.seed)?.mean ?? []);
    const { mean: value, low, high, method } = figure;
    metrics[name] = { median: value, low, high, method, values };
  }
  return metrics;
}

function buildMetrics(builds: readonly Build[], seed: number): Record<string, Figure> {
  const ready = builds.filter(({ status }) => status === 'ready');
  const metrics: Record<string, Figure> = {};
  const seconds = ready.flatMap(({ buildS }) => buildS ?? []);
  if (seconds.length > 0) metrics.buildS = figureOf(seconds, deriveSeed(seed, 'buildS'));
  const bytes: Record<string, (build: Build) => number | undefined> = {
    rawBytes: ({ memory }) => memory.rawBytes,
    engineBytes: ({ memory }) => memory.engineBytes,
    pssBytes: ({ memory }) => pssOf(memory),
    pssGrowthBytes: ({ memory }) => pssGrowthOf(memory),
    peakBytes: ({ memory }) => memory.peakBytes,
    diskBytes: (build) => build.diskBytes,
  };
  for (const [name, read] of Object.entries(bytes)) {
    const values = ready.flatMap((build) => read(build) ?? []);
    if (values.length > 0) {
      metrics[name] = {
        median: median(values),
        low: Math.min(...values),
        high: Math.max(...values),
        method: 'range of builds',
        values,
      };
    }
  }
  return metrics;
}

/** What may be ranked: measured, not held back by the client, and no stand-in. */
function rankable(summaries: readonly Summary[], targets: readonly Target[]): Summary[] {
  return summaries.filter((summary) => {
    const target = targets.find(({ name }) => name === summary.target);
    const real = target?.adapter.standIn !== true;
    // A ramp or a spike is many loads; its mean throughput is none of them.
    const single = summary.load.kind === 'closed' || summary.load.kind === 'open';
    return real && single && !summary.clientLimited && summary.metrics.recall !== undefined;
  });
}

/** Groups summaries that may stand on one front: of one target, all asked the same. */
function alike(summaries: readonly Summary[]): Summary[][] {
  const groups = new Map<string, Summary[]>();
  for (const summary of summaries) {
    const { target, dataset, stream, operation, load } = summary;
    const name = JSON.stringify([target, dataset, stream, operation, load]);
    groups.set(name, [...(groups.get(name) ?? []), summary]);
  }
  return [...groups.values()];
}

const frontMetrics = {
  throughputQps: 'more',
  serviceMsP99: 'less',
  responseMsP99: 'less',
} as const;

/** The summaries that no other beats, by recall and each of throughput and p99. */
export function fronts(summaries: readonly Summary[], targets: readonly Target[]): Front[] {
  return alike(rankable(summaries, targets)).flatMap((group) =>
    Object.entries(frontMetrics).flatMap(([metric, better]) => {
      const points = group.flatMap((summary) => {
        const value = comparable(summary, metric);
        const recall = summary.metrics.recall?.median;
        const { key } = summary;
        return value === undefined || recall === undefined ? [] : [{ key, recall, value }];
      });
      if (points.length === 0) return [];
      const { target, dataset, stream, operation, load } = group[0] as Summary;
      const keys = paretoFront(points, better);
      return [{ target, dataset, metric, stream, operation, load, keys }];
    }),
  );
}

/**
 * What may be compared: an open load's throughput is what was offered, a saturated store's latency
 * depends on how long one measures, and a pacer-limited percentile is not the store's.
 */
function comparable(summary: Summary, metric: string): number | undefined {
  const { load, saturated, pacerLimited, metrics } = summary;
  const isRate = metric === 'throughputQps';
  if (isRate && load.kind === 'open') return undefined;
  if (!isRate && saturated === true) return undefined;
  return pacerLimited?.includes(metric) === true ? undefined : metrics[metric]?.median;
}

/** The recalls at which stores are compared. */
const recallLevels = [0.9, 0.95];

/**
 * For each target, family, stream and closed load the best measured throughput with recall >= r
 * (rule 18); under an open load all points that keep up have the same.
 */
export function atRecall(summaries: readonly Summary[], targets: readonly Target[]): AtRecall[] {
  const closed = rankable(summaries, targets).filter(({ load }) => load.kind === 'closed');
  return alike(closed).flatMap((group) => {
    const { target, stream, operation, load } = group[0] as Summary;
    const families = [...new Set(group.map(({ family }) => family))];
    return families.flatMap((family) =>
      recallLevels.map((recall) => ({
        target,
        family,
        stream,
        operation,
        load,
        recall,
        ...bestAt(
          group.filter((summary) => summary.family === family),
          recall,
        ),
      })),
    );
  });
}

function bestAt(
  summaries: readonly Summary[],
  recall: number,
): { key?: string; throughputQps?: number } {
  let best: { key: string; throughputQps: number } | undefined;
  for (const { key, metrics } of summaries) {
    const throughputQps = metrics.throughputQps?.median;
    if (throughputQps === undefined || (metrics.recall?.median ?? 0) < recall) continue;
    if (best === undefined || throughputQps > best.throughputQps) best = { key, throughputQps };
  }
  return best ?? {};
}
