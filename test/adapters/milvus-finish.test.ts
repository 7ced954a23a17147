import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MilvusCollection } from '../../adapters/milvus/collection.js';
import { type Finishing, finishCollection } from '../../adapters/milvus/finish.js';
import type { IndexFacts, MilvusClient, SegmentFacts } from '../../adapters/milvus/package.js';
import { fakeServer, grpcError, jumpingClock, specOf, success } from './milvus-scene.js';

const collection = 'bench_test_a';
const rows = 2000;

function index(indexed: number, pending: number, change: Partial<IndexFacts> = {}): IndexFacts {
  return {
    field_name: 'vector',
    params: [{ key: 'index_type', value: 'HNSW' }],
    state: 'Finished',
    indexed_rows: String(indexed),
    total_rows: String(rows),
    pending_index_rows: String(pending),
    ...change,
  };
}

function segment(count: number, name: string): SegmentFacts {
  return { segmentID: '1', num_rows: String(count), index_name: name, state: 'Sealed' };
}

/** The next of a list at each call; the last again and again. */
function inTurn<T>(answers: readonly T[]): () => T {
  let at = 0;
  return () => answers[Math.min(at++, answers.length - 1)] as T;
}

interface Course {
  readonly indexes: readonly IndexFacts[];
  readonly segments?: readonly (readonly SegmentFacts[])[];
  readonly counts?: readonly number[];
  readonly calls?: string[];
}

/** A server on which a collection becomes ready as it is told. */
function serverOf({ indexes, segments, counts = [rows], calls = [] }: Course) {
  const nextIndex = inTurn(indexes);
  const nextSegments = inTurn(segments ?? [[segment(rows, 'vector')]]);
  const nextCount = inTurn(counts);
  const flushed = inTurn([false, true]);
  const progress = inTurn(['0', '40', '100']);
  const merged = inTurn(['Executing', 'Completed']);
  const said = <T extends object>(call: string, answer: T) => {
    calls.push(call);
    return Promise.resolve({ status: success, ...answer });
  };
  const client: Partial<MilvusClient> = {
    flush: () => said('flush', { coll_segIDs: { [collection]: { data: ['1'] } } }),
    getFlushState: () => said('flushState', { flushed: flushed() }),
    describeIndex: () => said('describeIndex', { index_descriptions: [nextIndex()] }),
    compact: () => said('compact', { compactionID: '7' }),
    getCompactionState: () => said('compactionState', { state: merged() }),
    loadCollection: async () => {
      calls.push('load');
      return success;
    },
    getLoadingProgress: () => said('progress', { progress: progress() }),
    getQuerySegmentInfo: () => said('segments', { infos: nextSegments() }),
    query: ({ consistency_level: level }) =>
      said(`count ${level}`, { data: [{ 'count(*)': String(nextCount()) }] }),
  };
  return fakeServer(client);
}

function finishing(server: Finishing['server'], change: Partial<Finishing> = {}): Finishing {
  return {
    server,
    collection,
    rows,
    isExact: false,
    consistency: 'Bounded',
    replicas: 1,
    compact: true,
    giveUpS: 60,
    signal: new AbortController().signal,
    log: () => undefined,
    clock: jumpingClock(),
    ...change,
  };
}

const done = index(rows, 0);

test('finishing flushes, waits for the index, merges, waits again, loads and counts', async () => {
  const calls: string[] = [];
  const server = serverOf({ indexes: [done], calls });
  assert.deepEqual(await finishCollection(finishing(server)), []);
  const order = ['flush', 'compact', 'load', 'segments', 'count Strong', 'count Bounded'];
  assert.deepEqual(
    calls.filter((call) => order.includes(call)),
    order,
  );
  assert.equal(calls.filter((call) => call === 'progress').length, 3);
  assert.ok(calls.lastIndexOf('describeIndex') > calls.lastIndexOf('compactionState'));
  const without: string[] = [];
  const plain = serverOf({ indexes: [done], calls: without });
  await finishCollection(finishing(plain, { compact: false }));
  assert.ok(!without.includes('compact'));
});

