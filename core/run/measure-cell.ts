import { createHash } from 'node:crypto';
import { nowNs, timestamp } from '../clock.js';
import { BenchError, failureOf } from '../errors.js';
import type { AssignedLoad, StreamAssignment, WorkerAssignment } from '../load/assignment.js';
import type { CellOutcome, LoadCrew } from '../load/crew.js';
import { phasesOf } from '../load/phases.js';
import { endsRun } from '../load/request-budget.js';
import { identityOf } from '../plan/queries.js';
import { type PlannedStream, windowS } from '../plan/streams.js';
import type { Plan, PlannedCell } from '../plan.js';
import { deriveSeed } from '../random.js';
import type { Load, Note } from '../result.js';
import { nsPerS } from '../units.js';
import type { BuildContext, LiveBuild } from './build.js';
import type { CellWatch } from './cell-resources.js';
import { type CellFacts, type FinishedCell, failedCell, finishCell } from './cell-result.js';
import { sourceOf } from './open-store.js';
import type { Prepared } from './prepare.js';
import { type QueryOrders, queryOrders } from './query-orders.js';
import { placed, statedCounters } from './sample-figures.js';

/** What measuring a cell needs. */
export interface CellContext {
  readonly live: LiveBuild;
  readonly prepared: Prepared;
  readonly plan: Plan;
  readonly build: BuildContext;
  /** The load workers, or what stands between the cell and them. */
  readonly crew: Pick<LoadCrew, 'run'>;
  readonly attempt: number;
  /** Answers judged, over all workers; undefined judges all. */
  readonly maxJudged: number | undefined;
  /** Why the store of this build is gone, if it is. */
  readonly lost: Note | undefined;
  /** Client and engine have cores of their own. */
  readonly isolated: boolean;
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
    streams.map(({ name, operation, k, load, queries, filter, payload }) => [
      ...[name, operation, k, sorted(load)],
      ...(queries === undefined ? [] : [identityOf(queries)]),
      ...(filter === undefined ? [] : [{ filter }]),
      ...(payload === undefined ? [] : [{ payload }]),
    ]),
  ];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 16);
}

/**
 * A window is stretched to a full pass of the queries, but not further than this; ramps, spikes and
 * trials of a rate last as long as they say.
 */
export function longestWindowS({ streams, role }: PlannedCell, durationS: number): number {
  const fixed = streams.some(({ load: { kind } }) => {
    return kind === 'ramp' || kind === 'spike' || (role === 'trial' && kind === 'open');
  });
  return fixed ? durationS : Math.max(5 * durationS, durationS + 10);
}

/** Measures one cell: a cell that cannot be measured is returned with its reason, never thrown. */
export async function measureCell(cell: PlannedCell, context: CellContext): Promise<FinishedCell> {
  const { live, prepared, lost } = context;
  const orders = ordersOf(cell, context);
  const facts: CellFacts = {
    planned: cell,
    id: `${cell.id}-a${context.attempt}`,
    key: cellKey(cell, prepared.record.sha256),
    instance: live.record.instance,
    attempt: context.attempt,
    startedAt: timestamp(),
    seed: context.plan.seed,
    inProcess: cell.build.target.adapter.kind === 'embedded' && live.info.pids.length === 0,
    isolated: context.isolated,
    durationS: context.plan.suite.measure.durationS,
    judgeOf: prepared.judgeOf,
    filtered: prepared.filtered,
    queries: Object.fromEntries([...orders].map(([name, { record }]) => [name, record])),
  };
  if (lost !== undefined) return failedCell(facts, lost);
  const startedNs = nowNs();
  try {
    context.build.watching?.sampler?.watch(
      live.watched.subject({ cell: facts.id, phase: 'warm-up' }),
    );
    const outcome = await context.crew.run({
      assignments: assignmentsOf(cell, context, orders),
      processes: {
        serverPids: live.watched.pids,
        complete: isComplete(cell, live),
        hasNetwork: live.watched.hasNetwork,
      },
      signal: context.signal,
    });
    const watch = await watchOf(facts.id, context, outcome);
    return finishCell(facts, outcome, { ...watch, startedNs });
  } catch (error) {
    if (endsRun(error, context.signal) || !(error instanceof BenchError)) throw error;
    return failedCell(facts, failureOf(error));
  }
}

