import type { StreamReport, WorkerReport } from '../load/assignment.js';
import type { CellOutcome } from '../load/crew.js';
import type { WindowCounters } from '../load/window-watch.js';
import { mergeHistograms } from '../measure/histogram.js';
import { usableCores } from '../resources/process.js';
import type { Latency, Note, OperationResult, StreamResult } from '../result.js';
import { median } from '../stats/quantile.js';
import { steadiness } from '../stats/steady.js';
import { nsPerMs, nsPerS } from '../units.js';

/** A stream of a cell as it is judged. */
export interface JudgedStream {
  readonly result: StreamResult;
  readonly operation: OperationResult;
  /** Of each worker. */
  readonly reports: readonly StreamReport[];
  /** An example of each error. */
  readonly examples: Readonly<Record<string, string>>;
}

/** What a cell is judged by. */
export interface JudgedCell {
  readonly streams: readonly JudgedStream[];
  readonly outcome: CellOutcome;
  /** The store works in the client's own thread, so its load is not the client's. */
  readonly inProcess: boolean;
  /** Client and engine had cores of their own. */
  readonly isolated: boolean;
}

/** What is to be said of a cell beside its figures (methodology rules 8 to 12). */
export interface Flags {
  readonly invalid: Note[];
  readonly saturated: boolean;
  readonly clientLimited: boolean;
  readonly pacerLimited: boolean;
  readonly warnings: Note[];
}

const lagLimitMs = 1.5;
const lagShare = 0.1;
const throttledShare = 0.01;
const otherCpuShare = 0.05;
/** The kernel tells processor time in steps that are too coarse below. */
const hostWindowNs = nsPerS;
/** Utilisation of a worker's event loop above which the client is the limit. */
const clientLimit = 0.9;
const fewQueries = 100;
const fewRequests = 1000;
const longPauseMs = 10;
/** Below this many seconds steadiness is judged by fifths of a second. */
const shortWindowS = 5;
/** A window of the steadiness test holds at least so many requests on average. */
const requestsPerWindow = 20;

/** Judges a finished cell. */
export function flagsOf(cell: JudgedCell): Flags {
  const { streams, outcome } = cell;
  const saturated = streams.map(isSaturated);
  return {
    invalid: [
      ...streams.flatMap((stream, index) => lagOf(stream, saturated[index] === true)),
      ...clientThrottling(outcome.counters),
      ...(outcome.ended?.code === 'WORKER_FAILED' ? [{ ...outcome.ended }] : []),
    ],
    saturated: saturated.includes(true),
    clientLimited: !cell.inProcess && isClientLimited(outcome),
    pacerLimited: streams.some(({ operation }) => isPacerLimited(operation.latencyMs)),
    warnings: [
      ...streams.flatMap(streamWarnings),
      ...(cell.inProcess ? [] : clientWarnings(outcome.reports)),
      ...machineWarnings(cell),
    ],
  };
}

function lagOf({ result, operation, reports }: JudgedStream, saturated: boolean): Note[] {
  const notes: Note[] = [];
  const lagMs = p99MsOf(reports, 'pacerLag');
  const limitMs = Math.max(lagLimitMs, lagShare * p99MsOf(reports, 'response'));
  if (lagMs > limitMs) {
    const late = `requests were fired ${lagMs.toFixed(2)} ms late (p99)`;
    const message = `${result.name}: ${late}, more than ${limitMs.toFixed(2)} ms`;
    notes.push({ code: 'PACER_LAG', message });
  }
  const { dropped } = operation.requests;
  // What a store that cannot keep up leaves in line is the store's.
  if (dropped > 0 && !saturated) {
    const message = `${result.name}: ${dropped} requests were never sent`;
    notes.push({ code: 'DROPPED', message });
  }
  return notes;
}

/** Of however few requests there are: the harness is judged by what it did. */
function p99MsOf(reports: readonly StreamReport[], moment: 'pacerLag' | 'response'): number {
  const parts = reports.flatMap(({ histograms }) => histograms[moment] ?? []);
  if (parts.length === 0) return 0;
  const merged = mergeHistograms(parts);
  const ms = merged.getValueAtPercentile(99) / nsPerMs;
  merged.destroy();
  return ms;
}

