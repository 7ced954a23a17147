import type { QueryLog } from '../load/query-order.js';
import type { SuiteQueries, SuiteStream } from '../suite.js';

/** Query logs by the file that a suite names. */
export type QueryLogs = ReadonlyMap<string, QueryLog>;

/** Which query a request takes, where it is not the next in turn. */
export type PlannedQueries =
  | { readonly order: 'zipf'; readonly exponent: number }
  | { readonly order: 'weighted' | 'log'; readonly file: string; readonly log: QueryLog };

const defaultExponent = 1;

/** The order of a stream that was checked; undefined for the even cycle. */
export function plannedQueries(
  { queries }: SuiteStream,
  logs: QueryLogs,
): PlannedQueries | undefined {
  if (queries === undefined || queries.order === 'cycle') return undefined;
  const { order, exponent = defaultExponent, file = '' } = queries;
  if (order === 'zipf') return { order, exponent };
  const log = logs.get(file);
  return log === undefined ? undefined : { order, file, log };
}

/** What identifies an order, wherever its file lies; in a fixed sequence. */
export function identityOf(queries: PlannedQueries): readonly (string | number)[] {
  const { order } = queries;
  return order === 'zipf' ? [order, queries.exponent] : [order, queries.log.sha256];
}

/** A part of a sentence for each mistake in the order of a stream: place, rule and value. */
export function checkQueries({ queries, batch = 1 }: SuiteStream, logs: QueryLogs): string[] {
  if (queries === undefined) return [];
  const { order, exponent } = queries;
  const mistakes: string[] = [];
  if (exponent !== undefined && order !== 'zipf') {
    mistakes.push(`.queries.exponent must be left out with order ${order}, got ${exponent}`);
  }
  mistakes.push(...checkFile(queries, logs));
  if (order !== 'cycle' && batch !== 1) {
    mistakes.push(`.batch must be 1 with queries in order ${order}, got ${String(batch)}`);
  }
  return mistakes;
}

function checkFile({ order, file }: SuiteQueries, logs: QueryLogs): string[] {
  const place = '.queries.file';
  if (order === 'cycle' || order === 'zipf') {
    if (file === undefined) return [];
    return [`${place} must be left out with order ${order}, got ${file}`];
  }
  if (file === undefined) return [`${place} must be given with order ${order}`];
  const log = logs.get(file);
  if (log === undefined) return [`${place} must be a query log that was read, got ${file}`];
  if (order === 'weighted' || log.weights === undefined) return [];
  return ['.queries.order must be weighted for a file with weights, got log'];
}
