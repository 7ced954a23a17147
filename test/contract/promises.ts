import assert from 'node:assert/strict';
import type { Ability, Hits, Store, VectorOperations } from '../../core/adapter.js';
import { matchingRows } from '../../core/filter.js';
import { type Payload, payloadRow } from '../../core/payload.js';
import { openStore } from '../../core/run/open-store.js';
import { float32Rows } from '../../core/vectors.js';
import {
  base,
  contextOf,
  expectedIds,
  fieldsOf,
  idOf,
  payload,
  payloadOf,
  queryCount,
  requestOf,
  rows,
  specOf,
  type Trial,
} from './collection.js';
import { filtersFor } from './filters.js';

const k = 10;
const filteredQueries = 3;

/** A store that is open. */
interface Connected {
  readonly store: Store;
  readonly vectors: VectorOperations;
}

/** Opens the store of a trial. @param namespace what it makes is named by */
export async function connect(trial: Trial, namespace?: string): Promise<Connected> {
  const { adapter, adapterUrl, inProcess } = trial;
  const checked = await adapter.options['~standard'].validate(trial.options ?? {});
  assert.ok(checked.issues === undefined);
  const source = { name: 'contract', adapterUrl, options: checked.value, inProcess };
  const context = { ...contextOf(trial), ...(namespace !== undefined && { namespace }) };
  const store = await openStore(adapter, source, context);
  assert.ok(store.vectors !== undefined);
  return { store, vectors: store.vectors };
}

/** Stores the rows in two unequal batches, the later rows first. */
export async function fill(trial: Trial, vectors: VectorOperations): Promise<void> {
  await vectors.create(specOf(trial));
  await vectors.train?.(float32Rows(base, { from: 0, count: rows }));
  for (const [from, to] of [
    [100, rows],
    [0, 100],
  ] as const) {
    const ids = Int32Array.from({ length: to - from }, (_, row) => idOf(trial, from + row));
    const part = float32Rows(base, { from, count: to - from });
    const beside = specOf(trial).payload && {
      payload: payloadOf(trial.adapter, from, to - from),
    };
    await vectors.upsert(vectors.prepareUpsert({ ids, vectors: part, ...beside }));
  }
  for (const { name, s } of await vectors.finish()) {
    assert.ok(['insert', 'train', 'add', 'index'].includes(name));
    assert.ok(s >= 0);
  }
  assert.equal(await vectors.count(), rows);
}

function checkHits(trial: Trial, hits: Hits, wanted: number): number[] {
  assert.ok(hits.ids instanceof Int32Array);
  assert.equal(hits.ids.length, wanted);
  const came = [...hits.ids].filter((id) => id !== -1);
  // What is missing is missing at the end.
  assert.deepEqual([...hits.ids.subarray(0, came.length)], came);
  assert.equal(new Set(came).size, came.length, 'no id repeats');
  const stored = new Set(Array.from({ length: rows }, (_, row) => idOf(trial, row)));
  for (const id of came) assert.ok(stored.has(id), `${id} was not stored`);
  for (const ns of [hits.engineNs, hits.hostQueueNs]) {
    if (ns !== undefined) assert.ok(Number.isInteger(ns) && ns >= 0, `${ns} ns`);
  }
  return came;
}

/** The ids that come for each query. */
export async function searchAll(trial: Trial, vectors: VectorOperations): Promise<number[][]> {
  const answers: number[][] = [];
  for (let query = 0; query < queryCount; query++) {
    const hits = await vectors.search(vectors.prepareSearch(requestOf(trial, query, k)));
    answers.push(checkHits(trial, hits, k));
  }
  return answers;
}

async function checkSearch(trial: Trial, vectors: VectorOperations): Promise<number[][]> {
  const answers = await searchAll(trial, vectors);
  assert.deepEqual(await searchAll(trial, vectors), answers, 'the same answers again');
  const found = answers.reduce((sum, ids) => sum + ids.length, 0);
  assert.ok(found > 0, 'something is found');
  if (trial.support.exact !== true) return answers;
  const expected = answers.map((_, query) => expectedIds(trial, query, k));
  assert.deepEqual(answers, expected, 'nearest first, as comparing all rows gives them');
  for (const wanted of [1, rows, rows + 5]) {
    const hits = await vectors.search(vectors.prepareSearch(requestOf(trial, 0, wanted)));
    const came = checkHits(trial, hits, wanted);
    assert.deepEqual(came, expectedIds(trial, 0, Math.min(wanted, rows)));
  }
  return answers;
}

/** Requests in flight at once get each its own answer. */
async function checkConcurrent(
  trial: Trial,
  vectors: VectorOperations,
  expected: readonly (readonly number[])[],
): Promise<void> {
  const prepared = expected.map((_, query) => vectors.prepareSearch(requestOf(trial, query, k)));
  for (let from = 0; from < prepared.length; from += 4) {
    const four = prepared.slice(from, from + 4);
    const hits: Hits[] = await Promise.all(four.map((one) => vectors.search(one)));
    const answers = hits.map((one) => checkHits(trial, one, k));
    assert.deepEqual(answers, expected.slice(from, from + 4), 'with others in flight');
  }
}

async function checkBatch(
  trial: Trial,
  vectors: VectorOperations,
  expected: readonly (readonly number[])[],
): Promise<void> {
  const { prepareSearchBatch, searchBatch } = vectors;
  assert.equal(prepareSearchBatch === undefined, searchBatch === undefined);
  if (prepareSearchBatch === undefined || searchBatch === undefined) return;
  for (const size of [1, 5, queryCount]) {
    const requests = Array.from({ length: size }, (_, query) => requestOf(trial, query, k));
    const prepared = prepareSearchBatch.call(vectors, requests);
    const hits: Hits = await searchBatch.call(vectors, prepared);
    assert.equal(hits.ids.length, size * k);
    for (let query = 0; query < size; query++) {
      const own = { ids: hits.ids.slice(query * k, (query + 1) * k) };
      assert.deepEqual(checkHits(trial, own, k), expected[query], 'a batch as single requests');
    }
  }
}

