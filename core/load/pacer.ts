import type { Clock } from '../clock.js';

/** How a pacer waits. */
export type PacerKind = 'sleep' | 'spin';

// Long waits are cut, so that the end of a window is seen.
const longestWaitNs = 50_000_000;
// A turn of the event loop in which nothing else had to be done.
const idleTurnNs = 20_000;

/**
 * Waits for the next request of an open load. `sleep` takes a timer, which wakes up to some 1.1 ms
 * late, and costs nothing meanwhile. `spin` looks again in every turn of the event loop: it wakes
 * within microseconds and takes a whole core.
 */
export class Pacer {
  /** Time that a spinning pacer had to spare, nanoseconds. */
  spareNs = 0;
  readonly #clock: Clock;
  readonly #kind: PacerKind;

  constructor(clock: Clock, kind: PacerKind) {
    this.#clock = clock;
    this.#kind = kind;
  }

  /** Resolves when the time has come, or earlier after 50 ms. */
  async wait(untilNs: number): Promise<void> {
    const clock = this.#clock;
    let beforeNs = clock.now();
    const soonNs = Math.min(untilNs, beforeNs + longestWaitNs);
    if (this.#kind === 'sleep' && soonNs > beforeNs) return clock.sleepUntil(soonNs);
    // At least one turn, so that answers are taken.
    do {
      await clock.yield();
      const nowNs = clock.now();
      if (nowNs - beforeNs < idleTurnNs) this.spareNs += nowNs - beforeNs;
      beforeNs = nowNs;
    } while (beforeNs < soonNs);
  }
}
