import { type Clock, realClock } from '../../core/clock.js';
import { BenchError } from '../../core/errors.js';
import { nsPerS } from '../../core/units.js';
import { isSuccess } from './failure.js';
import type { IndexFacts, SegmentFacts } from './package.js';
import { type MilvusServer, statusOf } from './server.js';

/** What is made ready for searches, and how long that is waited for. */
export interface Finishing {
  readonly server: Pick<MilvusServer, 'ask' | 'tryTo' | 'where'>;
  readonly collection: string;
  /** Rows that were inserted. */
  readonly rows: number;
  /** Whether its searches compare all rows, with or without an index. */
  readonly isExact: boolean;
  readonly consistency: string;
  readonly replicas: number;
  readonly compact: boolean;
  readonly giveUpS: number;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly clock?: Clock;
}

const pollNs = 200e6;
// A query node takes an index over some time after it was built.
const settledNs = 10 * nsPerS;
/** Segments of fewer rows get no index, if the server is set up as it comes. */
const fewestIndexedRows = 1024;

/** What one look at the server found. */
interface Look {
  readonly isDone: boolean;
  /** For a person; unchanged where nothing goes on. */
  readonly state: string;
}

/**
 * Waits until every row is stored, in the index, loaded, and found by searches of the consistency
 * that is asked for.
 *
 * @returns warnings: rows that are searched without the index
 * @throws BenchError STORE_FAILED when an index was not built or rows are missing; TIMEOUT when
 * nothing changes for long; INTERRUPTED
 */
export async function finishCollection(finishing: Finishing): Promise<string[]> {
  await flush(finishing);
  await waitForIndexes(finishing);
  if (finishing.compact) {
    await compact(finishing);
    await waitForIndexes(finishing);
  }
  await load(finishing);
  const warnings = await waitForSegments(finishing);
  await waitForRows(finishing);
  return warnings;
}

async function flush(finishing: Finishing): Promise<void> {
  const { server, collection } = finishing;
  const begun = await server.ask('flush', (client) =>
    client.flush({ collection_names: [collection] }),
  );
  const segmentIDs = begun.coll_segIDs[collection]?.data ?? [];
  const flushTs = begun.coll_flush_ts?.[collection];
  const request = {
    segmentIDs,
    collection_name: collection,
    ...(flushTs !== undefined && { flush_ts: flushTs }),
  };
  await waitUntil(finishing, async () => {
    const { flushed } = await server.ask('flush', (client) => client.getFlushState(request));
    return { isDone: flushed === true, state: 'rows are flushed' };
  });
}

/**
 * An index is finished when no rows wait for it: the server calls it `Finished` before, and counts
 * rows of segments that were merged since as done.
 */
async function waitForIndexes(finishing: Finishing): Promise<void> {
  const { server, collection } = finishing;
  await waitUntil(finishing, async () => {
    const { index_descriptions: all } = await server.ask('describe index', (client) =>
      client.describeIndex({ collection_name: collection }),
    );
    requireNoFailure(all, finishing);
    const waiting = all.filter(
      (one) => Number(one.pending_index_rows) > 0 || indexed(one) < Number(one.total_rows),
    );
    const state = waiting.map(
      (one) =>
        `${one.field_name}: ${indexed(one)} of ${one.total_rows} rows indexed, ` +
        `${one.pending_index_rows} wait`,
    );
    return { isDone: waiting.length === 0, state: state.join('; ') };
  });
}

function indexed({ indexed_rows: rows }: IndexFacts): number {
  return Number(rows);
}

function requireNoFailure(all: readonly IndexFacts[], { server, collection }: Finishing): void {
  const broken = all.find(
    ({ state, index_state_fail_reason: why = '' }) => state === 'Failed' || why !== '',
  );
  if (broken === undefined) return;
  const { field_name: field, index_state_fail_reason: why } = broken;
  const what = `the index of ${field} failed: ${why || 'no reason given'}`;
  const message = `${server.where}: ${collection}: ${what}`;
  throw new BenchError('STORE_FAILED', message, { hint: "the server's log says more" });
}

/** Merges small segments, which the server would do by itself while it is measured. */
async function compact(finishing: Finishing): Promise<void> {
  const { server, collection } = finishing;
  const { compactionID } = await server.ask('compact', (client) =>
    client.compact({ collection_name: collection }),
  );
  if (compactionID === undefined || Number(compactionID) <= 0) return;
  await waitUntil(finishing, async () => {
    const { state = '', executingPlanNo = '0' } = await server.ask('compact', (client) =>
      client.getCompactionState({ compactionID }),
    );
    return { isDone: state === 'Completed', state: `${executingPlanNo} segments are merged` };
  });
}

