import type { Target } from '../plan.js';
import type { Note, Run } from '../result.js';

/** What is the same for all contestants of a contest. */
export interface Conditions {
  /** Requests in flight, each on a connection of its own. */
  readonly connections: number;
  /** Every contestant sends for so long before it is measured. */
  readonly warmUpS: number;
  readonly durationS: number;
}

/** What one contestant measured of itself in one round. What it cannot tell is absent. */
export interface Measurement {
  /** Answered while it was measured. */
  readonly requests: number;
  readonly requestsPerS: number;
  readonly msP50?: number;
  readonly msP99?: number;
  /** Processor time of a request, user and system, microseconds. */
  readonly clientCpuUs?: number;
  readonly errors: number;
  /** What the first error said. */
  readonly firstError?: string;
  /** What else the machine did meanwhile. */
  readonly warnings?: readonly Note[];
}

/** Whether a tool is there. */
export type Found = { readonly version: string } | { readonly missing: string };

/** One who takes part in a contest: bench, or a native tool. */
export interface Contestant {
  /** As in a file name; `bench` is who the others are compared with. */
  readonly name: string;
  /** What it is, within a sentence: `a bare undici loop`. */
  readonly title: string;
  /** Sentences on how its figures come about, where that is not as those of bench do. */
  readonly definitions: readonly string[];
  /** Its version, or how to get it. */
  find(): Promise<Found>;
  /** Sends under the contest's conditions. @throws BenchError when it cannot */
  measure(): Promise<Measurement>;
}

/** What a contest is opened with. */
export interface ContestInput {
  readonly conditions: Conditions;
  readonly seed: number;
  readonly tool: Run['tool'];
  /** A store by the name of its adapter. */
  readonly loadTarget: (name: string) => Promise<Target>;
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
}

/** A contest that can be held. */
export interface OpenContest {
  /** What serves all contestants, with its version. */
  readonly server: string;
  /** One of them is `bench`. */
  readonly contestants: readonly Contestant[];
  /** Ends the server, or removes from it what was put there. */
  close(): Promise<void>;
}

/** One server, and who sends to it. */
export interface Contest {
  /** As in a file name. */
  readonly name: string;
  readonly title: string;
  /** The adapter of its store. */
  readonly target: string;
  /** Its server starts with it; others must run already. */
  readonly startsServer: boolean;
  /** The contestant whose ratio later runs cite. */
  readonly against: string;
  /**
   * Starts the server, or reaches the one that runs.
   *
   * @throws BenchError STORE_FAILED when it does not start, UNREACHABLE when it does not run
   */
  open(input: ContestInput): Promise<OpenContest>;
}
