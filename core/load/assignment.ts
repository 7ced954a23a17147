import type { Parameters } from '../adapter.js';
import type { NeighbourTable } from '../dataset.js';
import type { Failure } from '../errors.js';
import type { Filter } from '../filter.js';
import type { StoreSource } from '../run/open-store.js';
import type { VectorTable } from '../vectors.js';
import type { PacerKind } from './pacer.js';
import type { RequestBudget } from './request-budget.js';

/** A phase of an open load as a worker drives it. */
export interface AssignedPhase {
  /** Requests a second, over all workers. */
  readonly perS: number;
  readonly durationNs: number;
}

/** The load of one stream in one worker. */
export type AssignedLoad =
  | { readonly kind: 'closed' /** Of this worker. */; readonly concurrency: number }
  | {
      readonly kind: 'open';
      readonly arrivals: 'constant' | 'poisson';
      /** Of this worker. */
      readonly maxInFlight: number;
      readonly pacer: PacerKind;
      /** At least one; the last goes on until the window ends. */
      readonly phases: readonly AssignedPhase[];
    };

/** One stream of requests as one worker drives it. */
export interface StreamAssignment {
  readonly name: string;
  readonly operation: 'search';
  /** Neighbours asked for. */
  readonly k: number;
  /** Queries in one request. */
  readonly batch: number;
  readonly params: Parameters;
  readonly filter?: Filter;
  readonly payload?: readonly string[];
  readonly load: AssignedLoad;
  /** The queries that this worker asks for, in order; absent for its share of the even cycle. */
  readonly order?: Int32Array;
}

/** Everything that a load worker needs to know; structured-cloneable. */
export interface WorkerAssignment {
  readonly source: StoreSource;
  readonly namespace: string;
  /** What the adapter's `handle()` gave. */
  readonly handle: unknown;
  readonly queries: VectorTable;
  /** For stand-ins that answer from the truth. */
  readonly truth: NeighbourTable;
  readonly streams: readonly StreamAssignment[];
  readonly timing: {
    readonly warmUpNs: number;
    readonly durationNs: number;
    readonly maxDurationNs: number;
    readonly timeoutNs: number;
  };
  /** This worker's number, counted from 0, and how many there are. */
  readonly worker: number;
  readonly workers: number;
  /** One time a worker, shared by all: when it had answered every query once; 0 before. */
  readonly passedAtNs: Float64Array<SharedArrayBuffer>;
  readonly seed: number;
  /** Answers kept for judging, in this worker; undefined keeps all. */
  readonly maxJudged: number | undefined;
  /** How many requests may be sent, over all workers; absent where it does not matter. */
  readonly budget?: RequestBudget;
}

/** The moments that a stream has histograms of. */
export const momentNames = [
  'response',
  'service',
  'engine',
  'overhead',
  'hostQueue',
  'queueWait',
  'pacerLag',
  'firedToDone',
] as const;
/** A moment, or a difference of moments, that a histogram is of. */
export type MomentName = (typeof momentNames)[number];

/** One second of a window. */
export interface TimelineSecond {
  readonly completed: number;
  readonly failed: number;
  /** The headline latency of the requests that ended in it, HDR V2. */
  readonly histogram: Uint8Array;
}

/** A fifth of a second of a window, for judging whether the load was steady. */
export interface WindowSlice {
  readonly ended: number;
  /** The median of the headline latency of what ended in it; absent where nothing did. */
  readonly p50Ns?: number;
}

/** How a request ended, as {@link StreamReport.outcomes} counts it. */
export const outcomes = { completed: 0, failed: 1, dropped: 2 } as const;

/** What one worker saw of one stream. */
export interface StreamReport {
  readonly name: string;
  /** When the window began, on the clock that all threads share. */
  readonly startNs: number;
  readonly windowNs: number;
  /** `dropped` were intended and never sent; the others were sent. */
  readonly requests: { sent: number; completed: number; failed: number; dropped: number };
  /** Requests and items answered inside the window. */
  readonly answered: { requests: number; items: number };
  readonly errors: Readonly<Record<string, { count: number; example: string }>>;
  /** HDR V2 by moment; a moment without values is absent. */
  readonly histograms: Readonly<Partial<Record<MomentName, Uint8Array>>>;
  readonly timeline: readonly TimelineSecond[];
  /** Records of 1 + k values: query row, then ids; -1 where fewer came. */
  readonly answers: Int32Array;
  /** Whole slices of the window in order. */
  readonly slices: readonly WindowSlice[];
  /** HDR V2 of how many requests each wake of the pacer fired; open loads. */
  readonly bursts?: Uint8Array;
  /**
   * Loads of several phases: of each request of the window its intended start after the window's,
   * its response time, both in nanoseconds, and its outcome.
   */
  readonly outcomes?: Float64Array;
}

/** What one worker saw. */
export interface WorkerReport {
  /** The window ended before its time. */
  readonly isCut: boolean;
  readonly streams: readonly StreamReport[];
  readonly resources: WorkerResources;
}

/** The client's own cost and health during the window. */
export interface WorkerResources {
  /** Share of the window in which the worker was busy; a spinning pacer's idle turns are not. */
  readonly eventLoopUtilization: number;
  readonly loopDelayMsP99: number;
  readonly gcPauseMsMax: number;
}

/** What a worker sends to main. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  /** The window is over; the drain is not. */
  | { readonly kind: 'over' }
  | { readonly kind: 'report'; readonly report: WorkerReport }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** What main sends: what to get ready for, when to begin warming up, or to end at once. */
export type MainMessage =
  | { readonly kind: 'assignment'; readonly task: WorkerAssignment }
  | { readonly kind: 'go'; readonly startNs: number }
  | { readonly kind: 'stop' };