/** What was seen of the store's resources while a cell was measured, and after. */
async function watchOf(
  id: string,
  { live, build }: CellContext,
  { counters }: CellOutcome,
): Promise<CellWatch> {
  const { sampler } = build.watching ?? {};
  const taken = (await sampler?.take()) ?? [];
  return {
    samples: placed(taken, id, counters),
    hz: sampler?.hz ?? 0,
    counters: statedCounters(live.watched.metricNames),
    memory: live.watched.memoryAfter(counters?.lastedNs ?? 0),
  };
}

/** Whether all processor time of the store is known: its processes are, or it has none. */
function isComplete(cell: PlannedCell, { watched }: LiveBuild): boolean {
  return watched.pids.length > 0 || cell.build.target.adapter.kind === 'embedded';
}

/** By stream, the orders of queries that are not taken in turn. */
type Orders = ReadonlyMap<string, QueryOrders>;

function ordersOf({ streams }: PlannedCell, { prepared, plan }: CellContext): Orders {
  const { rows } = prepared.dataset.queries;
  const workers = workersOf(streams);
  const orders = new Map<string, QueryOrders>();
  for (const stream of streams) {
    const made = queryOrders(stream, { queries: rows, workers, seed: plan.seed });
    if (made !== undefined) orders.set(stream.name, made);
  }
  return orders;
}

function workersOf(streams: readonly PlannedStream[]): number {
  return Math.max(...streams.map(({ load }) => load.workers));
}

function assignmentsOf(
  cell: PlannedCell,
  context: CellContext,
  orders: Orders,
): WorkerAssignment[] {
  const { live, prepared, plan, build } = context;
  const { warmUpS } = plan.suite.measure;
  const durationS = windowS(cell.streams, plan.suite);
  const workers = workersOf(cell.streams);
  const passedAtNs = new Float64Array(new SharedArrayBuffer(workers * 8));
  const { target } = cell.build;
  return Array.from({ length: workers }, (_, worker) => ({
    source: sourceOf(target),
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
      ...(stream.filter && { filter: stream.filter }),
      ...(stream.payload && { payload: stream.payload }),
      load: assignedLoad(stream.load, worker, plan.suite.measure.durationS),
      ...orderOf(orders.get(stream.name), worker),
    })),
    timing: {
      warmUpNs: warmUpS * nsPerS,
      durationNs: durationS * nsPerS,
      maxDurationNs: longestWindowS(cell, durationS) * nsPerS,
      timeoutNs: build.timeoutNs,
    },
    worker,
    workers,
    passedAtNs,
    seed: deriveSeed(plan.seed, cell.id),
    maxJudged: context.maxJudged === undefined ? undefined : Math.ceil(context.maxJudged / workers),
    ...(target.budget !== undefined && { budget: target.budget }),
  }));
}

function orderOf(made: QueryOrders | undefined, worker: number): Pick<StreamAssignment, 'order'> {
  const order = made?.orders[worker];
  return order === undefined ? {} : { order };
}

function assignedLoad(load: Load, worker: number, durationS: number): AssignedLoad {
  const { workers, itemsPerRequest } = load;
  const share = (total: number): number =>
    Math.floor(total / workers) + (worker < total % workers ? 1 : 0);
  if (load.kind === 'closed') return { kind: 'closed', concurrency: share(load.concurrency ?? 1) };
  return {
    kind: 'open',
    arrivals: load.arrivals ?? 'constant',
    maxInFlight: share(load.maxInFlight ?? 1),
    pacer: load.pacer ?? 'sleep',
    phases: phasesOf(load, durationS).map((phase) => ({
      perS: phase.rateQps / itemsPerRequest,
      durationNs: phase.durationS * nsPerS,
    })),
  };
}
