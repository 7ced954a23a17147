import type { StoreInfo } from '../../core/adapter.js';
import type { ScoredPoint } from './api.js';
import type { PointBody, QueryBody } from './bodies.js';

/** The answers to one query or to a batch of them. */
export interface Answers {
  /** Nearest first; one list a query. */
  readonly lists: readonly (readonly ScoredPoint[])[];
  /** What the server says that the work took. */
  readonly timeS: number;
}

/** A way to the server for what is timed; only the one that prepared a request can send it. */
export interface Transport {
  readonly client: NonNullable<StoreInfo['client']>;
  readonly settings: StoreInfo['settings'];
  prepareUpsert(collection: string, points: readonly PointBody[]): unknown;
  upsert(prepared: unknown): Promise<void>;
  /** One query goes alone, several as a batch. */
  prepareQueries(collection: string, queries: readonly QueryBody[]): unknown;
  query(prepared: unknown): Promise<Answers>;
  close(): Promise<void>;
}
