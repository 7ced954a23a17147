import { type MomentName, momentNames, type StreamReport } from '../load/assignment.js';
import { lostCode } from '../load/closed.js';
import type { CellOutcome } from '../load/crew.js';
import { decodeHistogram, encodeHistogram, mergeHistograms } from '../measure/histogram.js';
import { latencyOf } from '../measure/latency.js';
import { qualityOf, recallOf, scoreAnswers } from '../measure/recall.js';
import { emptyScores, type QueryScores } from '../measure/scores.js';
import type { PlannedStream } from '../plan/streams.js';
import type { PlannedCell } from '../plan.js';
import { deriveSeed } from '../random.js';
import type { Sample } from '../resources/sample.js';
import type { Cell, Note, OperationResult, QueriesResult, StreamResult } from '../result.js';
import { nsPerMs, nsPerS } from '../units.js';
import { type CellWatch, notWatched, resourcesOf } from './cell-resources.js';
import { filterName } from './filtered-truth.js';
import { flagsOf, type JudgedStream, pacerLimitedPercentiles } from './flags.js';
import { phaseFigures } from './phase-results.js';
import type { Prepared } from './prepare.js';

/** The distributions of a stream as they are stored beside the cell. */
export interface StoredStream {
  /** HDR V2 of all workers by moment, base64. */
  readonly histograms: Readonly<Partial<Record<MomentName, string>>>;
  readonly scores: QueryScores;
}

/** What a finished cell leaves: its result, its distributions and its answers. */
export interface FinishedCell {
  readonly cell: Cell;
  readonly streams: Readonly<Record<string, StoredStream>>;
  /** By stream: records of 1 + k values. */
  readonly answers: Readonly<Record<string, Int32Array>>;
  /** What was sampled meanwhile. */
  readonly samples: readonly Sample[];
}

/** What the result of a cell is made of, beside what its workers saw. */
export interface CellFacts {
  readonly planned: PlannedCell;
  readonly id: string;
  readonly key: string;
  readonly instance: number;
  readonly attempt: number;
  readonly startedAt: string;
  readonly seed: number;
  /** The store works in the client's own thread, so its load is not the client's. */
  readonly inProcess: boolean;
  /** Client and engine had cores of their own. */
  readonly isolated: boolean;
  /** Seconds of a window of the suite, at least. */
  readonly durationS: number;
  readonly judgeOf: Prepared['judgeOf'];
  readonly filtered: Prepared['filtered'];
  /** By stream, where queries are not taken in turn. */
  readonly queries?: Readonly<Record<string, QueriesResult>>;
}

/** Merges what the workers saw, and what was seen of resources, into one cell. */
export function finishCell(
  facts: CellFacts,
  outcome: CellOutcome,
  watch: CellWatch = notWatched,
): FinishedCell {
  const parts = facts.planned.streams.map((stream, index) =>
    finishStream(
      facts,
      stream,
      outcome.reports.map((r) => r.streams[index] as StreamReport),
    ),
  );
  const items = sum(parts, ({ items }) => items);
  const { ended } = outcome;
  const lost = parts.some(({ operation }) => operation.errors.HOST_DIED !== undefined);
  const silent = parts.some(({ operation }) => operation.requests.completed === 0);
  const { inProcess, isolated } = facts;
  const cell: Cell = {
    ...baseCell(facts),
    ...flagsOf({ streams: parts, outcome, inProcess, isolated }),
    durationS: Math.max(...parts.map(({ durationS }) => durationS)),
    status: silent ? 'failed' : lost || ended !== undefined ? 'partial' : 'complete',
    streams: parts.map(({ result }) => result),
    resources: resourcesOf(outcome, items, watch),
  };
  if (cell.status !== 'complete') cell.failure = ended ?? failureOf(parts);
  return {
    cell,
    streams: Object.fromEntries(parts.map(({ result, stored }) => [result.name, stored])),
    answers: Object.fromEntries(parts.map(({ result, answers }) => [result.name, answers])),
    samples: watch.samples,
  };
}

