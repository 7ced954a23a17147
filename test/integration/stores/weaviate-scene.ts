import assert from 'node:assert/strict';
import adapter from '../../../adapters/weaviate.js';
import type {
  CollectionSpec,
  ConnectContext,
  Metric,
  SearchRequest,
  Store,
  VectorOperations,
} from '../../../core/adapter.js';
import { type Filter, matchingRows } from '../../../core/filter.js';
import { type Payload, payloadSlice } from '../../../core/payload.js';
import { firstRows, float32Rows, type VectorTable, vectorOf } from '../../../core/vectors.js';
import siftsmall from '../../../datasets/siftsmall.js';
import wikiMovies from '../../../datasets/wiki-movies.js';
import { slowNearest } from '../../core/tables.js';

/** How many rows are stored. */
export const rows = 2000;
/** How many ids a query wants. */
export const k = 10;
const asked = 20;

/** The first rows of a dataset. */
export interface Scene {
  readonly base: VectorTable;
  readonly queries: VectorTable;
  readonly payload?: Payload;
  readonly metric: Metric;
}

/** Films, with their payload. */
export async function films(): Promise<Scene & { readonly payload: Payload }> {
  const { base, queries, payload } = await wikiMovies.load('wiki-movies', { payload: true });
  assert.ok(payload !== undefined);
  const part = payloadSlice(payload, 0, rows);
  return { base: firstRows(base, rows), queries, payload: part, metric: 'cosine' };
}

/** Descriptors of images. */
export async function images(): Promise<Scene> {
  const { base, queries } = await siftsmall.load('siftsmall');
  return { base: firstRows(base, rows), queries, metric: 'l2' };
}

/** Opens the server. */
export function connect(options: object, namespace = 'bench_it'): Promise<Store> {
  const context: ConnectContext = {
    namespace,
    connections: 4,
    timeoutNs: 20e9,
    signal: new AbortController().signal,
    log: () => undefined,
  };
  return adapter.connect(options, context);
}

/** What is made of a scene. */
export function specOf(scene: Scene, change: Partial<CollectionSpec> = {}): CollectionSpec {
  return {
    name: 'scene',
    rows,
    dimensions: scene.base.dimensions,
    metric: scene.metric,
    elements: 'f32',
    family: 'flat',
    params: {},
    buildThreads: 1,
    searchThreads: 1,
    seed: 1,
    ...(scene.payload !== undefined && {
      payload: [
        { name: 'title', type: 'text', indexed: true },
        { name: 'year', type: 'integer', indexed: true },
        { name: 'genre', type: 'category', indexed: true },
        { name: 'castCount', type: 'integer', indexed: true },
      ],
    }),
    ...change,
  };
}

/** Stores a scene; the ids are the row numbers. */
export async function fill(
  store: Store,
  scene: Scene,
  change: Partial<CollectionSpec> = {},
): Promise<VectorOperations> {
  const vectors = store.vectors as VectorOperations;
  await vectors.create(specOf(scene, change));
  const ids = Int32Array.from({ length: rows }, (_, row) => row);
  const all = float32Rows(scene.base, { from: 0, count: rows });
  const { payload } = scene;
  await vectors.upsert(
    vectors.prepareUpsert({ ids, vectors: all, ...(payload !== undefined && { payload }) }),
  );
  await vectors.finish();
  assert.equal(await vectors.count(), rows);
  return vectors;
}

/** The query of a row of the query file. */
export function query(scene: Scene, row: number, rest: Partial<SearchRequest> = {}): SearchRequest {
  return { vector: vectorOf(scene.queries, row), k, params: {}, ...rest };
}

const rankings = new Map<string, readonly number[]>();

/** All rows by their distance from a query, which are compared once for all filters. */
function rankingOf({ base, queries, metric }: Scene, row: number): readonly number[] {
  const key = `${metric} ${row}`;
  const known = rankings.get(key) ?? slowNearest({ metric, base }, vectorOf(queries, row), rows);
  rankings.set(key, known);
  return known;
}

/** The share of the true neighbours among the rows that meet a filter that the answers have. */
export async function recall(
  vectors: VectorOperations,
  scene: Scene,
  filter?: Filter,
): Promise<number> {
  const meets = filter && matchingRows(filter, scene.payload ?? {});
  const isMeant = (id: number): boolean => (meets?.[id] ?? 1) === 1;
  let found = 0;
  let wanted = 0;
  for (let row = 0; row < asked; row++) {
    const truth = rankingOf(scene, row).filter(isMeant).slice(0, k);
    const prepared = vectors.prepareSearch(query(scene, row, filter && { filter }));
    const { ids } = await vectors.search(prepared);
    const came = ids.filter((id) => id !== -1);
    for (const id of came) assert.ok(isMeant(id), `row ${id} meets ${JSON.stringify(filter)}`);
    assert.ok(came.length <= truth.length);
    wanted += truth.length;
    found += truth.filter((id) => ids.includes(id)).length;
  }
  return wanted === 0 ? 1 : found / wanted;
}
