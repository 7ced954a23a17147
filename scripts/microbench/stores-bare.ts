import type { PlannedBuild } from '../../core/plan.js';
import type { SuiteIndex } from '../../core/suite.js';

/** What bare searches are opened with. */
export interface BareSearchInput {
  /** Of the target, checked. */
  readonly options: unknown;
  /** Of the finished collection, as the adapter gave it. */
  readonly handle: unknown;
  /** What the adapter's `prepareSearch` made of each query. */
  readonly prepared: readonly unknown[];
  /** Requests that will be in flight, each by a caller of its own. */
  readonly connections: number;
}

/** A client that is open. */
export interface BareSearch {
  /** Sends a query and throws away what comes; rejects where it is no answer. */
  send(caller: number, query: number): Promise<unknown>;
  close(): Promise<void>;
}

/** What a bare load is opened with. */
export interface BareLoadInput {
  readonly options: unknown;
  /** Of the empty collection, as the adapter made it. */
  readonly handle: unknown;
  readonly rows: number;
  readonly dimensions: number;
  /** Row after row; the id of a row is its number. */
  readonly vectors: Float32Array;
}

/** Rows that wait to be stored, encoded as far as the client lets them be ahead. */
export interface BareLoad {
  /** Stores all of them. */
  send(): Promise<void>;
  /** How many rows the server has afterwards, or said that it took. */
  stored(): Promise<number>;
  close(): Promise<void>;
}

/** A store as its client is used without bench: a file of its name in `stores/`. */
export interface BareStore {
  /** What is searched. */
  readonly searched: SuiteIndex;
  /** What rows are loaded into: the index that costs least beside the loading. */
  readonly loaded: SuiteIndex;
  /** How rows are loaded by the store's documentation. */
  readonly way: string;
  /** By transport of the adapter: the same client, and nothing around it. */
  readonly search: Readonly<
    Partial<Record<'client' | 'raw' | 'grpc', (input: BareSearchInput) => Promise<BareSearch>>>
  >;
  load(input: BareLoadInput): Promise<BareLoad>;
}

/** How long the whole takes. */
export interface StoreOptions {
  readonly rounds: number;
  readonly warmUpS: number;
  readonly durationS: number;
  /** Of the dataset, at most. */
  readonly rows: number;
}

/** What is measured: one transport of a store. */
export interface StoreCase {
  /** As a target: `chroma`, `chroma:raw`. */
  readonly name: string;
  readonly transport: 'client' | 'raw' | 'grpc';
  readonly bare: BareStore;
  readonly target: PlannedBuild['target'];
  readonly options: StoreOptions;
}

/** How long one statement or request of a bare client may take, milliseconds. */
export const bareLimitMs = 600_000;

/** The bare part of a store, by the name of its adapter. */
export async function loadBare(name: string): Promise<BareStore> {
  const path = new URL(`./stores/${name}.js`, import.meta.url).href;
  return ((await import(path)) as { default: BareStore }).default;
}

/** Parts of so many rows, from the first on. */
export function partsOf(rows: number, size: number): { from: number; count: number }[] {
  return Array.from({ length: Math.ceil(rows / size) }, (_, part) => {
    return { from: part * size, count: Math.min(size, rows - part * size) };
  });
}

/** One row. */
export function rowOf({ vectors, dimensions }: BareLoadInput, row: number): Float32Array {
  return vectors.subarray(row * dimensions, (row + 1) * dimensions);
}
