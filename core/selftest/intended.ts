import type { Random } from '../random.js';
import { nsPerS } from '../units.js';

/** The arrivals that one worker was to make. */
export interface Arrivals {
  readonly kind: 'constant' | 'poisson';
  /** Requests a second, over all workers. */
  readonly perS: number;
  readonly worker: number;
  readonly workers: number;
  /** When the warm-up began. */
  readonly goNs: number;
  /** Nothing is intended from here on. */
  readonly endNs: number;
  /** Of this worker, for Poisson arrivals. */
  readonly random: Random;
}

/**
 * When one worker was to send, from the definition: evenly spaced requests dealt out to the workers
 * in turn, or exponential gaps by inversion, each worker with its share of the rate. It shares no
 * code with the schedule of the harness but the seeded random numbers.
 *
 * @returns nanoseconds in ascending order
 * @see Devroye, Non-Uniform Random Variate Generation (1986), section II.2, for the inversion
 */
export function intendedTimes(arrivals: Arrivals): number[] {
  const { kind, perS, worker, workers, goNs, endNs, random } = arrivals;
  const spacingNs = nsPerS / perS;
  const gapNs = (): number => -Math.log(1 - random()) * spacingNs * workers;
  const times: number[] = [];
  let atNs = kind === 'poisson' ? goNs + gapNs() : goNs + worker * spacingNs;
  while (Math.round(atNs) < endNs) {
    times.push(Math.round(atNs));
    const next = worker + times.length * workers;
    atNs = kind === 'poisson' ? atNs + gapNs() : goNs + next * spacingNs;
  }
  return times;
}
