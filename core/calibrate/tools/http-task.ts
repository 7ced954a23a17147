import type { Conditions } from '../contest.js';

/** What an HTTP tool sends, and how. */
export interface HttpTask {
  /** GET, again and again: `http://127.0.0.1:PORT/path`. */
  readonly url: string;
  readonly conditions: Conditions;
  readonly signal: AbortSignal;
}
