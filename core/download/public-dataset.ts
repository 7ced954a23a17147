import type { Metric } from '../adapter.js';
import type { ElementType } from '../vectors.js';

/**
 * What a file of a public dataset holds: `all` of it, or its base vectors, queries, neighbours,
 * labels of the base rows, tags of the base rows, tags that a query asks for.
 */
export type FileRole =
  | 'all'
  | 'base'
  | 'queries'
  | 'neighbours'
  | 'labels'
  | 'base-tags'
  | 'query-tags';

/** One file of a public dataset and where its publisher has it. */
export interface PublicFile {
  readonly role: FileRole;
  /** What it is called on disk: one name, without a folder. */
  readonly name: string;
  /** https, or http where the publisher has no other. */
  readonly address: string;
  /** Absent where it is not known. */
  readonly bytes?: number;
  /** In hexadecimal; absent where the publisher gives none. */
  readonly sha256?: string;
}

/** How the files are read: the layout of ann-benchmarks, of VectorDBBench, or of big-ann. */
export type PublicFormat = 'hdf5-ann' | 'parquet-vdbb' | 'bin';

/** A dataset that its publisher offers for download. */
export interface PublicDataset {
  readonly name: string;
  readonly title: string;
  readonly format: PublicFormat;
  readonly metric: Metric;
  readonly rows: number;
  readonly dimensions: number;
  readonly queries: number;
  /** How the values are stored; float32 when not said. */
  readonly type?: ElementType;
  readonly licence: string;
  readonly citation: string;
  /** A page that describes it. */
  readonly source: string;
  readonly files: readonly PublicFile[];
}

/** How many bytes all files have; undefined when that is not known of one of them. */
export function bytesOf({ files }: PublicDataset): number | undefined {
  let total = 0;
  for (const { bytes } of files) {
    if (bytes === undefined) return undefined;
    total += bytes;
  }
  return total;
}
