import type { Clock } from '../../../core/clock.js';

interface Event {
  readonly atNs: number;
  readonly wake: () => void;
}

/** How a virtual clock falls short of an ideal one. */
export interface ClockFaults {
  /** A timer wakes this much too late. */
  readonly oversleepNs?: number;
  /** What a turn of the event loop takes. */
  readonly turnNs?: number;
}

/**
 * Time that passes only when nothing is left to do: events happen in the order of their times, and
 * at the same time in the order in which they were asked for.
 */
export class VirtualClock implements Clock {
  readonly #oversleepNs: number;
  readonly #turnNs: number;
  #nowNs = 0;
  /** The next event is the last. */
  readonly #events: Event[] = [];

  constructor({ oversleepNs = 0, turnNs = 0 }: ClockFaults = {}) {
    this.#oversleepNs = oversleepNs;
    this.#turnNs = turnNs;
  }

  now(): number {
    return this.#nowNs;
  }

  sleepUntil(untilNs: number): Promise<void> {
    return this.#at(untilNs + this.#oversleepNs);
  }

  /** Wakes on time, whatever the timers do: for what lies outside the process under test. */
  sleep(ns: number): Promise<void> {
    return this.#at(this.#nowNs + ns);
  }

  /** Takes no time, or the turn that was asked for. */
  yield(): Promise<void> {
    return this.sleep(this.#turnNs);
  }

  turn(then: () => void): void {
    void this.yield().then(then);
  }

  spinUntil(untilNs: number): void {
    this.#nowNs = Math.max(this.#nowNs, untilNs);
  }

  /** Passes time that is spent computing: nothing else happens meanwhile. */
  spend(ns: number): void {
    this.#nowNs += ns;
  }

  #at(timeNs: number): Promise<void> {
    return new Promise((wake) => {
      const atNs = Math.max(timeNs, this.#nowNs);
      let low = 0;
      let high = this.#events.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((this.#events[middle] as Event).atNs > atNs) low = middle + 1;
        else high = middle;
      }
      this.#events.splice(low, 0, { atNs, wake });
    });
  }

  /** Lets events happen until the promise is settled. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const ended = promise.finally(() => {
      settled = true;
    });
    ended.catch(() => undefined);
    await settle();
    while (!settled) {
      const event = this.#events.pop();
      if (event === undefined) throw new Error(`nothing happens after ${this.#nowNs} ns`);
      this.#nowNs = Math.max(this.#nowNs, event.atNs);
      event.wake();
      await settle();
    }
    return ended;
  }
}

/** Lets everything that needs no time happen. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
