import { importOptional, type PackageUser, placeOfOptional } from '../../core/optional-package.js';
import type { Arrow } from './arrow.js';

// The newest that is made for Node 20, with the Arrow that it asks for.
const version = '0.37.1';
const lanceSpec = `@lancedb/lancedb@${version}`;
const arrowSpec = 'apache-arrow@18.1.0';

/** What this adapter needs; the engine's own code is a package of its own for each platform. */
export const needs: PackageUser = {
  name: 'lancedb',
  npm: [lanceSpec, `@lancedb/lancedb-${platform()}@${version}`, arrowSpec],
};

function platform(): string {
  const { platform: system, arch } = process;
  if (system === 'win32') return `${system}-${arch}-msvc`;
  if (system !== 'linux') return `${system}-${arch}`;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return `${system}-${arch}-${header.glibcVersionRuntime === undefined ? 'musl' : 'gnu'}`;
}

/** What an index is made with. */
export interface IndexOptions {
  readonly distanceType: Distance;
  readonly numPartitions?: number;
  readonly numSubVectors?: number;
  readonly numBits?: number;
  readonly m?: number;
  readonly efConstruction?: number;
}

/** LanceDB's words for l2, ip and cosine. */
export type Distance = 'l2' | 'dot' | 'cosine';

/** A search, made step by step; it can be run several times. */
export interface VectorQuery {
  addQueryVector(vector: Float32Array): VectorQuery;
  column(name: string): VectorQuery;
  distanceType(distance: Distance): VectorQuery;
  limit(rows: number): VectorQuery;
  select(columns: string[]): VectorQuery;
  nprobes(partitions: number): VectorQuery;
  refineFactor(factor: number): VectorQuery;
  ef(candidates: number): VectorQuery;
  toArrow(): Promise<Answer>;
}

/** Columns of an answer, by name. */
export interface Answer {
  readonly numRows: number;
  getChild(name: string): { toArray(): Int32Array } | null;
}

/** A table of LanceDB. */
export interface Table {
  add(rows: unknown): Promise<unknown>;
  countRows(): Promise<number>;
  createIndex(column: string, options: { readonly config: unknown }): Promise<void>;
  optimize(options: { cleanupOlderThan: Date; deleteUnverified: boolean }): Promise<unknown>;
  indexStats(name: string): Promise<{ indexType: string; numUnindexedRows: number } | undefined>;
  prewarmIndex(name: string): Promise<void>;
  query(): { nearestTo(vector: Float32Array): VectorQuery };
  close(): void;
}

/** A folder of tables. */
export interface Connection {
  createEmptyTable(name: string, schema: unknown): Promise<Table>;
  openTable(name: string): Promise<Table>;
  close(): void;
}

/** The part of the package that is used here. */
export interface Lance {
  connect(folder: string): Promise<Connection>;
  readonly Index: Readonly<
    Record<'ivfFlat' | 'ivfPq' | 'ivfRq' | 'hnswSq', (options: IndexOptions) => unknown>
  >;
}

/** Both packages, and their versions. */
export interface Packages {
  readonly lance: Lance;
  readonly arrow: Arrow;
  readonly version: string;
  readonly arrowVersion: string;
}

/** @throws BenchError NO_PACKAGE */
export async function loadPackages(): Promise<Packages> {
  return {
    lance: await importOptional<Lance>(lanceSpec, needs),
    arrow: await importOptional<Arrow>(arrowSpec, needs),
    version: placeOfOptional(lanceSpec, needs).version,
    arrowVersion: placeOfOptional(arrowSpec, needs).version,
  };
}
