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

const epochOffsetMs = performance.timeOrigin;
// Threads have origins of their own; a common one makes their times comparable.
const commonOriginMs = Math.floor(epochOffsetMs / 86_400_000) * 86_400_000;
const offsetMs = epochOffsetMs - commonOriginMs;

/** Nanoseconds of the process's monotonic clock; comparable between worker threads. */
export function nowNs(): number {
  return Math.round((performance.now() + offsetMs) * 1e6);
}

/** The real clock. */
export const realClock: Clock = {
  now: nowNs,
  sleepUntil(untilNs) {
    const waitMs = (untilNs - nowNs()) / 1e6;
    if (waitMs <= 0) return Promise.resolve();
    return new Promise((resolve) => setTimeout(resolve, waitMs));
  },
  yield() {
    return new Promise((resolve) => setImmediate(resolve));
  },
};

/** The wall-clock time as ISO 8601, for records; never for measuring. */
export function timestamp(): string {
  return new Date().toISOString();
}
