import type { Hits, SearchRequest, StoreInfo, VectorBatch } from '../../core/adapter.js';
import type { ValueKind } from './filter.js';

/** A column as the server has it. */
export interface Property {
  readonly name: string;
  readonly kind: ValueKind;
}

/** What rows and queries of a collection need to know of it; structured-cloneable. */
export interface CollectionView {
  readonly name: string;
  /** Columns of the payload by their names in the dataset. */
  readonly columns: Readonly<Record<string, Property>>;
  /** Where the vectors are, if their name has to be said. */
  readonly vectorField?: string;
  /** The property with the row numbers, if they are not in the ids. */
  readonly idProperty?: string;
  /** Copies of each row. */
  readonly replicas: number;
}

/** How rows and queries of one collection travel. */
export interface Transport {
  prepareUpsert(batch: VectorBatch): unknown;
  upsert(prepared: unknown): Promise<void>;
  prepareSearch(request: SearchRequest): unknown;
  search(prepared: unknown): Promise<Hits>;
}

/** Connections for what is timed. */
export interface Link {
  readonly client: NonNullable<StoreInfo['client']>;
  readonly settings: StoreInfo['settings'];
  reach(view: CollectionView): Promise<Transport>;
  close(): Promise<void>;
}

/** The vector of a collection that is made here, by the name that the official clients give. */
export const vectorName = 'default';

/** A request of many rows is answered when they are in the graph. */
export const upsertTimeoutMs = 600_000;
