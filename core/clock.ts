/**
 * Time as an argument: whole nanoseconds since an arbitrary start, monotonic, the same for all
 * threads of the process. Virtual in tests.
 */
export interface Clock {
  /** Nanoseconds, a whole number below 2^53. */
  now(): number;
  /** Resolves when `now()` has reached `untilNs`, or a little later. */
  sleepUntil(untilNs: number): Promise<void>;
  /** Lets timers and sockets have their turn. */
  yield(): Promise<void>;
  /** As `yield`, and makes nothing that has to be collected afterwards but the turn itself. */
  turn(then: () => void): void;
  /** Returns once `now()` has reached `untilNs`; nothing else happens meanwhile. */
  spinUntil(untilNs: number): void;
}

// Bound once: it is read several times for each request. Of all clocks of Node it takes the least
// time.
const { hrtime } = process;

/** Nanoseconds of the machine's monotonic clock; comparable between threads and processes. */
export function nowNs(): number {
  const parts = hrtime();
  return parts[0] * 1e9 + parts[1];
}

/** The real clock. */
export const realClock: Clock = {
  now: nowNs,
  sleepUntil(untilNs) {
    return new Promise((resolve) => {
      // A timer may fire up to a millisecond early.
      const wait = (): void => {
        const waitMs = (untilNs - nowNs()) / 1e6;
        if (waitMs > 0) setTimeout(wait, waitMs);
        else resolve();
      };
      wait();
    });
  },
  yield() {
    return new Promise((resolve) => setImmediate(resolve));
  },
  turn(then) {
    setImmediate(then);
  },
  spinUntil(untilNs) {
    // Of a number that is compared with another millions of times a second each is garbage.
    const until = BigInt(untilNs);
    while (hrtime.bigint() < until);
  },
};

/** The wall-clock time as ISO 8601, for records; never for measuring. */
export function timestamp(): string {
  return new Date().toISOString();
}
