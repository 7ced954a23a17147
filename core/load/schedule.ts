import type { Random } from '../random.js';
import { nsPerS } from '../units.js';

/** From `beginNs` on requests come at this rate, until the next segment begins. */
export interface RateSegment {
  readonly beginNs: number;
  /** Requests a second, over all workers. */
  readonly perS: number;
}

/** What a schedule is made of. */
export interface ScheduleOptions {
  /** At least one, by rising time; the last has no end. */
  readonly segments: readonly RateSegment[];
  readonly arrivals: 'constant' | 'poisson';
  /** Which worker, counted from 0, of how many. */
  readonly worker: number;
  readonly workers: number;
  /** For Poisson arrivals; each worker has its own. */
  readonly random: Random;
}

/**
 * When the requests of one worker are to start. Time is counted in expected arrivals: constant
 * arrivals are at the whole numbers, dealt out to the workers in turn, so that all together come
 * evenly; Poisson arrivals are exponential gaps apart, each worker with its share of the rate, so
 * that all together are Poisson too.
 *
 * @see Lewis and Shedler, Simulation of Nonhomogeneous Poisson Processes by Thinning (1979), on
 *   time transformation by the integrated rate
 */
export class Schedule {
  /** The intended start of the next request, whole nanoseconds. */
  nextNs = 0;
  readonly #options: ScheduleOptions;
  #segment = 0;
  /** Expected arrivals before the segment, and until the next request. */
  #before = 0;
  #position: number;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.#position = options.arrivals === 'constant' ? options.worker : this.#gap();
    this.#settle();
  }

  /** Goes on to the request after this one. */
  advance(): void {
    this.#position += this.#gap();
    this.#settle();
  }

  #gap(): number {
    const { arrivals, workers, random } = this.#options;
    return arrivals === 'constant' ? workers : -workers * Math.log(1 - random());
  }

  #settle(): void {
    const { segments } = this.#options;
    let current = segments[this.#segment] as RateSegment;
    for (;;) {
      const next = segments[this.#segment + 1];
      if (next === undefined) break;
      const held = ((next.beginNs - current.beginNs) * current.perS) / nsPerS;
      // A whole number of arrivals must not fall into the segment before by rounding.
      if (this.#position < this.#before + held - 1e-9) break;
      this.#before += held;
      this.#segment += 1;
      current = next;
    }
    const inside = Math.max(this.#position - this.#before, 0);
    this.nextNs = Math.round(current.beginNs + (inside * nsPerS) / current.perS);
  }
}
