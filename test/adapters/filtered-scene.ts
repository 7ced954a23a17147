import assert from 'node:assert/strict';
import type {
  CollectionSpec,
  Parameters,
  PayloadField,
  SearchRequest,
  VectorOperations,
} from '../../core/adapter.js';
import { type Filter, matchingRows } from '../../core/filter.js';
import { decodePayload, encodePayload } from '../../core/host/payload-block.js';
import { type Payload, payloadSlice } from '../../core/payload.js';
import { float32Rows, vectorOf } from '../../core/vectors.js';
import { slowNearest } from '../core/tables.js';
import { base, dimensions, k, queries, rows } from './hosted-scene.js';

export const fields: readonly PayloadField[] = [
  { name: 'genre', type: 'category', indexed: true },
  { name: 'year', type: 'integer', indexed: true },
  { name: 'price', type: 'float', indexed: true },
  { name: 'isNew', type: 'boolean', indexed: true },
  { name: 'title', type: 'text', indexed: false },
];

/** A row in eleven has no value, another one in each column. */
function valuesOf(absent: number, value: (row: number) => unknown): unknown[] {
  return Array.from({ length: rows }, (_, row) => (row % 11 === absent ? null : value(row)));
}

const genres = ['Krimi', 'Komödie', "O'Neill", 'a "b"'];

/** A value of each type for the rows of the base. */
export const payload: Payload = decodePayload(
  JSON.stringify({
    genre: { type: 'category', values: valuesOf(0, (row) => genres[((row * 7 + 3) % 5) % 4]) },
    year: { type: 'integer', values: valuesOf(1, (row) => 1950 + (row % 70)) },
    price: { type: 'float', values: valuesOf(2, (row) => (row % 40) / 4 - 2) },
    isNew: { type: 'boolean', values: valuesOf(3, (row) => row % 3 === 0) },
    title: { type: 'text', values: valuesOf(4, (row) => `Film ${row}`) },
  }),
  rows,
);

/** Every kind of expression, on every type. */
export const filters: Readonly<Record<string, Filter>> = {
  'equals of a category': { field: 'genre', equals: 'Komödie' },
  'equals of an integer': { field: 'year', equals: 1960 },
  'equals of an integer that no row has': { field: 'year', equals: 1960.5 },
  'equals of a whole float': { field: 'price', equals: 2 },
  'equals of true': { field: 'isNew', equals: true },
  'equals of false': { field: 'isNew', equals: false },
  'equals of a text': { field: 'title', equals: 'Film 77' },
  'in of a category': { field: 'genre', in: ["O'Neill", 'a "b"', 'Western'] },
  'in of integers': { field: 'year', in: [1950, 1951, 1999.5, 3000] },
  'in of no whole number': { field: 'year', in: [1999.5, 1e300] },
  'in of floats': { field: 'price', in: [-2, 0.25] },
  'in of both truth values': { field: 'isNew', in: [true, false] },
  'in of texts': { field: 'title', in: ['Film 5', 'Film 6', 'film 7'] },
  'range of integers': { field: 'year', atLeast: 1990, atMost: 1999.5 },
  'range of floats, open above': { field: 'price', atLeast: 3.25 },
  'range, open below': { field: 'year', atMost: 1955 },
  'not, which rows without a value meet': { not: { field: 'genre', equals: 'Krimi' } },
  'not of a range': { not: { field: 'price', atLeast: -1 } },
  and: {
    and: [
      { field: 'genre', in: ['Krimi', 'Komödie'] },
      { field: 'year', atLeast: 1980 },
    ],
  },
  or: {
    or: [
      { field: 'year', equals: 1950 },
      { field: 'isNew', equals: true },
    ],
  },
  nested: {
    and: [
      { or: [{ field: 'year', atMost: 1960 }, { not: { field: 'isNew', equals: false } }] },
      {
        not: {
          or: [
            { field: 'price', atLeast: 5 },
            { field: 'genre', equals: 'Krimi' },
          ],
        },
      },
    ],
  },
  'nothing meets it': { field: 'genre', equals: 'Western' },
};

/** The nearest rows that meet a filter, by comparing all; -1 where there are fewer. */
export function nearestOf(filter: Filter, query: number): number[] {
  const meets = matchingRows(filter, payload);
  const all = slowNearest({ metric: 'l2', base }, vectorOf(queries, query), rows);
  const found = all.filter((row) => meets[row] === 1).slice(0, k);
  return [...found, ...Array.from({ length: k - found.length }, () => -1)];
}

/** Stores the rows with their payload; categories come in another order with each batch. */
export async function buildWithPayload(
  vectors: VectorOperations,
  part: Partial<CollectionSpec> = {},
): Promise<void> {
  await vectors.create({
    name: 'a',
    rows,
    dimensions,
    metric: 'l2',
    elements: 'f32',
    family: 'flat',
    params: {},
    buildThreads: 1,
    searchThreads: 1,
    seed: 1,
    payload: fields,
    ...part,
  });
  for (let from = 0; from < rows; from += 250) {
    const count = Math.min(250, rows - from);
    const ids = Int32Array.from({ length: count }, (_, row) => from + row);
    const columns = encodePayload(payloadSlice(payload, from, count)).toString();
    const batch = {
      ids,
      vectors: float32Rows(base, { from, count }),
      payload: decodePayload(columns, count),
    };
    await vectors.upsert(vectors.prepareUpsert(batch));
  }
  await vectors.finish();
}

/** Asks under every filter, singly and in a batch where the store takes them. */
export async function checkFilters(
  vectors: VectorOperations,
  params: Parameters = {},
): Promise<void> {
  const { prepareSearchBatch, searchBatch } = vectors;
  for (const [name, filter] of Object.entries(filters)) {
    const requests = [0, 1, 2, 3].map((query): SearchRequest => {
      return { vector: vectorOf(queries, query), k, params, filter };
    });
    const expected = requests.map((_, query) => nearestOf(filter, query));
    for (const [query, request] of requests.entries()) {
      const hits = await vectors.search(vectors.prepareSearch(request));
      assert.deepEqual([...hits.ids], expected[query], name);
    }
    if (prepareSearchBatch === undefined || searchBatch === undefined) continue;
    const hits = await searchBatch(prepareSearchBatch(requests));
    assert.deepEqual([...hits.ids], expected.flat(), `${name}, in a batch`);
  }
}
