import type { StreamReport } from '../load/assignment.js';
import { outcomes } from '../load/assignment.js';
import { type LoadPhase, phasesOf } from '../load/phases.js';
import { createHistogram, recordNs } from '../measure/histogram.js';
import { latencyOf } from '../measure/latency.js';
import type { Load, PhaseResult, StreamResult } from '../result.js';
import { quantile7 } from '../stats/quantile.js';
import { nsPerS } from '../units.js';
import { fellBehind } from './flags.js';

/** Requests are put together by this much of intended time to see a store recover. */
const binNs = nsPerS / 10;

interface Request {
  /** After the beginning of the window. */
  readonly intendedNs: number;
  readonly responseNs: number;
  readonly outcome: number;
}

interface Stretch extends LoadPhase {
  readonly beginNs: number;
  readonly endNs: number;
}

/** What a ramp or a spike came to, phase by phase. */
export type PhaseFigures = Pick<StreamResult, 'phases' | 'kneeQps' | 'recoveryS'>;

/**
 * The phases of a ramp or a spike: what was intended in each, what was answered in it, and the
 * response times of what was intended in it. Nothing for other loads.
 *
 * @param durationS the shortest window of the suite
 */
export function phaseFigures(
  load: Load,
  durationS: number,
  reports: readonly StreamReport[],
): PhaseFigures {
  if (load.kind !== 'ramp' && load.kind !== 'spike') return {};
  const requests = reports.flatMap(({ outcomes: values }) => requestsOf(values));
  const windowNs = Math.max(...reports.map((report) => report.windowNs));
  const stretches = stretchesOf(phasesOf(load, durationS), windowNs);
  const phases = stretches.map((stretch) => phaseOf(stretch, requests, load.itemsPerRequest));
  if (load.kind === 'ramp') {
    const first = phases.findIndex(({ saturated }) => saturated);
    const knee = phases[(first < 0 ? phases.length : first) - 1];
    return knee === undefined ? { phases } : { phases, kneeQps: knee.rateQps };
  }
  const recoveryS = recoveryOf(stretches, requests);
  return recoveryS === undefined ? { phases } : { phases, recoveryS };
}

function requestsOf(values: Float64Array | undefined): Request[] {
  if (values === undefined) return [];
  return Array.from({ length: values.length / 3 }, (_, index) => ({
    intendedNs: values[3 * index] as number,
    responseNs: values[3 * index + 1] as number,
    outcome: values[3 * index + 2] as number,
  }));
}

/** The phases that a window reached, the last one perhaps not whole. */
function stretchesOf(phases: readonly LoadPhase[], windowNs: number): Stretch[] {
  let beginNs = 0;
  return phases
    .map((phase) => {
      const stretch = { ...phase, beginNs, endNs: beginNs + phase.durationS * nsPerS };
      beginNs = stretch.endNs;
      return { ...stretch, endNs: Math.min(stretch.endNs, windowNs) };
    })
    .filter((stretch) => stretch.endNs > stretch.beginNs);
}

function phaseOf(stretch: Stretch, requests: readonly Request[], items: number): PhaseResult {
  const { name, rateQps, beginNs, endNs } = stretch;
  const holds = (ns: number): boolean => ns >= beginNs && ns < endNs;
  const histogram = createHistogram();
  const counts = [0, 0, 0];
  let offered = 0;
  let answered = 0;
  let handled = 0;
  for (const { intendedNs, responseNs, outcome } of requests) {
    if (holds(intendedNs + responseNs) && outcome !== outcomes.dropped) {
      handled += 1;
      if (outcome === outcomes.completed) answered += 1;
    }
    if (!holds(intendedNs)) continue;
    offered += 1;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
    recordNs(histogram, responseNs);
  }
  const response = latencyOf(histogram);
  histogram.destroy();
  const seconds = (endNs - beginNs) / nsPerS;
  return {
    name,
    rateQps,
    beginS: beginNs / nsPerS,
    durationS: seconds,
    offered,
    completed: counts[outcomes.completed] as number,
    failed: counts[outcomes.failed] as number,
    dropped: counts[outcomes.dropped] as number,
    throughputQps: (answered * items) / seconds,
    ...(response === undefined ? {} : { response }),
    saturated: fellBehind({ offered, handled, seconds, meanMs: response?.mean ?? 0 }),
  };
}

/**
 * How long after the burst the store was itself again: the end of the last tenth of a second, by
 * intended start, whose median response exceeds the p99 from before the burst.
 *
 * @returns seconds, 0 when the burst left no trace; undefined when the end was not seen
 */
function recoveryOf(stretches: readonly Stretch[], requests: readonly Request[]) {
  const [before, , after] = stretches;
  if (before === undefined || after === undefined) return undefined;
  const usual = binned(before, requests).flat();
  if (usual.length === 0) return undefined;
  const limitNs = quantile7(sorted(usual), 0.99);
  const isHit = (bin: readonly number[]): boolean =>
    bin.length > 0 && quantile7(sorted(bin), 0.5) > limitNs;
  const bins = binned(after, requests);
  const last = bins.findLastIndex(isHit);
  return last === bins.length - 1 ? undefined : ((last + 1) * binNs) / nsPerS;
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

/** The response times of what was intended in a stretch, by tenths of a second. */
function binned({ beginNs, endNs }: Stretch, requests: readonly Request[]): number[][] {
  const count = Math.ceil((endNs - beginNs) / binNs);
  const bins: number[][] = Array.from({ length: count }, () => []);
  for (const { intendedNs, responseNs } of requests) {
    if (intendedNs < beginNs || intendedNs >= endNs) continue;
    bins[Math.floor((intendedNs - beginNs) / binNs)]?.push(responseNs);
  }
  return bins;
}
