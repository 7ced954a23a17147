import type { Clock } from '../clock.js';

/** How a pacer waits. */
export type PacerKind = 'sleep' | 'spin';

// Long waits are cut, so that the end of a window is seen.
const longestWaitNs = 50_000_000;
// A turn of the event loop in which nothing else had to be done.
const idleTurnNs = 20_000;
// A turn leaves garbage: taking one after the other, collecting it would hold up one request in
// thirty. Answers are seen this much later at most.
const betweenTurnsNs = 10_000;

/**
 * Waits for the next request of an open load. `sleep` takes a timer, which wakes up to some 1.1 ms
 * late, and costs nothing meanwhile. `spin` never stops looking at the clock, and lets the event
 * loop have a turn every 10 us: it wakes within microseconds and takes a whole core.
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
  wait(untilNs: number): Promise<void> {
    const nowNs = this.#clock.now();
    const soonNs = Math.min(untilNs, nowNs + longestWaitNs);
    if (this.#kind === 'sleep' && soonNs > nowNs) return this.#clock.sleepUntil(soonNs);
    return this.#spinUntil(soonNs, nowNs);
  }

  /** Takes at least one turn, so that answers are taken. */
  #spinUntil(untilNs: number, startNs: number): Promise<void> {
    const clock = this.#clock;
    return new Promise((resolve) => {
      let beforeNs = startNs;
      const turn = (): void => {
        const turnedNs = clock.now();
        if (turnedNs - beforeNs < idleTurnNs) this.spareNs += turnedNs - beforeNs;
        clock.spinUntil(Math.min(untilNs, turnedNs + betweenTurnsNs));
        beforeNs = clock.now();
        this.spareNs += beforeNs - turnedNs;
        if (beforeNs >= untilNs) resolve();
        else clock.turn(turn);
      };
      clock.turn(turn);
    });
  }
}