function clientThrottling(counters: WindowCounters | undefined): Note[] {
  const share = counters?.clientThrottled ?? 0;
  if (share <= throttledShare) return [];
  const message = `a control group held the client for ${percent(share)} of the window`;
  return [{ code: 'THROTTLED', message }];
}

/**
 * Whether the store did not keep up: less than 0.99 of what was offered was handled inside the
 * window, and the backlog grew by more than the number in flight varies by chance. Requests that
 * failed at once were handled, those that timed out were not.
 */
function isSaturated({ operation, result, reports }: JudgedStream): boolean {
  if (result.phases?.some(({ saturated }) => saturated)) return true;
  if (result.load.kind === 'closed') return false;
  const { offered, failed } = operation.requests;
  const answered = reports.reduce((sum, report) => sum + report.answered.requests, 0);
  const handled = answered + failed - (operation.errors.TIMEOUT ?? 0);
  const seconds = Math.max(...reports.map(({ windowNs }) => windowNs)) / nsPerS;
  const meanMs = operation.latencyMs.response?.mean ?? 0;
  return fellBehind({ offered, handled, seconds, meanMs });
}

/** Requests offered to a store and handled by it in a stretch of time. */
export interface Balance {
  readonly offered: number;
  readonly handled: number;
  readonly seconds: number;
  /** Mean response time. */
  readonly meanMs: number;
}

/**
 * Whether a store fell behind: it handled less than 0.99 of what was offered, by more than three
 * standard deviations of the difference of two Poisson counts in flight.
 *
 * @see Little, A Proof for the Queuing Formula L = λW (1961), for the mean number in flight
 */
export function fellBehind({ offered, handled, seconds, meanMs }: Balance): boolean {
  if (offered === 0 || seconds <= 0) return false;
  const inFlight = (offered / seconds) * (meanMs / 1000);
  return offered - handled > Math.max(0.01 * offered, 1 + 3 * Math.sqrt(2 * inFlight));
}

function isClientLimited({ reports, counters }: CellOutcome): boolean {
  if (reports.some(({ resources }) => resources.eventLoopUtilization > clientLimit)) return true;
  if (counters === undefined) return false;
  return (counters.clientCpuUs * 1000) / counters.lastedNs > clientLimit * usableCores();
}

function isPacerLimited({ pacerLag, response }: OperationResult['latencyMs']): boolean {
  if (pacerLag === undefined || response === undefined) return false;
  return pacerLag.p50 > lagShare * response.p50;
}

/** The percentiles of response to which the pacer's own lag adds more than a tenth. */
export function pacerLimitedPercentiles(lag: Latency, response: Latency): string[] {
  const names = ['p50', 'p90', 'p95', 'p99', 'p999'] as const;
  return names.filter((name) => (lag[name] ?? 0) > lagShare * (response[name] ?? Infinity));
}

function streamWarnings(stream: JudgedStream): Note[] {
  const { operation, examples, result } = stream;
  const { name } = result;
  const notes: Note[] = Object.entries(operation.errors).map(([code, count]) => ({
    code: 'ERRORS',
    message: `${name}: ${count} requests failed with ${code}: ${examples[code]}`,
  }));
  const { dropped } = operation.requests;
  if (dropped > 0) {
    const message = `${name}: ${dropped} requests still waited when the drain was over`;
    notes.push({ code: 'NEVER_SENT', message });
  }
  const count = operation.latencyMs.service?.count ?? 0;
  if (count < fewRequests) {
    const message = `${name}: ${count} requests are too few for a p99 (1,000)`;
    notes.push({ code: 'FEW_SAMPLES', message });
  }
  return [...notes, ...steadinessWarnings(stream), ...recallWarnings(stream)];
}