/** What a store can do is what its adapter says, so that tables of them are true. */
async function checkAbilities({ adapter }: Trial, store: Store): Promise<void> {
  const { vectors } = store;
  // An engine host answers for every store; of one that knows no size, with nothing.
  const size = Object.keys((await store.footprint?.()) ?? {});
  const has: Readonly<Record<Ability, boolean>> = {
    batch: vectors?.searchBatch !== undefined,
    remove: vectors?.remove !== undefined,
    attach: vectors?.attach !== undefined,
    footprint: size.length > 0,
    leftovers: store.leftovers !== undefined,
  };
  const found = Object.entries(has).flatMap(([name, isThere]) => (isThere ? [name] : []));
  assert.deepEqual(adapter.abilities ?? [], found, 'abilities');
  assert.equal(store.leftovers === undefined, store.removeLeftover === undefined);
}

async function checkDescription(store: Store): Promise<void> {
  const { version, settings, warnings, pids } = await store.describe();
  assert.ok(version.length > 0);
  for (const [name, value] of Object.entries(settings)) {
    assert.ok(['number', 'string', 'boolean'].includes(typeof value), name);
  }
  for (const warning of warnings) assert.equal(typeof warning, 'string');
  for (const pid of pids) assert.ok(Number.isInteger(pid) && pid !== process.pid);
  const footprint = await store.footprint?.();
  for (const bytes of [footprint?.engineBytes, footprint?.diskBytes]) {
    if (bytes !== undefined) assert.ok(Number.isInteger(bytes) && bytes > 0);
  }
}

/** Another store reaches the collection by its handle, as a load worker does. */
async function checkHandle(
  trial: Trial,
  vectors: VectorOperations,
  expected: readonly (readonly number[])[],
): Promise<void> {
  const other = await connect(trial);
  try {
    await other.vectors.open(structuredClone(vectors.handle()));
    assert.deepEqual(await searchAll(trial, other.vectors), expected, 'through its handle');
    await checkConcurrent(trial, other.vectors, expected);
  } finally {
    await other.store.close();
  }
  assert.deepEqual(await searchAll(trial, vectors), expected, 'after another store was closed');
}

/** Filters of every kind that it has, as the exact answer among the rows that meet them. */
async function checkFilters(trial: Trial, vectors: VectorOperations): Promise<void> {
  for (const filter of filtersFor(trial.adapter)) {
    const meets = matchingRows(filter, payload);
    const allowed = new Set([...meets.keys()].filter((row) => meets[row] === 1));
    const wanted = new Set([...allowed].map((row) => idOf(trial, row)));
    const under = `under ${JSON.stringify(filter)}`;
    for (let query = 0; query < filteredQueries; query++) {
      const request = { ...requestOf(trial, query, k), filter };
      const hits = await vectors.search(vectors.prepareSearch(request));
      const came = checkHits(trial, hits, k);
      for (const id of came) assert.ok(wanted.has(id), `${under}: ${id} does not meet it`);
      const right = expectedIds(trial, query, rows)
        .filter((id) => wanted.has(id))
        .slice(0, k);
      if (trial.support.exact === true) assert.deepEqual(came, right, under);
      else assert.ok(came.length > 0 || right.length === 0, `${under}: nothing came`);
    }
  }
}

/** The payload comes with the ids where it is asked for, and only then. */
async function checkPayload(trial: Trial, vectors: VectorOperations): Promise<void> {
  const names = fieldsOf(trial.adapter).map(({ name }) => name);
  if (trial.adapter.payload?.returns !== true || names.length === 0) return;
  const request = requestOf(trial, 0, k);
  const bare = await vectors.search(vectors.prepareSearch(request));
  assert.equal(bare.payload, undefined);
  const some = names.slice(0, 2);
  for (const asked of [some, names]) {
    const hits = await vectors.search(vectors.prepareSearch({ ...request, payload: asked }));
    const came = checkHits(trial, hits, k);
    assert.equal(hits.payload?.length, came.length);
    const rowOf = (id: number) => (trial.adapter.standIn === true ? id : (id - 7) / 3);
    const columns = Object.fromEntries(asked.map((name) => [name, payload[name]])) as Payload;
    assert.deepEqual(
      hits.payload,
      came.map((id) => payloadRow(columns, rowOf(id))),
    );
  }
}

/** What every adapter promises of every index family that it builds. */
export async function keepsItsPromises(trial: Trial): Promise<void> {
  const { rows: count, dimensions, metric, params } = specOf(trial);
  const { support } = trial;
  assert.deepEqual(support.check?.({ rows: count, dimensions, metric, params }) ?? [], []);
  assert.ok((support.estimateBytes?.({ rows: count, dimensions, metric, params }) ?? 1) > 0);
  const { store, vectors } = await connect(trial);
  try {
    await fill(trial, vectors);
    await checkAbilities(trial, store);
    await checkDescription(store);
    const answers = await checkSearch(trial, vectors);
    await checkConcurrent(trial, vectors, answers);
    await checkBatch(trial, vectors, answers);
    await checkFilters(trial, vectors);
    await checkPayload(trial, vectors);
    await checkHandle(trial, vectors, answers);
    await vectors.drop();
  } finally {
    await store.close();
  }
}
