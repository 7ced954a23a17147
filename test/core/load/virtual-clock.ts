import type { Clock } from '../../../core/clock.js';

interface Event {
  readonly atNs: number;
  readonly order: number;
  readonly wake: () => void;
}

/**
 * Time that passes only when nothing is left to do: events happen in the order of their times, and
 * at the same time in the order in which they were asked for.
 */
export class VirtualClock implements Clock {
  #nowNs = 0;
  #asked = 0;
  #events: Event[] = [];

  now(): number {
    return this.#nowNs;
  }

  sleepUntil(untilNs: number): Promise<void> {
    return new Promise((wake) => {
      this.#asked += 1;
      this.#events.push({ atNs: Math.max(untilNs, this.#nowNs), order: this.#asked, wake });
    });
  }

  sleep(ns: number): Promise<void> {
    return this.sleepUntil(this.#nowNs + ns);
  }

  /** Takes no time. */
  yield(): Promise<void> {
    return this.sleep(0);
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
      if (this.#events.length === 0) throw new Error(`nothing happens after ${this.#nowNs} ns`);
      this.#events.sort((a, b) => a.atNs - b.atNs || a.order - b.order);
      const event = this.#events.shift() as Event;
      this.#nowNs = event.atNs;
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