/** A cell that could not be measured, with the reason. */
export function failedCell(facts: CellFacts, failure: Note): FinishedCell {
  const cell: Cell = { ...baseCell(facts), status: 'failed', failure };
  return { cell, streams: {}, answers: {}, samples: [] };
}

function baseCell(facts: CellFacts): Cell {
  const { planned } = facts;
  return {
    id: facts.id,
    key: facts.key,
    build: planned.build.id,
    instance: facts.instance,
    search: { ...planned.search },
    repeat: planned.repeat,
    sequence: planned.sequence,
    attempt: facts.attempt,
    ...(planned.pair !== undefined && { pair: planned.pair }),
    ...(planned.role !== undefined && { role: planned.role }),
    startedAt: facts.startedAt,
    durationS: 0,
    status: 'complete',
    invalid: [],
    saturated: false,
    clientLimited: false,
    pacerLimited: false,
    warnings: [],
    events: [],
    streams: [],
    resources: { server: {}, client: {}, host: {} },
  };
}

interface StreamPart extends JudgedStream {
  readonly stored: StoredStream;
  readonly answers: Int32Array;
  readonly items: number;
  readonly durationS: number;
}

function finishStream(
  facts: CellFacts,
  planned: PlannedStream,
  reports: readonly StreamReport[],
): StreamPart {
  const judge = facts.judgeOf(planned.k, planned.filter);
  const scores = emptyScores(judge.queries.rows);
  for (const { answers } of reports) scoreAnswers(judge, answers, scores);
  const seed = deriveSeed(facts.seed, `recall/${facts.key}`);
  const merged = mergeMoments(reports);
  const errors = mergeErrors(reports);
  const perS = (of: (report: StreamReport) => number): number =>
    sum(reports, (report) => (report.windowNs > 0 ? (of(report) * nsPerS) / report.windowNs : 0));
  const sent = sum(reports, ({ requests }) => requests.sent);
  const dropped = sum(reports, ({ requests }) => requests.dropped);
  const operation: OperationResult = {
    requests: {
      offered: sent + dropped,
      sent,
      completed: sum(reports, ({ requests }) => requests.completed),
      failed: sum(reports, ({ requests }) => requests.failed),
      dropped,
    },
    itemsPerRequest: planned.load.itemsPerRequest,
    errors: errors.counts,
    throughputQps: perS(({ answered }) => answered.items),
    requestsPerS: perS(({ answered }) => answered.requests),
    latencyMs: merged.latencyMs,
    ...burstOf(reports),
    histograms: `histograms/${facts.id}.json`,
    violations: violationsOf(scores),
  };
  const recall = recallOf(scores, planned.k, seed);
  if (recall !== undefined) operation.recall = recall;
  const quality = qualityOf(scores, seed);
  if (quality !== undefined) operation.quality = quality;
  return {
    result: {
      name: planned.name,
      load: planned.load,
      ...queriesOf(facts, planned),
      ...payloadOf(facts, planned),
      operations: { [planned.operation]: operation },
      timeline: timelineOf(reports),
      workers: reports.map((report, worker) => ({ worker, ...workerLatency(report) })),
      ...phaseFigures(planned.load, facts.durationS, reports),
    },
    operation,
    reports,
    stored: { histograms: merged.encoded, scores },
    answers: concatenate(reports.map(({ answers }) => answers)),
    items: sum(reports, ({ answered }) => answered.items),
    durationS: Math.max(...reports.map(({ windowNs }) => windowNs)) / nsPerS,
    examples: errors.examples,
  };
}

function queriesOf({ queries }: CellFacts, { name }: PlannedStream): Pick<StreamResult, 'queries'> {
  const own = queries?.[name];
  return own === undefined ? {} : { queries: own };
}

/** What was asked of the payload. */
function payloadOf(
  { filtered }: CellFacts,
  { filter, payload }: PlannedStream,
): Pick<StreamResult, 'filter' | 'payload'> {
  const own = filter === undefined ? undefined : filtered.get(filterName(filter))?.record;
  return { ...(own && { filter: own }), ...(payload && { payload: [...payload] }) };
}

