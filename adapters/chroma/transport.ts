import type { Hits, SearchRequest } from '../../core/adapter.js';
import type { Rows } from './rows.js';

/** Which collection is meant. */
export interface CollectionRef {
  readonly name: string;
  readonly id: string;
  /** Where the numbers of the rows are, if not in the ids. */
  readonly idField?: string;
  /** Rows without a value are marked, so that they can be asked for. */
  readonly isMarked: boolean;
}

/** How rows and queries of one collection travel. */
export interface Transport {
  /** Opens what rows are sent over, so that the first of them need not wait for it. */
  openForRows?(): Promise<void>;
  prepareUpsert(parts: readonly Rows[]): unknown;
  upsert(prepared: unknown): Promise<void>;
  /** All requests share k, filter and payload. */
  prepareSearch(requests: readonly SearchRequest[]): unknown;
  search(prepared: unknown): Promise<Hits>;
  close(): Promise<void>;
}

/** A request of many rows is answered when they are in the graph. */
export const upsertTimeoutMs = 600_000;
