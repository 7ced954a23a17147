import type { Scenario, Times } from '../scenario.js';
import { bimodal, closed, constant, lognormal, open, plain, poisson, stallIn } from './parts.js';

/** The store in the load worker itself: what both forms play. */
export function inProcess(times: Times): Scenario[] {
  const worker = { ...plain, ...times, store: 'null' } as const;
  return [
    {
      ...worker,
      name: 'closed-lognormal',
      title: 'callers of two workers, half of each answer wrong',
      options: { ...lognormal, answers: 'half' },
      load: closed(8),
      workers: 2,
      recall: 0.5,
    },
    {
      ...worker,
      name: 'open-limit',
      title: 'eight at a time, one in twenty slow, one in ten fails, answers repeat one id',
      options: { ...bimodal, concurrency: 8, errorFraction: 0.1, answers: 'repeated' },
      load: open(1000),
      recall: 0.1,
    },
    {
      ...worker,
      name: 'open-poisson',
      title: 'random arrivals from two workers, four in flight each, a stall, short answers',
      options: { ...constant, answers: 'short' },
      stalls: stallIn(times),
      load: poisson(1000, { maxInFlight: 8 }),
      workers: 2,
      recall: 0.5,
    },
    {
      ...worker,
      name: 'open-spin',
      title: 'a pacer that spins, eight in flight, wrong answers',
      options: { ...lognormal, answers: 'wrong' },
      load: open(1000, { maxInFlight: 8 }),
      pacer: 'spin',
      recall: 0,
    },
    {
      ...worker,
      name: 'dropped',
      title: 'a store that is far too slow: what is never sent is counted',
      options: { ...bimodal, medianMs: 15, slowMs: 100 },
      load: open(1000, { maxInFlight: 8 }),
      timeoutS: 0.4,
    },
  ];
}

/** The store in the load worker itself: what only the full form plays. */
export function furtherInProcess(times: Times): Scenario[] {
  const worker = { ...plain, ...times, store: 'null' } as const;
  return [
    {
      ...worker,
      name: 'closed-constant',
      title: 'four callers, one stall',
      options: constant,
      stalls: stallIn(times),
      load: closed(4),
    },
    {
      ...worker,
      name: 'closed-bimodal-limit',
      title: 'six callers, two at a time, one in a hundred fails',
      options: { ...bimodal, concurrency: 2, errorFraction: 0.01 },
      load: closed(6),
    },
    {
      ...worker,
      name: 'closed-batch',
      title: 'ten queries a request, wrong answers',
      options: { ...lognormal, answers: 'wrong' },
      batch: 10,
      load: closed(4),
      recall: 0,
    },
    {
      ...worker,
      name: 'open-lognormal',
      title: 'even arrivals from two workers',
      options: lognormal,
      load: open(3000, { maxInFlight: 256 }),
      workers: 2,
    },
    {
      ...worker,
      name: 'open-stalls',
      title: 'random arrivals, two stalls',
      options: bimodal,
      stalls: [
        { atMs: 1200, forMs: 200 },
        { atMs: 2500, forMs: 50 },
      ],
      load: poisson(1000),
    },
  ];
}