function violationsOf({ filteredOut }: QueryScores): OperationResult['violations'] {
  return filteredOut === 0 ? {} : { FILTERED_OUT: filteredOut };
}

function mergeMoments(reports: readonly StreamReport[]): {
  latencyMs: OperationResult['latencyMs'];
  encoded: StoredStream['histograms'];
} {
  const latencyMs: OperationResult['latencyMs'] = {};
  const encoded: Partial<Record<MomentName, string>> = {};
  for (const moment of momentNames) {
    const parts = reports.flatMap(({ histograms }) => histograms[moment] ?? []);
    if (parts.length === 0) continue;
    const merged = mergeHistograms(parts);
    const latency = latencyOf(merged);
    if (latency !== undefined) latencyMs[moment] = latency;
    encoded[moment] = Buffer.from(encodeHistogram(merged)).toString('base64');
    merged.destroy();
  }
  const { response, pacerLag } = latencyMs;
  if (response !== undefined && pacerLag !== undefined) {
    const limited = pacerLimitedPercentiles(pacerLag, response);
    if (limited.length > 0) response.pacerLimited = limited;
  }
  return { latencyMs, encoded };
}

/** How many requests the pacer fired in one go. */
function burstOf(reports: readonly StreamReport[]): Pick<OperationResult, 'burst'> {
  const parts = reports.flatMap(({ bursts }) => bursts ?? []);
  if (parts.length === 0) return {};
  const merged = mergeHistograms(parts);
  const burst = { p99: merged.getValueAtPercentile(99), max: merged.maxValue };
  merged.destroy();
  return burst.max === 0 ? {} : { burst };
}

/** The percentiles of one worker, by the names that summaries give them. */
function workerLatency({ histograms }: StreamReport): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const moment of ['response', 'service', 'pacerLag'] as const) {
    const encoded = histograms[moment];
    if (encoded === undefined) continue;
    const histogram = decodeHistogram(encoded);
    const latency = latencyOf(histogram);
    histogram.destroy();
    if (latency === undefined) continue;
    figures[`${moment}MsP50`] = latency.p50;
    if (latency.p99 !== undefined) figures[`${moment}MsP99`] = latency.p99;
  }
  return figures;
}

function mergeErrors(reports: readonly StreamReport[]): {
  counts: Record<string, number>;
  examples: Record<string, string>;
} {
  const counts: Record<string, number> = {};
  const examples: Record<string, string> = {};
  for (const { errors } of reports) {
    for (const [code, { count, example }] of Object.entries(errors)) {
      counts[code] = (counts[code] ?? 0) + count;
      examples[code] ??= example;
    }
  }
  return { counts, examples };
}

function timelineOf(reports: readonly StreamReport[]): StreamResult['timeline'] {
  const seconds = Math.max(...reports.map(({ timeline }) => timeline.length));
  const timeline: StreamResult['timeline'] = {
    secondS: [],
    completed: [],
    failed: [],
    msP50: [],
    msP99: [],
  };
  for (let second = 0; second < seconds; second++) {
    const parts = reports.flatMap((report) => report.timeline[second] ?? []);
    const merged = mergeHistograms(parts.map(({ histogram }) => histogram));
    const ms = (percentile: number): number | null =>
      merged.totalCount === 0 ? null : merged.getValueAtPercentile(percentile) / nsPerMs;
    timeline.secondS.push(second);
    timeline.completed.push(sum(parts, ({ completed }) => completed));
    timeline.failed.push(sum(parts, ({ failed }) => failed));
    timeline.msP50.push(ms(50));
    timeline.msP99.push(merged.totalCount >= 100 ? ms(99) : null);
    merged.destroy();
  }
  return timeline;
}

function concatenate(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(sum(parts, ({ length }) => length));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function failureOf(parts: readonly StreamPart[]): Note {
  const all = parts.flatMap(({ examples }) => Object.entries(examples));
  // That the store is gone says more than what was seen of it before.
  const [code, message] = all.find(([each]) => each === lostCode) ?? all[0] ?? [];
  if (code !== undefined && message !== undefined) return { code, message };
  return { code: 'NO_ANSWER', message: 'not one request was answered inside the window' };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