function recallWarnings({ operation, result }: JudgedStream): Note[] {
  const { recall } = operation;
  if (recall === undefined) return [];
  const notes: Note[] = [];
  if (recall.queries < fewQueries) {
    const message = `${result.name}: recall rests on ${recall.queries} distinct queries`;
    notes.push({ code: 'FEW_QUERIES', message });
  }
  if (recall.coverage < 1) {
    const message = `${result.name}: the window covered ${percent(recall.coverage)} of the queries`;
    notes.push({ code: 'COVERAGE', message });
  }
  return notes;
}

/** Each worker is judged by itself, so that no percentiles are mixed; the first one is told. */
function steadinessWarnings({ result, reports }: JudgedStream): Note[] {
  if (result.load.kind === 'ramp' || result.load.kind === 'spike') return [];
  for (const report of reports) {
    const found = steadiness(windowsOf(report, result.load.kind));
    if (found === undefined || found.steady) continue;
    const what = result.load.kind === 'closed' ? 'throughput' : 'median response';
    const message =
      found.why === 'trend'
        ? `${what} changed by ${percent(found.changeFraction ?? 0)} over the window`
        : `${what} was more than 50 % off its median for a while`;
    return [{ code: 'NOT_STEADY', message: `${result.name}: ${message}` }];
  }
  return [];
}

/** Requests ended in each window of a closed load; of an open one the median of the medians. */
function windowsOf(report: StreamReport, kind: 'closed' | 'open'): number[] {
  const { slices, windowNs } = report;
  const ended = slices.reduce((sum, slice) => sum + slice.ended, 0);
  const least = windowNs < shortWindowS * nsPerS ? 1 : 5;
  const size = Math.max(least, Math.ceil((requestsPerWindow * slices.length) / Math.max(ended, 1)));
  const windows: number[] = [];
  for (let from = 0; from + size <= slices.length; from += size) {
    const part = slices.slice(from, from + size);
    const medians = part.flatMap(({ p50Ns }) => p50Ns ?? []);
    if (kind === 'closed') windows.push(part.reduce((sum, slice) => sum + slice.ended, 0));
    else if (medians.length > 0) windows.push(median(medians));
  }
  return windows;
}

function clientWarnings(reports: readonly WorkerReport[]): Note[] {
  const notes: Note[] = [];
  const worst = (of: (report: WorkerReport) => number): number => Math.max(...reports.map(of));
  const delayMs = worst(({ resources }) => resources.loopDelayMsP99);
  if (delayMs > longPauseMs) {
    const message = `the load worker's event loop was late by ${delayMs.toFixed(1)} ms (p99)`;
    notes.push({ code: 'LOOP_DELAY', message });
  }
  const pauseMs = worst(({ resources }) => resources.gcPauseMsMax);
  if (pauseMs > longPauseMs) {
    const message = `a garbage collection held the load worker for ${pauseMs.toFixed(1)} ms`;
    notes.push({ code: 'GC_PAUSE', message });
  }
  return notes;
}

function machineWarnings({ outcome, inProcess, isolated }: JudgedCell): Note[] {
  const counters: Partial<WindowCounters> = outcome.counters ?? {};
  const { stealFraction = 0, foreignCpuFraction = 0, lastedNs = 0 } = counters;
  const notes: Note[] = [];
  if (lastedNs >= hostWindowNs && stealFraction > otherCpuShare) {
    const message = `the hypervisor took ${percent(stealFraction)} of the processor time`;
    notes.push({ code: 'HOST_STEAL', message });
  }
  if (lastedNs >= hostWindowNs && foreignCpuFraction > otherCpuShare) {
    const message = `other processes took ${percent(foreignCpuFraction)} of the processor time`;
    notes.push({ code: 'FOREIGN_CPU', message });
  }
  const { serverThrottled = 0, serverCpuUs } = counters;
  if (serverThrottled > throttledShare) {
    const message = `a control group held the store for ${percent(serverThrottled)} of the window`;
    notes.push({ code: 'ENGINE_THROTTLED', message });
  }
  if (!inProcess && !isolated && serverCpuUs !== undefined) {
    const message = 'client and store were free to use the same cores';
    notes.push({ code: 'SHARED_CORES', message });
  }
  return notes;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
