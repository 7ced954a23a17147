import { type Clock, realClock } from '../../core/clock.js';
import { BenchError } from '../../core/errors.js';
import { nsPerS } from '../../core/units.js';
import type { CollectionInfo } from './api.js';

/** What is waited for. */
export interface IndexWait {
  readonly collection: string;
  readonly rows: number;
  /** Whether the vectors are more than the threshold above which a graph is built. */
  readonly expectsGraph: boolean;
  readonly giveUpS: number;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly clock?: Clock;
}

const pollNs = 250e6;
// Optimisers begin some time after the rows came: green before that says nothing.
const settledNs = 5 * nsPerS;

/**
 * Waits until a collection is green, its optimisers are well and, where a graph is expected, all
 * rows are in it.
 *
 * @returns warnings: rows that stay without a graph, since their segments are below the threshold
 * @throws BenchError STORE_FAILED when an optimiser failed; TIMEOUT when nothing changes for long;
 * INTERRUPTED
 */
export async function waitForIndex(
  look: () => Promise<CollectionInfo>,
  wait: IndexWait,
): Promise<string[]> {
  const { clock = realClock, giveUpS, collection } = wait;
  let seen = '';
  let changedNs = clock.now();
  for (;;) {
    if (wait.signal.aborted) throw new BenchError('INTERRUPTED', 'qdrant: interrupted');
    const info = await look();
    requireHealth(info, collection);
    const state = stateOf(info);
    if (state !== seen) {
      wait.log(`qdrant: ${collection}: ${state}`);
      seen = state;
      changedNs = clock.now();
    }
    const unchangedNs = clock.now() - changedNs;
    if (isDone(info, wait) || (isIdle(info) && wait.expectsGraph && unchangedNs >= settledNs)) {
      return graphWarnings(info, wait.rows);
    }
    if (unchangedNs > giveUpS * nsPerS) throw stalled(collection, { state, giveUpS });
    await clock.sleepUntil(clock.now() + pollNs);
  }
}

function isIdle({ status, optimizer_status, update_queue }: CollectionInfo): boolean {
  return status === 'green' && optimizer_status === 'ok' && (update_queue?.length ?? 0) === 0;
}

function isDone(info: CollectionInfo, { rows, expectsGraph }: IndexWait): boolean {
  return isIdle(info) && (!expectsGraph || (info.indexed_vectors_count ?? 0) >= rows);
}

function requireHealth({ status, optimizer_status }: CollectionInfo, collection: string): void {
  if (status !== 'red' && typeof optimizer_status !== 'object') return;
  const reason = typeof optimizer_status === 'object' ? optimizer_status.error : 'no reason given';
  const message = `qdrant: ${collection} is ${status}: ${reason}`;
  throw new BenchError('STORE_FAILED', message, { hint: "the server's log says more" });
}

function stateOf(info: CollectionInfo): string {
  const { indexed_vectors_count, points_count, segments_count, status, update_queue } = info;
  const queue = update_queue?.length ?? 0;
  const waiting = queue > 0 ? `, ${queue} updates wait` : '';
  const rows = `${indexed_vectors_count ?? 0} of about ${points_count ?? 0} rows in the graph`;
  return `${status}, ${rows}, ${segments_count ?? 0} segments${waiting}`;
}

function graphWarnings({ indexed_vectors_count }: CollectionInfo, rows: number): string[] {
  const indexed = indexed_vectors_count ?? 0;
  if (indexed >= rows) return [];
  const which = indexed === 0 ? `all ${rows} rows are` : `${rows - indexed} of ${rows} rows are`;
  return [`${which} searched in full: their segments are below the indexing threshold`];
}

function stalled(
  collection: string,
  { state, giveUpS }: { readonly state: string; readonly giveUpS: number },
): BenchError {
  const message = `qdrant: ${collection}: nothing changed for ${giveUpS} s: ${state}`;
  return new BenchError('TIMEOUT', message, {
    hint: 'is the server out of memory or disk? options.giveUpS waits longer',
  });
}
