import type { Metric, ParameterRule } from './adapter.js';
import type { Payload, PayloadType } from './payload.js';
import type { ElementType, VectorTable } from './vectors.js';

/** Neighbours by row number, nearest first. */
export interface NeighbourTable {
  readonly queries: number;
  readonly k: number;
  /** queries x k rows of the base, counted from 0. */
  readonly ids: Int32Array;
}

/** Relevance judgments: for each query row, the graded base rows. */
export type Judgments = readonly ReadonlyMap<number, number>[];

/** A loaded dataset. */
export interface Dataset {
  readonly name: string;
  readonly metric: Metric;
  readonly base: VectorTable;
  readonly queries: VectorTable;
  /** The publisher's own neighbours; bench computes its truth and can check these against it. */
  readonly officialTruth?: NeighbourTable;
  /** One map a query: base row to grade (0 is not relevant). */
  readonly judgments?: Judgments;
  /** Columns with one value a base row. */
  readonly payload?: Payload;
}

/** Which parts of a dataset are needed. */
export interface WantedParts {
  readonly payload: boolean;
}

/** What a file at the top of `datasets/` exports. */
export interface DatasetEntry {
  readonly title: string;
  readonly metric: Metric;
  readonly rows: number;
  readonly dimensions: number;
  readonly queries: number;
  /** How the values are stored; float32 when not said. Memory is planned by it. */
  readonly type?: ElementType;
  readonly licence: string;
  readonly source: string;
  /** The columns of its payload and what they hold. */
  readonly payload?: Readonly<Record<string, PayloadType>>;
  /**
   * Reads the files.
   *
   * @param name the entry's name, which the dataset carries
   * @param wanted what of it is needed beside vectors; all of it when not said
   * @throws BenchError BAD_DATA when a file is not what it should be
   */
  load(name: string, wanted?: WantedParts): Promise<Dataset>;
  /** What may be given after the name, as in `gaussian:rows=1000,seed=7`. */
  readonly parameters?: Readonly<Record<string, ParameterRule>>;
  /**
   * The entry of a dataset with these parameters, as a person wrote them.
   *
   * @throws BenchError BAD_ARGUMENT with all mistakes
   */
  parametrised?(given: Readonly<Record<string, string>>): DatasetEntry;
}
