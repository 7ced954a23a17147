import type { Parameters } from '../adapter.js';
import type { NeighbourTable, VectorTable } from '../dataset.js';

/** One stream of requests as one worker drives it. */
export interface StreamAssignment {
  readonly name: string;
  readonly operation: 'search';
  /** Neighbours asked for. */
  readonly k: number;
  /** Queries in one request. */
  readonly batch: number;
  readonly params: Parameters;
  readonly load: { readonly kind: 'closed' /** Of this worker. */; readonly concurrency: number };
}

/** Everything that a load worker needs to know; structured-cloneable. */
export interface WorkerAssignment {
  readonly adapterUrl: string;
  readonly options: unknown;
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

/** What one worker saw of one stream. */
export interface StreamReport {
  readonly name: string;
  readonly windowNs: number;
  readonly requests: { sent: number; completed: number; failed: number };
  /** Requests and items answered inside the window. */
  readonly answered: { requests: number; items: number };
  readonly errors: Readonly<Record<string, { count: number; example: string }>>;
  /** HDR V2 by moment; a moment without values is absent. */
  readonly histograms: Readonly<Partial<Record<MomentName, Uint8Array>>>;
  readonly timeline: readonly TimelineSecond[];
  /** Records of 1 + k values: query row, then ids; -1 where fewer came. */
  readonly answers: Int32Array;
}

/** What one worker saw. */
export interface WorkerReport {
  readonly streams: readonly StreamReport[];
  readonly resources: WorkerResources;
}

/** The client's own cost and health during the window. */
export interface WorkerResources {
  /** Of the whole process, microseconds. */
  readonly cpuUs: number;
  readonly eventLoopUtilization: number;
  readonly loopDelayMsP99: number;
  readonly gcPauseMsMax: number;
}

/** What a worker sends to main. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'report'; readonly report: WorkerReport }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** What main sends to a worker: what to get ready for, then when to begin warming up. */
export type MainMessage =
  | { readonly kind: 'assignment'; readonly task: WorkerAssignment }
  | { readonly kind: 'go'; readonly startNs: number };