test('an index that is called finished while rows wait for it is waited for', async () => {
  const calls: string[] = [];
  // As version 2.3.5 answers: state Finished from the beginning, and after segments were merged
  // all rows both indexed and waiting.
  const indexes = [index(0, rows), index(rows, rows), index(1000, 0), done];
  await finishCollection(finishing(serverOf({ indexes, calls }), { compact: false }));
  assert.equal(calls.filter((call) => call === 'describeIndex').length, 4);
});

test('an index that failed is told with its reason', async () => {
  const failed = index(0, rows, { state: 'Failed', index_state_fail_reason: 'out of memory' });
  const run = finishCollection(finishing(serverOf({ indexes: [failed] })));
  await assert.rejects(run, { code: 'STORE_FAILED', message: /index of vector.*out of memory/ });
});

test('an index that is never built is given up', async () => {
  const lines: string[] = [];
  const server = serverOf({ indexes: [index(0, rows)] });
  const run = finishCollection(finishing(server, { log: (line) => lines.push(line) }));
  await assert.rejects(run, {
    code: 'TIMEOUT',
    message: /nothing changed for 60 s: vector: 0 of 2000 rows indexed, 2000 wait/,
    hint: /log/,
  });
  assert.ok(lines.some((line) => line.includes('0 of 2000 rows indexed')));
});

test('rows that are searched without the index are warned of', async () => {
  const late = [
    [segment(1500, ''), segment(500, '')],
    [segment(1500, 'vector'), segment(500, '')],
  ];
  const clock = jumpingClock();
  const server = serverOf({ indexes: [done], segments: late });
  const [warning = ''] = await finishCollection(finishing(server, { clock }));
  assert.match(warning, /^500 of 2000 rows are searched without the index/);
  // Where only small segments have none, nothing is waited for any more.
  assert.ok(clock.now() < 10e9);
  const never = serverOf({ indexes: [done], segments: [[segment(rows, '')]] });
  const [all = ''] = await finishCollection(finishing(never));
  assert.match(all, /^all 2000 rows/);
  const exact = serverOf({ indexes: [done], segments: [[segment(rows, '')]] });
  assert.deepEqual(await finishCollection(finishing(exact, { isExact: true })), []);
});

test('rows that are not there are a failure, and those not yet found are waited for', async () => {
  const lost = serverOf({ indexes: [done], counts: [1999] });
  await assert.rejects(finishCollection(finishing(lost)), {
    code: 'STORE_FAILED',
    message: /has 1999 rows, 2000 were inserted/,
  });
  const calls: string[] = [];
  const late = serverOf({ indexes: [done], counts: [rows, 1200, rows], calls });
  await finishCollection(finishing(late));
  assert.equal(calls.filter((call) => call === 'count Bounded').length, 2);
});

test('waiting ends when the run is interrupted', async () => {
  const controller = new AbortController();
  controller.abort();
  const { signal } = controller;
  const run = finishCollection(finishing(serverOf({ indexes: [done] }), { signal }));
  await assert.rejects(run, { code: 'INTERRUPTED' });
});

/** A server that makes collections, and answers an index as it is told. */
function makingServer(answer: object, made = 'HNSW', calls: string[] = []) {
  return fakeServer({
    dropCollection: async ({ collection_name: name }) => {
      calls.push(`drop ${name}`);
      return success;
    },
    createCollection: async () => success,
    createIndex: async ({ field_name: field }) => {
      calls.push(`index ${field}`);
      return answer;
    },
    describeIndex: async () => ({
      status: success,
      index_descriptions: [index(0, 0, { params: [{ key: 'index_type', value: made }] })],
    }),
    describeCollection: async () => ({ status: success, schema: { fields: [] } }),
  });
}

