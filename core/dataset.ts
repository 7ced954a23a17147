import type { Metric } from './adapter.js';

/** Vectors, row after row, over a SharedArrayBuffer: loaded once, read by every thread. */
export interface VectorTable {
  readonly rows: number;
  readonly dimensions: number;
  /** rows x dimensions finite values. */
  readonly data: Float32Array<SharedArrayBuffer>;
}

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
}

/** What a file at the top of `datasets/` exports. */
export interface DatasetEntry {
  readonly title: string;
  readonly metric: Metric;
  readonly rows: number;
  readonly dimensions: number;
  readonly queries: number;
  readonly licence: string;
  readonly source: string;
  /**
   * Reads the files.
   *
   * @param name the entry's name, which the dataset carries
   * @throws BenchError BAD_DATA when a file is not what it should be
   */
  load(name: string): Promise<Dataset>;
}
