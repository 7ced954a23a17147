import { nsPerS } from '../../units.js';
import type { Conditions } from '../contest.js';

/** What an HTTP tool sends, and how. */
export interface HttpTask {
  /** GET, again and again: `http://127.0.0.1:PORT/path`. */
  readonly url: string;
  readonly conditions: Conditions;
  readonly signal: AbortSignal;
}

// A start, and requests that take their whole time-out: far more than a tool needs.
const graceS = 30;

/** When a tool that sends for so many seconds is given up, nanoseconds. */
export function limitNs(seconds: number): number {
  return (2 * seconds + graceS) * nsPerS;
}
