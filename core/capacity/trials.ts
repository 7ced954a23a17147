import type { PlannedStream } from '../plan/streams.js';
import type { PlannedCell } from '../plan.js';
import type { Load } from '../result.js';
import type { TrialKind } from './rate-search.js';
import { requestsNeeded, type Slo } from './slo.js';

/** What the trials of a search for the highest rate are made by. */
export interface TrialPlan {
  readonly slo: Slo;
  /** Seconds that the whole search may take. */
  readonly budgetS: number;
  /** Queries in one request. */
  readonly itemsPerRequest: number;
}

/** How long a trial warms up and is measured. */
export interface TrialTiming {
  readonly warmUpS: number;
  readonly durationS: number;
}

const warmUpS = 0.3;
const shortestS = 1;
const shortestConfirmationS = 5;
/** Connecting, encoding bodies, the drain. */
const aroundS = 0.5;
/** A percentile is compared from ten times the requests that tell it (methodology rule 4). */
const confirmationFactor = 10;
/** Random arrivals may be fewer than their rate says. */
const margin = 1.2;
const longestTrialShare = 0.2;
const longestConfirmationShare = 0.15;

/** Seconds of the window of a trial at a rate, so that every percentile of the SLO is told. */
export function trialTiming(plan: TrialPlan, rateQps: number, kind: TrialKind): TrialTiming {
  const needed = queriesNeeded(plan) / rateQps;
  if (kind !== 'confirm') return { warmUpS, durationS: Math.max(shortestS, needed) };
  const wanted = Math.max(shortestConfirmationS, confirmationFactor * needed);
  const most = Math.max(longestConfirmationShare * plan.budgetS, needed);
  return { warmUpS, durationS: Math.min(wanted, most) };
}

/** Seconds that a trial takes in all. */
export function trialTakesS(plan: TrialPlan, rateQps: number, kind: TrialKind): number {
  return trialTiming(plan, rateQps, kind).durationS + warmUpS + aroundS;
}

/** The lowest rate of which a trial has its requests in a fifth of the budget. */
export function leastRateQps(plan: TrialPlan): number {
  return queriesNeeded(plan) / (longestTrialShare * plan.budgetS);
}

function queriesNeeded({ slo, itemsPerRequest }: TrialPlan): number {
  return margin * requestsNeeded(slo) * itemsPerRequest;
}

/** A planned cell as a trial: its first stream under an open load of that rate. */
export function trialCell(
  cell: PlannedCell,
  trial: { readonly number: number; readonly rateQps: number },
): PlannedCell {
  const rateQps = Number(trial.rateQps.toPrecision(6));
  return {
    ...withLoad(cell, (load) => ({ ...load, kind: 'open', rateQps })),
    id: `${cell.id}-t${trial.number}`,
    sequence: trial.number,
    role: 'trial',
  };
}

/** Callers of a probe: more than the store has in flight at once adds nothing but waiting. */
const mostCallers = 16;

/** A planned cell as a probe: a few callers without a pause, which tell about how much it does. */
export function probeCell(cell: PlannedCell, number: number): PlannedCell {
  const closed = ({ workers, itemsPerRequest, maxInFlight = 1 }: Load): Load => {
    const concurrency = Math.min(maxInFlight, Math.max(mostCallers, workers));
    return { kind: 'closed', concurrency, connections: concurrency, workers, itemsPerRequest };
  };
  const changed = withLoad(cell, closed);
  return { ...changed, id: `${cell.id}-t${number}`, sequence: number, role: 'trial' };
}

function withLoad(cell: PlannedCell, change: (load: Load) => Load): PlannedCell {
  const [first, ...others] = cell.streams as [PlannedStream, ...PlannedStream[]];
  return { ...cell, streams: [{ ...first, load: change(first.load) }, ...others] };
}
