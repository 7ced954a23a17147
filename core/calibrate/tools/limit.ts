import { nsPerS } from '../../units.js';

// A start, and requests that take their whole time-out: far more than a tool needs.
const graceS = 30;

/** When a tool that sends for so many seconds is given up, nanoseconds. */
export function limitNs(seconds: number): number {
  return (2 * seconds + graceS) * nsPerS;
}
