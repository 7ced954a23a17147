import type { SuiteLoad } from '../../suite.js';
import type { Stall, Times } from '../scenario.js';

/** What scenarios have unless they say. */
export const plain = { workers: 1, pacer: 'sleep', timeoutS: 10, recall: 1 } as const;
/** Every answer takes as long. */
export const constant = { law: 'constant', medianMs: 5 };
/** A long tail. */
export const lognormal = { law: 'lognormal', medianMs: 5, sigma: 0.8 };
/** One in twenty is slow: p90 is of the fast ones, p99 of the slow ones. */
export const bimodal = { law: 'bimodal', medianMs: 4, slowMs: 40, slowFraction: 0.05 };

/**
 * A pause shortly after the opening of the window, where the law has no tail: so that a moment in
 * which the machine takes the core away between two readings is not the slowest request.
 */
export function stallIn({ warmUpS }: Times): readonly Stall[] {
  return [{ atMs: 1000 * warmUpS + 150, forMs: 150 }];
}

/** So many callers. */
export function closed(concurrency: number): SuiteLoad {
  return { kind: 'closed', concurrency };
}

/** Even arrivals. */
export function open(rateQps: number, change: { maxInFlight?: number } = {}): SuiteLoad {
  return { kind: 'open', rateQps, ...change };
}

/** Random arrivals. */
export function poisson(rateQps: number, change: { maxInFlight?: number } = {}): SuiteLoad {
  return { kind: 'open', rateQps, arrivals: 'poisson', ...change };
}
