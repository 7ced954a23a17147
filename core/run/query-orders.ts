import {
  drawnOrder,
  drawnRequests,
  logChances,
  logOrder,
  reachOf,
  zipfChances,
} from '../load/query-order.js';
import type { PlannedStream } from '../plan/streams.js';
import { deriveSeed } from '../random.js';
import type { QueriesResult } from '../result.js';

/** The order of the queries of one stream. */
export interface QueryOrders {
  /** Of each worker. */
  readonly orders: readonly Int32Array[];
  readonly record: QueriesResult;
}

/** What orders are made from, beside their stream. */
export interface QueryOrderContext {
  /** Of the dataset. */
  readonly queries: number;
  readonly workers: number;
  /** Of the run: all cells of a stream ask the same in the same order. */
  readonly seed: number;
}

/** Decides which queries a stream asks for, before the clock; undefined for the even cycle. */
export function queryOrders(
  { name, queries: planned }: PlannedStream,
  { queries, workers, seed }: QueryOrderContext,
): QueryOrders | undefined {
  if (planned === undefined) return undefined;
  const ofStream = deriveSeed(seed, `queries/${name}`);
  const byWorker = (orderOf: (worker: number) => Int32Array): readonly Int32Array[] =>
    Array.from({ length: workers }, (_, worker) => orderOf(worker));
  const drawn = (chances: Float64Array): readonly Int32Array[] =>
    byWorker((worker) => {
      const seedOfWorker = deriveSeed(ofStream, `${worker}`);
      return drawnOrder(chances, { requests: drawnRequests, seed: seedOfWorker });
    });
  const { order } = planned;
  if (order === 'zipf') {
    const { exponent } = planned;
    const orders = drawn(zipfChances(queries, exponent, ofStream));
    return { orders, record: { order, exponent, ...lengthAndReach(orders, queries) } };
  }
  const { file, log } = planned;
  const orders =
    order === 'weighted'
      ? drawn(logChances(log, queries))
      : byWorker((worker) => logOrder(log, { worker, workers }));
  const { sha256 } = log;
  return { orders, record: { order, file, sha256, ...lengthAndReach(orders, queries) } };
}

function lengthAndReach(
  orders: readonly Int32Array[],
  queries: number,
): Pick<QueriesResult, 'requests' | 'distinct' | 'coverage'> {
  const requests = orders.reduce((sum, { length }) => sum + length, 0);
  return { requests, ...reachOf(orders, queries) };
}
