import type { Contestant, Measurement } from '../../../core/calibrate/contest.js';
import type { ContestResult } from '../../../core/calibrate/result.js';

/** A measurement without errors. */
export function measured(requestsPerS: number, more: Partial<Measurement> = {}): Measurement {
  return { requests: 1000, requestsPerS, errors: 0, ...more };
}

/** A contestant that gives what it is told, round by round. */
export function playing(name: string, rounds: readonly Measurement[]): Contestant {
  let round = 0;
  return {
    name,
    title: `a ${name}`,
    definitions: [],
    find: async () => ({ version: '1.2.3' }),
    measure: async () => rounds[round++] as Measurement,
  };
}

/** A contest as it is kept: bench carries 0.9 of a bare undici loop, wrk is missing. */
export function heldContest(name = 'null-http'): ContestResult {
  return {
    name,
    title: 'the null store behind HTTP',
    at: '2026-08-01T10:00:00.000Z',
    server: 'null-http, v20.20.2',
    against: 'undici',
    connections: 50,
    rounds: 2,
    warmUpS: 1,
    durationS: 4,
    seed: 1,
    orders: [
      ['bench', 'undici'],
      ['undici', 'bench'],
    ],
    contestants: [
      {
        name: 'bench',
        title: 'bench',
        version: '0.1.0 0123456789abcdef0123456789abcdef01234567',
        definitions: [],
        figures: {
          requestsPerS: { median: 9000, values: [8900, 9100] },
          msP50: { median: 5.25, values: [5.2, 5.3] },
          clientCpuUs: { median: 82, values: [80, 84] },
        },
        ratios: {},
      },
      {
        name: 'undici',
        title: 'a bare undici loop',
        version: '7.30.2',
        definitions: ['of its own'],
        figures: {
          requestsPerS: { median: 10_000, values: [9900, 10_100] },
          msP50: { median: 5, values: [5, 5] },
        },
        ratios: {
          requestsPerS: { ratio: 0.9, low: 0.88, high: 0.92, confidence: 0.95, pairs: 2 },
          msP50: { ratio: 1.05, low: 1, high: 1.1, confidence: 0.95, pairs: 2 },
        },
      },
      {
        name: 'wrk',
        title: 'wrk',
        missing: 'apt-get install wrk',
        definitions: ['never shown'],
        figures: {},
        ratios: {},
      },
    ],
    warnings: [],
  };
}
