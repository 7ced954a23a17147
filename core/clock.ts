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
}

// performance.now() is the fastest clock, but each thread's starts anew; hrtime is common to all.
const offsetMs = commonOffsetMs();

/** Of many pairs of readings the closest: a thread that waits in between would be off for good. */
function commonOffsetMs(): number {
  let offset = 0;
  let closestMs = Number.POSITIVE_INFINITY;
  for (let pair = 0; pair < 50; pair++) {
    const beforeMs = performance.now();
    const commonMs = Number(process.hrtime.bigint()) / 1e6;
    const afterMs = performance.now();
    if (afterMs - beforeMs >= closestMs) continue;
    closestMs = afterMs - beforeMs;
    offset = commonMs - (beforeMs + afterMs) / 2;
  }
  return offset;
}

/** Nanoseconds of the machine's monotonic clock; comparable between threads and processes. */
export function nowNs(): number {
  return Math.round((performance.now() + offsetMs) * 1e6);
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
};

/** The wall-clock time as ISO 8601, for records; never for measuring. */
export function timestamp(): string {
  return new Date().toISOString();
}
