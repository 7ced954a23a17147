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
export type Times = Pick<Scenario, 'warmUpS' | 'durationS'>;
