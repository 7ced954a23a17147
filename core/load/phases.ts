import type { Load } from '../result.js';

/** A part of an open load with a rate of its own. */
export interface LoadPhase {
  readonly name: string;
  /** Queries a second in all, over all workers. */
  readonly rateQps: number;
  readonly durationS: number;
}

/**
 * The phases of a load in order: one for an open load, a step each for a ramp (each rate the one
 * before times one factor), three for a spike. A closed load has none.
 *
 * @param durationS the shortest window of the suite, for an open load
 */
export function phasesOf(load: Load, durationS: number): LoadPhase[] {
  if (load.kind === 'open') return [{ name: 'open', rateQps: load.rateQps ?? 0, durationS }];
  if (load.kind === 'ramp') return rampPhases(load, durationS);
  if (load.kind === 'spike') {
    const { baseQps = 0, burstQps = 0, burstS = 0, beforeS, afterS } = load;
    return [
      { name: 'before', rateQps: baseQps, durationS: beforeS ?? durationS },
      { name: 'burst', rateQps: burstQps, durationS: burstS },
      { name: 'after', rateQps: baseQps, durationS: afterS ?? durationS },
    ];
  }
  return [];
}

function rampPhases({ fromQps = 0, toQps = 0, steps = 2, stepS }: Load, durationS: number) {
  const factor = (toQps / fromQps) ** (1 / (steps - 1));
  return Array.from({ length: steps }, (_, step) => ({
    name: `step-${step}`,
    // The last rate is the one that was asked for, whatever the powers round to.
    rateQps: step === steps - 1 ? toQps : fromQps * factor ** step,
    durationS: stepS ?? durationS,
  }));
}

/** How long the window of a load lasts, in seconds; undefined where the suite says. */
export function fixedDurationS(load: Load, durationS: number): number | undefined {
  if (load.kind !== 'ramp' && load.kind !== 'spike') return undefined;
  return phasesOf(load, durationS).reduce((sum, phase) => sum + phase.durationS, 0);
}

/** A load in a few words: `closed 4`, `open 2000/s poisson`, `ramp 100..800/s`. */
export function describeLoad(load: Load): string {
  const arrivals = load.arrivals === 'poisson' ? ' poisson' : '';
  const words: Record<Load['kind'], string> = {
    closed: `closed ${load.concurrency ?? ''}`,
    open: `open ${load.rateQps ?? ''}/s${arrivals}`,
    ramp: `ramp ${load.fromQps ?? ''}..${load.toQps ?? ''}/s${arrivals}`,
    spike: `spike ${load.baseQps ?? ''}>${load.burstQps ?? ''}/s for ${load.burstS} s${arrivals}`,
  };
  const batch = load.itemsPerRequest > 1 ? `, batch ${load.itemsPerRequest}` : '';
  return `${words[load.kind]}${batch}`;
}
