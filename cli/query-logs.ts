import type { QueryLog } from '../core/load/query-order.js';
import type { Suite } from '../core/suite.js';
import { queryLogReader } from './registry.js';

/**
 * Reads the query logs that a suite names, by their paths.
 *
 * @param queries of the dataset
 * @throws BenchError BAD_DATA for a log that is missing or damaged, or asks for other queries
 */
export async function loadQueryLogs(
  suite: Suite,
  queries: number,
): Promise<ReadonlyMap<string, QueryLog>> {
  const files = new Set(suite.streams.flatMap((stream) => stream.queries?.file ?? []));
  const logs = new Map<string, QueryLog>();
  if (files.size === 0) return logs;
  const read = await queryLogReader();
  for (const file of files) logs.set(file, await read(file, queries));
  return logs;
}
