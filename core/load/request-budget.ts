import { BenchError } from '../errors.js';

/** How many requests may be sent to targets elsewhere, in all; one budget for all threads. */
export interface RequestBudget {
  /** 1..{@link mostRequests} */
  readonly most: number;
  /** How often one was asked for: the first `most` were sent, the others were refused. */
  readonly asked: Int32Array<SharedArrayBuffer>;
}

/** The most that a budget holds. */
export const mostRequests = 1_000_000_000;

/** The code of what is thrown in place of one request too many. */
export const spentCode = 'REQUESTS_SPENT';

/** A budget of which nothing is spent. */
export function requestBudget(most: number): RequestBudget {
  return { most, asked: new Int32Array(new SharedArrayBuffer(4)) };
}

/**
 * Takes one request from the budget, if there is one, just before it is sent.
 *
 * @throws BenchError REQUESTS_SPENT when it must not be sent
 */
export function takeRequest(budget: RequestBudget | undefined): void {
  if (budget === undefined || Atomics.add(budget.asked, 0, 1) < budget.most) return;
  throw spentError(budget);
}

/** Whether a request was refused. */
export function isSpent({ most, asked }: RequestBudget): boolean {
  return Atomics.load(asked, 0) > most;
}

/** How many were sent. */
export function sentOf({ most, asked }: RequestBudget): number {
  return Math.min(most, Atomics.load(asked, 0));
}

/** What is said when a request was refused. */
export function spentError({ most }: RequestBudget): BenchError {
  const message = `all ${most} requests of --max-requests were sent`;
  return new BenchError(spentCode, message, {
    hint: 'what is finished is kept: go on with --resume and another --max-requests',
  });
}

/** Whether what was thrown ends the whole run: it is stopped, or may send nothing more. */
export function endsRun(thrown: unknown, signal: AbortSignal): boolean {
  return signal.aborted || (thrown instanceof BenchError && thrown.code === spentCode);
}
