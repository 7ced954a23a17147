import assert from 'node:assert/strict';
import type { Adapter, SearchRequest, Store, VectorOperations } from '../../core/adapter.js';
import { recallOf, scoreAnswers } from '../../core/measure/recall.js';
import { emptyScores } from '../../core/measure/scores.js';
import { computeTruth } from '../../core/measure/truth.js';
import { vectorOf } from '../../core/vectors.js';
import { tableOf } from '../core/tables.js';

// Rows on a line at 0, 1, 2, ... 299, and queries between two rows, so that no two rows tie.
export const rows = 300;
const base = tableOf(
  1,
  Array.from({ length: rows }, (_, row) => row),
);
const queries = tableOf(1, [100.1, 30.1]);
const judge = { metric: 'l2' as const, base, queries };
const truth = await computeTruth({ ...judge, k: 100 });

/** A store of the adapter in which a collection was created. */
export interface OpenedNull {
  readonly store: Store;
  readonly vectors: VectorOperations;
}

export async function connectNull(
  adapter: Adapter,
  options: object,
  connections = 8,
): Promise<OpenedNull> {
  const { signal } = new AbortController();
  const store = await adapter.connect(options, {
    namespace: 'bench_null',
    connections,
    timeoutNs: 20e9,
    signal,
    log: () => undefined,
    truth: { k: truth.k, ids: truth.ids },
  });
  assert.ok(store.vectors !== undefined);
  return { store, vectors: store.vectors };
}

export async function openNull(
  adapter: Adapter,
  options: object,
  connections = 8,
): Promise<OpenedNull> {
  const opened = await connectNull(adapter, options, connections);
  await opened.vectors.create({
    name: 'a',
    rows,
    dimensions: 1,
    metric: 'l2',
    elements: 'f32',
    family: 'flat',
    params: {},
    buildThreads: 1,
    searchThreads: 1,
    seed: 1,
  });
  return opened;
}

export function requestOf(query: number, k = 10): SearchRequest {
  return { vector: vectorOf(queries, query), row: query, k, params: {} };
}

/** Sends one search. @returns its ids */
export async function searchOnce(vectors: VectorOperations, query = 0, k = 10): Promise<number[]> {
  const hits = await vectors.search(vectors.prepareSearch(requestOf(query, k)));
  return [...hits.ids];
}

/** Sends searches one after the other. @returns the code of each that failed, `ok` else */
export async function outcomesOf(vectors: VectorOperations, count: number): Promise<string[]> {
  const outcomes: string[] = [];
  for (let request = 0; request < count; request++) {
    outcomes.push(
      await searchOnce(vectors).then(
        () => 'ok',
        (error: { code: string }) => error.code,
      ),
    );
  }
  return outcomes;
}

/** The recall of every kind of answer, from what each kind is said to be. */
export const expectedRecalls = [
  { answers: 'true', k: 10, recall: 1, answered: 1 },
  { answers: 'true', k: 100, recall: 1, answered: 1 },
  { answers: 'repeated', k: 10, recall: 1 / 10, answered: 1 },
  { answers: 'repeated', k: 1, recall: 1, answered: 1 },
  { answers: 'short', k: 10, recall: 5 / 10, answered: 5 / 10 },
  { answers: 'short', k: 7, recall: 3 / 7, answered: 3 / 7 },
  { answers: 'short', k: 1, recall: 0, answered: 0 },
  { answers: 'half', k: 10, recall: 5 / 10, answered: 1 },
  { answers: 'half', k: 7, recall: 3 / 7, answered: 1 },
  // Of 100 true neighbours 10 are beyond the 90th; 45 wrong ids are wanted.
  { answers: 'half', k: 90, recall: 45 / 90, answered: 1 },
  { answers: 'wrong', k: 10, recall: 0, answered: 1 },
] as const;

/** What the harness makes of the answers to all queries. */
export async function judgedRecall(vectors: VectorOperations, k: number) {
  const scores = emptyScores(queries.rows);
  for (let query = 0; query < queries.rows; query++) {
    const ids = await searchOnce(vectors, query, k);
    scoreAnswers({ ...judge, truth, k }, Int32Array.from([query, ...ids]), scores);
  }
  const recall = recallOf(scores, k, 1);
  assert.ok(recall !== undefined);
  return recall;
}
