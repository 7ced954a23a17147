import type { PlannedCell } from '../../../core/plan.js';
import type { Cell, Latency, OperationResult } from '../../../core/result.js';

/** What a trial saw, where it is not as usual: 2,000 requests at 1,000/s, all answered, in time. */
export interface Seen extends Partial<Pick<Cell, 'saturated' | 'clientLimited' | 'invalid'>> {
  readonly rateQps?: number;
  readonly throughputQps?: number;
  readonly response?: Partial<Latency>;
  readonly operation?: Partial<OperationResult>;
}

const latency: Latency = {
  p50: 2,
  p90: 4,
  p95: 5,
  p99: 9,
  p99Low: 8.5,
  p99High: 9.6,
  max: 30,
  mean: 2.4,
  count: 2000,
};

/** Recall of a trial that saw all queries. */
export const usualRecall = {
  k: 10,
  mean: 0.96,
  low: 0.95,
  high: 0.97,
  byId: 0.96,
  p05: 0.8,
  queries: 500,
  coverage: 1,
  judged: 2000,
  answered: 1,
};

/** A finished trial. */
export function trialOf(seen: Seen = {}): Cell {
  const { rateQps = 1000, throughputQps = rateQps, response, operation, ...flags } = seen;
  const flow = { workers: 1, connections: 64, maxInFlight: 64, itemsPerRequest: 1 };
  return {
    id: 'b00-faiss-flat-s0-l0-r0-t3-a0',
    key: 'k',
    build: 'b00-faiss-flat',
    instance: 0,
    search: {},
    repeat: 0,
    sequence: 3,
    attempt: 0,
    role: 'trial',
    startedAt: '2026-11-01T00:00:00Z',
    durationS: 2,
    status: 'complete',
    invalid: [],
    saturated: false,
    clientLimited: false,
    pacerLimited: false,
    warnings: [],
    events: [],
    resources: { server: {}, client: {}, host: {} },
    ...flags,
    streams: [
      {
        name: 'search',
        load: { kind: 'open', rateQps, ...flow },
        operations: {
          search: {
            requests: { offered: 2000, sent: 2000, completed: 2000, failed: 0, dropped: 0 },
            itemsPerRequest: 1,
            errors: {},
            throughputQps,
            requestsPerS: throughputQps,
            latencyMs: { response: { ...latency, ...response }, service: latency },
            recall: usualRecall,
            violations: {},
            ...operation,
          },
        },
        timeline: { secondS: [], completed: [], failed: [], msP50: [], msP99: [] },
      },
    ],
  };
}

/** Planned cells of one build with these search parameters. */
export function settingsOf(searches: readonly PlannedCell['search'][]): PlannedCell[] {
  const build = { id: 'b00-faiss-ivf-flat' } as PlannedCell['build'];
  const load = { kind: 'open', rateQps: 1, maxInFlight: 64, arrivals: 'poisson' } as const;
  const flow = { workers: 1, connections: 64, itemsPerRequest: 10 };
  return searches.map((search, index) => ({
    id: `${build.id}-s${index}-l0-r0`,
    build,
    search,
    streams: [{ name: 'search', operation: 'search', k: 10, load: { ...load, ...flow } }],
    repeat: 0,
    sequence: index,
  }));
}
