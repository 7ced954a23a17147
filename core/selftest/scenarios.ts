import type { Parameters } from '../adapter.js';
import type { SuiteLoad } from '../suite.js';

/** The stand-ins that log their own times. */
export const stores = ['null', 'null-http'] as const;
/** A stand-in that logs its own times: in the load worker's thread, or behind HTTP. */
export type StoreName = (typeof stores)[number];

/** A pause of a store, counted from its first request. */
export interface Stall {
  readonly atMs: number;
  readonly forMs: number;
}

/** One known store under one known load. */
export interface Scenario {
  /** As in a file name. */
  readonly name: string;
  readonly title: string;
  readonly store: StoreName;
  /** Of the store: law, concurrency, answers, errorFraction, ... */
  readonly options: Parameters;
  readonly stalls?: readonly Stall[];
  /** One point, no lists; rates such that the warm-up holds a whole number of rounds of workers. */
  readonly load: SuiteLoad;
  readonly workers: 1 | 2;
  readonly pacer: 'sleep' | 'spin';
  readonly batch?: number;
  readonly warmUpS: number;
  readonly durationS: number;
  readonly timeoutS: number;
  /** The recall that the answers have at k = 10. */
  readonly recall: number;
}

/** The full form, about a minute; the short one, some seconds, with each kind of thing once. */
export type Form = 'full' | 'short';

/** Neighbours that every scenario asks for. */
export const askedK = 10;

/** Warm-up and window. */
type Times = Pick<Scenario, 'warmUpS' | 'durationS'>;

const plain = { workers: 1, pacer: 'sleep', timeoutS: 10, recall: 1 } as const;
const constant = { law: 'constant', medianMs: 5 };
const lognormal = { law: 'lognormal', medianMs: 5, sigma: 0.8 };
// One in twenty is slow, so that p90 is of the fast ones and p99 of the slow ones.
const bimodal = { law: 'bimodal', medianMs: 4, slowMs: 40, slowFraction: 0.05 };

// Every scenario has a long tail of its own, so that a moment in which the machine takes the core
// away between two readings of the clock is not the slowest request.
function stallIn({ warmUpS }: Times): readonly Stall[] {
  return [{ atMs: 1000 * warmUpS + 150, forMs: 150 }];
}

function closed(concurrency: number): SuiteLoad {
  return { kind: 'closed', concurrency };
}

function open(rateQps: number, change: { maxInFlight?: number } = {}): SuiteLoad {
  return { kind: 'open', rateQps, ...change };
}

function poisson(rateQps: number): SuiteLoad {
  return { kind: 'open', rateQps, arrivals: 'poisson' };
}

/** The names of the two scenarios of which one hides what the other shows. */
export const classic = { open: 'classic-open', closed: 'classic-closed' } as const;

/** How long the store of the classic case stalls, milliseconds. */
export const classicStallMs = { full: 1000, short: 300 } as const;

/** 2,000 requests a second and one stall: every user that came meanwhile waited. */
function classicPair(form: Form): Scenario[] {
  const short = form === 'short';
  const times = { warmUpS: short ? 0.1 : 0.5, durationS: short ? 0.8 : 5 };
  const stalls = [{ atMs: short ? 250 : 1500, forMs: classicStallMs[form] }];
  const options = { law: 'constant', medianMs: 1 };
  const common = { ...plain, ...times, stalls, options, store: 'null' } as const;
  const stall = `one stall of ${classicStallMs[form]} ms`;
  return [
    { ...common, name: classic.open, title: `2,000/s, ${stall}`, load: open(2000) },
    { ...common, name: classic.closed, title: `one caller, ${stall}`, load: closed(1) },
  ];
}

/** What both forms play, with windows of their own. */
function common(times: Times): Scenario[] {
  const inProcess = { ...plain, ...times, store: 'null' } as const;
  const http = { ...plain, ...times, store: 'null-http' } as const;
  return [
    {
      ...inProcess,
      name: 'closed-lognormal',
      title: 'callers of two workers, half of each answer wrong',
      options: { ...lognormal, answers: 'half' },
      load: closed(8),
      workers: 2,
      recall: 0.5,
    },
    {
      ...inProcess,
      name: 'open-limit',
      title: 'eight at a time, one in twenty slow, one in ten fails, answers repeat one id',
      options: { ...bimodal, concurrency: 8, errorFraction: 0.1, answers: 'repeated' },
      load: open(1000),
      recall: 0.1,
    },
    {
      ...inProcess,
      name: 'open-poisson',
      title: 'random arrivals from two workers, one stall, answers of half their length',
      options: { ...constant, answers: 'short' },
      stalls: stallIn(times),
      load: poisson(1000),
      workers: 2,
      recall: 0.5,
    },
    {
      ...inProcess,
      name: 'open-spin',
      title: 'a pacer that spins, wrong answers',
      options: { ...lognormal, answers: 'wrong' },
      load: open(1000),
      pacer: 'spin',
      recall: 0,
    },
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
    {
      ...inProcess,
      name: 'dropped',
      title: 'a store that is far too slow: what is never sent is counted',
      options: { ...bimodal, medianMs: 15, slowMs: 100 },
      load: open(1000, { maxInFlight: 8 }),
      timeoutS: 0.4,
    },
  ];
}

/** What only the full form plays. */
function further(times: Times): Scenario[] {
  const inProcess = { ...plain, ...times, store: 'null' } as const;
  const http = { ...plain, ...times, store: 'null-http' } as const;
  return [
    {
      ...inProcess,
      name: 'closed-constant',
      title: 'four callers, one stall',
      options: constant,
      stalls: stallIn(times),
      load: closed(4),
    },
    {
      ...inProcess,
      name: 'closed-bimodal-limit',
      title: 'six callers, two at a time, one in a hundred fails',
      options: { ...bimodal, concurrency: 2, errorFraction: 0.01 },
      load: closed(6),
    },
    {
      ...inProcess,
      name: 'closed-batch',
      title: 'ten queries a request, wrong answers',
      options: { ...lognormal, answers: 'wrong' },
      batch: 10,
      load: closed(4),
      recall: 0,
    },
    {
      ...inProcess,
      name: 'open-lognormal',
      title: 'even arrivals from two workers',
      options: lognormal,
      load: open(3000, { maxInFlight: 256 }),
      workers: 2,
    },
    {
      ...inProcess,
      name: 'open-stalls',
      title: 'random arrivals, two stalls',
      options: bimodal,
      stalls: [
        { atMs: 1200, forMs: 200 },
        { atMs: 2500, forMs: 50 },
      ],
      load: poisson(1000),
    },
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

/** The scenarios of a form, in the order of playing. */
export function scenariosOf(form: Form): readonly Scenario[] {
  if (form === 'short') return [...common({ warmUpS: 0.1, durationS: 0.4 }), ...classicPair(form)];
  const times = { warmUpS: 0.5, durationS: 4 };
  return [...common(times), ...further(times), ...classicPair(form)];
}