test('an index that the server does not have is unsupported, whichever field says so', async () => {
  const reason = 'reserved for a future phase';
  const calls: string[] = [];
  for (const answer of [
    { error_code: 'Success', code: 1, reason },
    { error_code: 'UnexpectedError', code: 65_535, reason: 'invalid index type: SCANN' },
    { error_code: 'UnexpectedError', reason: 'SCANN is not supported' },
  ]) {
    const run = MilvusCollection.create(makingServer(answer, 'HNSW', calls), specOf());
    await assert.rejects(run, { code: 'UNSUPPORTED', hint: /2\.6\.0/ });
    // What was made of it is gone.
    assert.equal(calls.at(-1), `drop ${collection}`);
  }
  const wrong = makingServer({ ...success, code: 65_535, reason: 'M out of range' });
  await assert.rejects(MilvusCollection.create(wrong, specOf()), { code: 'STORE_FAILED' });
});

test('another index than was asked for is unsupported', async () => {
  const server = makingServer(success, 'AUTOINDEX');
  await assert.rejects(MilvusCollection.create(server, specOf()), {
    code: 'UNSUPPORTED',
    message: /asked for HNSW and made AUTOINDEX/,
  });
});

test('columns that filters look at get an index, others do not', async () => {
  const calls: string[] = [];
  const payload = [
    { name: 'year', type: 'integer' as const, indexed: true },
    { name: 'title', type: 'text' as const, indexed: false },
  ];
  const made = await MilvusCollection.create(
    makingServer(success, 'HNSW', calls),
    specOf({ payload }),
  );
  assert.deepEqual(calls, [`drop ${collection}`, 'index vector', 'index c_year']);
  await made.drop();
  assert.equal(calls.at(-1), `drop ${collection}`);
});

test('rows that a server does not take are told', async () => {
  const { view } = new MilvusCollection(fakeServer({}), {
    ...{ name: collection, family: 'flat', dimensions: 2, payload: [], isOwn: true },
    ...{ vectorField: 'vector', idField: 'id' },
  });
  const answers = [
    { status: { error_code: 'RateLimit', code: 8, reason: 'disk quota exhausted' } },
    { status: { ...success, code: 1804, reason: 'not insertable' } },
    { status: success, insert_cnt: '1' },
  ];
  for (const answer of answers) {
    const own = new MilvusCollection(fakeServer({ insert: async () => answer }), view);
    await assert.rejects(own.insert([{}, {}]), { code: 'STORE_FAILED' });
  }
});

const opened = {
  ...{ name: collection, family: 'flat', dimensions: 2, payload: [], isOwn: false },
  ...{ vectorField: 'v', idField: 'row' },
};

test('an answer gives -1 where fewer came, one list for each query', async () => {
  const lists = [[{ row: '4', score: 1 }], [{ row: '5' }, { row: '6' }]];
  const request = { vector: Float32Array.of(1, 2), k: 2, params: {} };
  const answering = (results: never) =>
    new MilvusCollection(
      fakeServer({ search: async () => ({ status: success, results }) }),
      opened,
    );
  const two = answering(lists as never);
  assert.deepEqual([...(await two.search(two.prepare([request, request]))).ids], [4, -1, 5, 6]);
  // One query gives its rows without a list around them; nothing found, no list at all.
  const one = answering([{ row: '4' }] as never);
  assert.deepEqual([...(await one.search(one.prepare([request]))).ids], [4, -1]);
  const none = answering([] as never);
  assert.deepEqual((await none.search(none.prepare([request, request]))).ids.length, 4);
});

test('a refused search is an error, though the old field says success', async () => {
  const status = { error_code: 'Success', code: 101, reason: 'collection not loaded' };
  const server = fakeServer({ search: async () => ({ status, results: [] }) });
  const own = new MilvusCollection(server, opened);
  const prepared = own.prepare([{ vector: Float32Array.of(1, 2), k: 2, params: {} }]);
  await assert.rejects(own.search(prepared), { message: /collection not loaded \(code 101\)/ });
  const late = fakeServer({ search: () => Promise.reject(grpcError(4, 'Deadline exceeded')) });
  await assert.rejects(new MilvusCollection(late, opened).search(prepared), { code: 'TIMEOUT' });
});
