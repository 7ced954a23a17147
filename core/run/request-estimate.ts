import type { CapacityTask } from '../capacity/find.js';
import { requestsNeeded } from '../capacity/slo.js';
import { rehearsalOf } from '../load/crew.js';
import { phasesOf } from '../load/phases.js';
import { batchRows } from '../plan/batch-rows.js';
import { type PlannedStream, windowS } from '../plan/streams.js';
import type { Plan, PlannedCell } from '../plan.js';
import { nsPerS } from '../units.js';
import { groupsOf } from './capacities.js';
import { filterName } from './filtered-truth.js';
import { longestWindowS } from './measure-cell.js';
import { verifiesSelves, verifyingSearches } from './verify.js';

/** How few and how many requests there may be. */
interface Range {
  readonly least: number;
  readonly most: number;
}

/** What closed loads send depends on the store; this is taken where an answer takes so long. */
export const assumedAnswerS = 0.01;

/**
 * What a plan sends to some of its targets, every cell once: inserts and searches, each a request,
 * however many queries it holds. What a search for the highest rate sends is in none of them.
 */
export interface RequestEstimate {
  readonly builds: number;
  /** Batches of rows, all indexes together. */
  readonly inserts: number;
  /** Searches before anything is timed. */
  readonly verifying: Range;
  /**
   * Searches of open loads, with their warm-up: the least when no window is stretched to a full
   * pass of the queries, the most when all are, as far as they may be.
   */
  readonly scheduled: Range & { readonly cells: number };
  /** Closed loads send as many as the store answers. */
  readonly closed: {
    readonly cells: number;
    /** Seconds of warm-up and windows, by connections: 2 s on 4 connections are 8. */
    readonly connectionS: number;
    /** Searches, when each is answered in {@link assumedAnswerS}; each query once at least. */
    readonly assumed: number;
  };
  /** A search for the highest rates, in place of all cells. */
  readonly capacity?: {
    /** Of searching, at most. */
    readonly seconds: number;
    /** That one trial of every setting sends. */
    readonly least: number;
  };
}

/** @param targets the names of those that are asked for */
export function estimateRequests(
  plan: Plan,
  targets: readonly string[],
  task?: CapacityTask,
): RequestEstimate {
  const isAsked = ({ target }: { target: { name: string } }) => targets.includes(target.name);
  const builds = plan.builds.filter(isAsked);
  const cells = plan.cells.filter(({ build }) => isAsked(build));
  const { rows, queries, metric } = plan.dataset;
  const own = builds.filter(({ target }) => target.attach === undefined);
  return {
    builds: builds.length,
    inserts: own.length * Math.ceil(rows / batchRows(plan.dataset)),
    verifying: sumOf(
      builds.map((build) => {
        const filters = filtersOf(cells.filter((cell) => cell.build === build));
        const selves = verifiesSelves(metric, build.target);
        return verifyingSearches({ queries, filters, selves });
      }),
    ),
    scheduled: scheduledOf(plan, task === undefined ? cells : []),
    closed: closedOf(plan, task === undefined ? cells : []),
    ...(task !== undefined && { capacity: capacityOf(cells, task) }),
  };
}

/** Requests whose number the plan fixes, at least. */
export function leastRequests({ inserts, verifying, scheduled, capacity }: RequestEstimate) {
  return inserts + verifying.least + scheduled.least + (capacity?.least ?? 0);
}

function sumOf(ranges: readonly Range[]): Range {
  const total = (of: (range: Range) => number) => ranges.reduce((sum, one) => sum + of(one), 0);
  return { least: total(({ least }) => least), most: total(({ most }) => most) };
}

function filtersOf(cells: readonly PlannedCell[]): number {
  const all = cells.flatMap(({ streams }) => streams.flatMap(({ filter }) => filter ?? []));
  return new Set(all.map(filterName)).size;
}

function scheduledOf(plan: Plan, cells: readonly PlannedCell[]): RequestEstimate['scheduled'] {
  const open = cells.filter(({ streams }) => streams.some(isOpen));
  const { suite } = plan;
  const { warmUpS, durationS } = suite.measure;
  const rehearsalS = rehearsalOf(durationS * nsPerS) / nsPerS;
  const sent = ({ streams }: PlannedCell, warmS: number, lastS: number): number =>
    streams.filter(isOpen).reduce((total, stream) => {
      return total + sentBy(stream, { warmS, lastS, durationS });
    }, 0);
  const { least, most } = sumOf(
    open.map((cell) => ({
      least: sent(cell, warmUpS, windowS(cell.streams, suite)),
      most: sent(cell, warmUpS + rehearsalS, longestS(cell, plan)),
    })),
  );
  return { cells: open.length, least: Math.floor(least), most: Math.ceil(most) };
}

function isOpen({ load }: PlannedStream): boolean {
  return load.kind !== 'closed';
}

/** Windows are stretched where a stream takes its queries in turn. */
function longestS(cell: PlannedCell, { suite }: Plan): number {
  const shortest = windowS(cell.streams, suite);
  const isStretched = cell.streams.some(({ queries }) => queries === undefined);
  return isStretched ? longestWindowS(cell, shortest) : shortest;
}

interface Seconds {
  readonly warmS: number;
  /** Of the window. */
  readonly lastS: number;
  /** That a phase has when its load does not say. */
  readonly durationS: number;
}

/** The warm-up has the rate of the first phase; the last phase goes on until the window ends. */
function sentBy({ load }: PlannedStream, { warmS, lastS, durationS }: Seconds): number {
  const phases = phasesOf(load, durationS);
  const inPhases = phases.reduce((sum, phase) => sum + phase.rateQps * phase.durationS, 0);
  const phasesS = phases.reduce((sum, phase) => sum + phase.durationS, 0);
  const before = (phases[0]?.rateQps ?? 0) * warmS;
  const after = (phases.at(-1)?.rateQps ?? 0) * Math.max(0, lastS - phasesS);
  return (before + inPhases + after) / load.itemsPerRequest;
}

function closedOf(plan: Plan, cells: readonly PlannedCell[]): RequestEstimate['closed'] {
  const { suite, dataset } = plan;
  let connectionS = 0;
  let assumed = 0;
  const closed = cells.filter(({ streams }) => !streams.every(isOpen));
  for (const { streams } of closed) {
    const seconds = suite.measure.warmUpS + windowS(streams, suite);
    for (const { load, queries } of streams.filter((stream) => !isOpen(stream))) {
      const pass = queries === undefined ? Math.ceil(dataset.queries / load.itemsPerRequest) : 0;
      connectionS += load.connections * seconds;
      assumed += Math.max(pass, Math.round((load.connections * seconds) / assumedAnswerS));
    }
  }
  return { cells: closed.length, connectionS, assumed };
}

function capacityOf(cells: readonly PlannedCell[], { slo, budgetS, tune }: CapacityTask) {
  const groups = groupsOf(cells, tune).length;
  return { seconds: groups * budgetS, least: groups * requestsNeeded(slo) };
}
