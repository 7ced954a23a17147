import { createHash } from 'node:crypto';
import { timestamp } from '../clock.js';
import { BenchError, codeOf, messageOf } from '../errors.js';
import type { WorkerAssignment } from '../load/assignment.js';
import type { LoadCrew } from '../load/crew.js';
import type { Plan, PlannedCell, PlannedStream } from '../plan.js';
import { deriveSeed } from '../random.js';
import type { Note } from '../result.js';
import { nsPerS } from '../units.js';
import type { BuildContext, LiveBuild } from './build.js';
import { type CellFacts, type FinishedCell, failedCell, finishCell } from './cell-result.js';
import type { Prepared } from './prepare.js';

/** What measuring a cell needs. */
export interface CellContext {
  readonly live: LiveBuild;
  readonly prepared: Prepared;
  readonly plan: Plan;
  readonly build: BuildContext;
  readonly crew: LoadCrew;
  readonly attempt: number;
  /** Answers judged, over all workers; undefined judges all. */
  readonly maxJudged: number | undefined;
  /** Why the store of this build is gone, if it is. */
  readonly lost: Note | undefined;
  readonly signal: AbortSignal;
}

/**
 * A name for what is measured, the same in every run: the hash of dataset, index, search, load and
 * stream, without target, seed, repeat and attempt.
 */
export function cellKey(cell: PlannedCell, sha256: string): string {
  const { build, search, streams } = cell;
  const sorted = (value: object) => Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  const identity = [
    sha256,
    build.support.family,
    sorted(build.params),
    sorted(search),
    streams.map(({ name, operation, k, load }) => [name, operation, k, sorted(load)]),
  ];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 16);
}

/** A window is stretched to a full pass of the queries, but not further than this. */
function longestWindowS(durationS: number): number {
  return Math.max(5 * durationS, durationS + 10);
}

/** Measures one cell: a cell that cannot be measured is returned with its reason, never thrown. */
export async function measureCell(cell: PlannedCell, context: CellContext): Promise<FinishedCell> {
  const { live, prepared, lost } = context;
  const facts: CellFacts = {
    planned: cell,
    id: `${cell.id}-a${context.attempt}`,
    key: cellKey(cell, prepared.record.sha256),
    instance: live.record.instance,
    attempt: context.attempt,
    startedAt: timestamp(),
    seed: context.plan.seed,
    inProcess: cell.build.target.adapter.kind === 'embedded' && live.info.pids.length === 0,
    judgeOf: prepared.judgeOf,
  };
  if (lost !== undefined) return failedCell(facts, lost);
  try {
    const outcome = await context.crew.run({
      assignments: assignmentsOf(cell, context),
      serverPids: live.info.pids,
      signal: context.signal,
    });
    return finishCell(facts, outcome);
  } catch (error) {
    if (context.signal.aborted || !(error instanceof BenchError)) throw error;
    return failedCell(facts, { code: codeOf(error), message: messageOf(error) });
  }
}

function assignmentsOf(cell: PlannedCell, context: CellContext): WorkerAssignment[] {
  const { live, prepared, plan, build } = context;
  const { warmUpS, durationS } = plan.suite.measure;
  const workers = Math.max(...cell.streams.map(({ load }) => load.workers));
  const passedAtNs = new Float64Array(new SharedArrayBuffer(workers * 8));
  const { target } = cell.build;
  return Array.from({ length: workers }, (_, worker) => ({
    adapterUrl: target.adapterUrl,
    options: target.options,
    namespace: `bench_${build.runId.replaceAll('-', '_')}`,
    handle: live.handle,
    queries: live.queries,
    truth: prepared.truth,
    streams: cell.streams.map((stream) => ({
      name: stream.name,
      operation: stream.operation,
      k: stream.k,
      batch: stream.load.itemsPerRequest,
      params: cell.search,
      load: { kind: 'closed' as const, concurrency: shareOf(stream, worker, workers) },
    })),
    timing: {
      warmUpNs: warmUpS * nsPerS,
      durationNs: durationS * nsPerS,
      maxDurationNs: longestWindowS(durationS) * nsPerS,
      timeoutNs: build.timeoutNs,
    },
    worker,
    workers,
    passedAtNs,
    seed: deriveSeed(plan.seed, cell.id),
    maxJudged: context.maxJudged === undefined ? undefined : Math.ceil(context.maxJudged / workers),
  }));
}

/** The callers of one worker: the concurrency of a stream is that of all its workers together. */
function shareOf(stream: PlannedStream, worker: number, workers: number): number {
  const concurrency = stream.load.concurrency ?? 1;
  return Math.floor(concurrency / workers) + (worker < concurrency % workers ? 1 : 0);
}