async function load(finishing: Finishing): Promise<void> {
  const { server, collection, replicas } = finishing;
  const named = { collection_name: collection };
  await server.ask('load', (client) =>
    client.loadCollection({ ...named, replica_number: replicas }),
  );
  await waitUntil(finishing, async () => {
    const { progress = '0' } = await server.ask('load', (client) =>
      client.getLoadingProgress(named),
    );
    return { isDone: Number(progress) >= 100, state: `${progress} % loaded` };
  });
}

/** Waits for a while that what is loaded has the index; small segments never do. */
async function waitForSegments(finishing: Finishing): Promise<string[]> {
  const { server, collection, isExact, clock = realClock } = finishing;
  if (isExact) return [];
  const beganNs = clock.now();
  let bare: readonly SegmentFacts[] = [];
  await waitUntil(finishing, async () => {
    const answer = await server.tryTo('segments', (client) =>
      client.getQuerySegmentInfo({ collectionName: collection }),
    );
    bare = isSuccess(statusOf(answer)) ? withoutIndex(answer.infos ?? []) : [];
    const isLate = clock.now() - beganNs >= settledNs;
    const mayComeYet = bare.some(({ num_rows: rows }) => Number(rows) >= fewestIndexedRows);
    return { isDone: !mayComeYet || isLate, state: `${rowsIn(bare)} rows without the index` };
  });
  const without = rowsIn(bare);
  if (without === 0) return [];
  const which = without >= finishing.rows ? `all ${without}` : `${without} of ${finishing.rows}`;
  return [
    `${which} rows are searched without the index, as their segments are too small for one ` +
      '(indexCoord.segment.minSegmentNumRowsToEnableIndex, 1024 by default): build and search ' +
      'parameters have no meaning there',
  ];
}

/** Loaded segments without the index: a server compares all their rows, or makes do otherwise. */
function withoutIndex(segments: readonly SegmentFacts[]): SegmentFacts[] {
  return segments.filter(({ index_name: name = '' }) => name === '');
}

function rowsIn(segments: readonly SegmentFacts[]): number {
  return segments.reduce((sum, { num_rows: rows }) => sum + Number(rows), 0);
}

async function waitForRows(finishing: Finishing): Promise<void> {
  const { server, collection, rows, consistency } = finishing;
  const stored = await countRows(server, collection, 'Strong');
  if (stored !== rows) {
    const message = `${server.where}: ${collection} has ${stored} rows, ${rows} were inserted`;
    throw new BenchError('STORE_FAILED', message);
  }
  await waitUntil(finishing, async () => {
    const found = await countRows(server, collection, consistency);
    const state = `${found} of ${rows} rows are found under ${consistency}`;
    return { isDone: found === rows, state };
  });
}

/** Rows that searches of a consistency find. */
export async function countRows(
  server: Pick<MilvusServer, 'ask'>,
  collection: string,
  consistency: string,
): Promise<number> {
  const { data } = await server.ask('count', (client) =>
    client.query({
      collection_name: collection,
      output_fields: ['count(*)'],
      consistency_level: consistency,
    }),
  );
  return Number(data[0]?.['count(*)']);
}

async function waitUntil(finishing: Finishing, look: () => Promise<Look>): Promise<void> {
  const { clock = realClock, collection, giveUpS, signal, log } = finishing;
  let seen = '';
  let changedNs = clock.now();
  for (;;) {
    if (signal.aborted) throw new BenchError('INTERRUPTED', 'milvus: interrupted');
    const { isDone, state } = await look();
    if (isDone) return;
    if (state !== seen) {
      log(`milvus: ${collection}: ${state}`);
      seen = state;
      changedNs = clock.now();
    }
    if (clock.now() - changedNs > giveUpS * nsPerS) throw stalled(finishing, state);
    await clock.sleepUntil(clock.now() + pollNs);
  }
}

function stalled({ server, collection, giveUpS }: Finishing, state: string): BenchError {
  const message = `${server.where}: ${collection}: nothing changed for ${giveUpS} s: ${state}`;
  return new BenchError('TIMEOUT', message, {
    hint:
      'a server repeats without end what it cannot do, and says why in its log only: can it ' +
      'build this index, and is there memory and disk? options.giveUpS waits longer',
  });
}
