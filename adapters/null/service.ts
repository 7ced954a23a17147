import type { Clock } from '../../core/clock.js';
import type { Random } from '../../core/random.js';
import type { ServiceLogWriter } from '../../core/selftest/service-log.js';
import { nsPerMs } from '../../core/units.js';
import { delayNs } from './law.js';
import type { ServiceOptions } from './options.js';

/** The code of requests that fail by `errorFraction`. */
export const failureCode = 'NULL_FAILURE';

// Fractions are counted in millionths, so that their sums are exact.
const whole = 1_000_000;

/** What a service draws on. */
export interface ServiceSources {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: ServiceLogWriter | undefined;
}

interface Stall {
  readonly beginNs: number;
  readonly endNs: number;
}

/**
 * The server side of a null store: lets requests wait for a place, then for as long as the law
 * says, then for the end of every stall that they meet. A request that fails takes the same time.
 */
export class Service {
  readonly #options: ServiceOptions;
  readonly #sources: ServiceSources;
  readonly #takesTime: boolean;
  readonly #failing: number;
  readonly #queue: (() => void)[] = [];
  #stalls: readonly Stall[] | undefined;
  #busy = 0;
  #failureDue = 0;

  constructor(options: ServiceOptions, sources: ServiceSources) {
    this.#options = options;
    this.#sources = sources;
    this.#takesTime = options.law !== 'none' || options.stalls.length > 0;
    this.#failing = Math.round(options.errorFraction * whole);
  }

  /**
   * Serves one request; what ends at once is given without a promise.
   *
   * @returns whether it is answered: of n requests floor(n errorFraction) are not
   */
  serve(): boolean | Promise<boolean> {
    const { clock, log } = this.#sources;
    if (this.#takesTime) return this.#serveInTime(clock.now());
    if (log === undefined) return this.#succeeds();
    const arrivedNs = clock.now();
    const place = log.arrive(arrivedNs);
    const ok = this.#succeeds();
    log.end(place, { beganNs: arrivedNs, endedNs: clock.now(), ok });
    return ok;
  }

  async #serveInTime(arrivedNs: number): Promise<boolean> {
    const { clock, log } = this.#sources;
    const place = log?.arrive(arrivedNs) ?? -1;
    const ok = this.#succeeds();
    this.#stalls ??= stallsFrom(this.#options, arrivedNs);
    await this.#takePlace();
    const beganNs = clock.now();
    await clock.sleepUntil(this.#endOf(beganNs));
    this.#leavePlace();
    log?.end(place, { beganNs, endedNs: clock.now(), ok });
    return ok;
  }

  #succeeds(): boolean {
    this.#failureDue += this.#failing;
    if (this.#failureDue < whole) return true;
    this.#failureDue -= whole;
    return false;
  }

  #takePlace(): Promise<void> | undefined {
    if (this.#busy < (this.#options.concurrency ?? Number.POSITIVE_INFINITY)) {
      this.#busy += 1;
      return undefined;
    }
    return new Promise((resolve) => this.#queue.push(resolve));
  }

  /** Hands the place to the request that has waited longest. */
  #leavePlace(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#busy -= 1;
    else next();
  }

  #endOf(beganNs: number): number {
    let endNs = beganNs + delayNs(this.#options, this.#sources.random);
    for (const stall of this.#stalls ?? []) {
      if (beganNs < stall.endNs && endNs >= stall.beginNs) endNs = Math.max(endNs, stall.endNs);
    }
    return endNs;
  }
}

/** The stalls in the order of their beginnings, so that the end of one may lie in the next. */
function stallsFrom({ stalls }: ServiceOptions, firstNs: number): Stall[] {
  return stalls
    .map(({ atMs, forMs }) => {
      const beginNs = firstNs + atMs * nsPerMs;
      return { beginNs, endNs: beginNs + forMs * nsPerMs };
    })
    .sort((a, b) => a.beginNs - b.beginNs);
}
