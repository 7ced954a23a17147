import { importOptional, type PackageUser, placeOfOptional } from '../../core/optional-package.js';

// The newest that is made for Node 20; its compiled form for the common platforms is inside.
const spec = 'usearch@2.25.3';

/** What this adapter needs. */
export const needs: PackageUser = { name: 'usearch', npm: [spec] };

/** What usearch finds: keys nearest first, of a batch `k` for each query. */
export interface Found {
  readonly keys: BigUint64Array;
  /** Of a batch how many were found for each query. */
  readonly counts?: BigUint64Array;
}

/** A graph of usearch, in memory or mapped from a file. */
export interface Graph {
  /** Returns when all are added. */
  add(keys: BigUint64Array, rows: Float32Array, threads: number): void;
  /** One query gives its keys, several a batch. @param threads 0: all that there are */
  search(queries: Float32Array, k: number, threads: number): Found;
  size(): number;
  save(path: string): void;
  view(path: string): void;
}

/** What a graph is made with. */
export interface GraphConfig {
  readonly dimensions: number;
  readonly metric: 'l2sq' | 'ip' | 'cos';
  readonly quantization: 'f32' | 'f16' | 'i8';
  readonly connectivity: number;
  readonly expansion_add: number;
  readonly expansion_search: number;
  readonly multi: boolean;
}

/** The part of the package that is used here. */
export interface Usearch {
  readonly Index: new (config: GraphConfig) => Graph;
  /**
   * Compares every row. Its rows and queries must each be the whole of their buffer: it looks at
   * the buffer and not at the view.
   */
  exactSearch(
    ...call: [
      rows: Float32Array,
      queries: Float32Array,
      dimensions: number,
      k: number,
      metric: string,
      n: number,
    ]
  ): Found;
}

/** @throws BenchError NO_PACKAGE */
export function loadUsearch(): Promise<Usearch> {
  return importOptional<Usearch>(spec, needs);
}

/** Its version and the instruction sets that it can use here. @throws BenchError NO_PACKAGE */
export async function describeUsearch(): Promise<{ version: string; simd?: string }> {
  const { version, folder } = placeOfOptional(spec, needs);
  const build = await importOptional<(folder: string) => Native>('node-gyp-build', needs);
  const simd = build(folder).hardwareAccelerationAvailable?.();
  return simd === undefined ? { version } : { version, simd };
}

interface Native {
  hardwareAccelerationAvailable?(): string;
}
