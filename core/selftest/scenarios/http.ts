import type { Scenario, Times } from '../scenario.js';
import { bimodal, closed, constant, lognormal, open, plain, stallIn } from './parts.js';

/** The store behind HTTP: what both forms play. */
export function overHttp(times: Times): Scenario[] {
  const http = { ...plain, ...times, store: 'null-http' } as const;
  return [
    {
      ...http,
      name: 'http-open-limit',
      title: 'fourteen at a time, one in twenty slow, one in ten fails',
      options: { ...bimodal, medianMs: 20, slowMs: 80, concurrency: 14, errorFraction: 0.1 },
      load: open(500),
    },
    {
      ...http,
      name: 'http-closed',
      title: 'callers of two workers, half of each answer wrong',
      options: { ...lognormal, answers: 'half' },
      load: closed(8),
      workers: 2,
      recall: 0.5,
    },
  ];
}

/** The store behind HTTP: what only the full form plays. */
export function furtherOverHttp(times: Times): Scenario[] {
  const http = { ...plain, ...times, store: 'null-http' } as const;
  return [
    {
      ...http,
      name: 'http-open-constant',
      title: 'even arrivals, one stall, answers repeat one id',
      options: { ...constant, answers: 'repeated' },
      stalls: stallIn(times),
      load: open(500),
      workers: 2,
      recall: 0.1,
    },
    {
      ...http,
      name: 'http-closed-constant',
      title: 'eight callers',
      options: constant,
      stalls: stallIn(times),
      load: closed(8),
    },
    {
      ...http,
      name: 'http-open-stall',
      title: 'even arrivals, one stall of 500 ms',
      options: constant,
      stalls: [{ atMs: 1500, forMs: 500 }],
      load: open(500),
    },
  ];
}
