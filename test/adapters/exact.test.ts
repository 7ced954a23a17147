import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import adapter from '../../adapters/exact.js';
import type { Store, VectorOperations } from '../../core/adapter.js';
import type { Filter } from '../../core/filter.js';
import { type PayloadColumn, payloadSlice } from '../../core/payload.js';
import { openStore } from '../../core/run/open-store.js';
import { vectorOf } from '../../core/vectors.js';
import { buildWithPayload, checkFilters, nearestOf, payload } from './filtered-scene.js';
import { k, queries, rows } from './hosted-scene.js';

const adapterUrl = new URL('../../adapters/exact.js', import.meta.url).href;
const film: Filter = { field: 'genre', equals: 'Komödie' };
const request = { vector: vectorOf(queries, 0), k, params: {}, filter: film };

async function open(
  context: TestContext,
  inProcess: boolean,
): Promise<{ store: Store; vectors: VectorOperations }> {
  const { signal } = new AbortController();
  const source = { name: 'exact', adapterUrl, options: {}, inProcess };
  const about = { namespace: 'bench_t', connections: 2, timeoutNs: 20e9, signal, log: () => {} };
  const store = await openStore(adapter, source, about);
  context.after(() => store.close());
  assert.ok(store.vectors !== undefined);
  return { store, vectors: store.vectors };
}

for (const inProcess of [true, false]) {
  const where = inProcess ? 'in this process' : 'in a host';
  test(`${where} only rows that meet the filter are found`, async (context) => {
    const { vectors } = await open(context, inProcess);
    await buildWithPayload(vectors);
    await checkFilters(vectors);
  });

  test(`${where} who opens the collection by its handle filters as well`, async (context) => {
    const { vectors } = await open(context, inProcess);
    await buildWithPayload(vectors);
    const other = await open(context, inProcess);
    await other.vectors.open(structuredClone(vectors.handle()));
    await checkFilters(other.vectors);
  });

  test(`${where} a filter by what is not stored is refused`, async (context) => {
    const { vectors } = await open(context, inProcess);
    await buildWithPayload(vectors, { payload: [] });
    const ask = async () => vectors.search(vectors.prepareSearch(request));
    await assert.rejects(ask, { code: 'BAD_ARGUMENT', message: /no payload genre is stored/ });
  });
}

test('a row that comes after a filtered search is found by the next one', async (context) => {
  const { vectors } = await open(context, true);
  await buildWithPayload(vectors, { rows: rows + 1 });
  const search = async () => [...(await vectors.search(vectors.prepareSearch(request))).ids];
  const before = nearestOf(film, 0);
  assert.deepEqual(await search(), before);
  const alike = payloadSlice(payload, before[0] as number, 1);
  const batch = { ids: Int32Array.of(rows), vectors: request.vector, payload: alike };
  await vectors.upsert(vectors.prepareUpsert(batch));
  assert.deepEqual(await search(), [rows, ...before.slice(0, k - 1)]);
});

test('a payload without a column, or with one of another type, is refused', async (context) => {
  const { vectors } = await open(context, true);
  await buildWithPayload(vectors, { rows: rows + 1 });
  const one = payloadSlice(payload, 0, 1);
  const { year: _, ...yearless } = one;
  for (const [columns, got] of [
    [yearless, 'none'],
    [{ ...one, year: one.title as PayloadColumn }, 'text'],
  ] as const) {
    const batch = { ids: Int32Array.of(rows), vectors: request.vector, payload: columns };
    await assert.rejects(vectors.upsert(vectors.prepareUpsert(batch)), {
      code: 'BAD_ARGUMENT',
      message: `exact: payload year must be of type integer, got ${got}`,
    });
  }
  assert.equal(await vectors.count(), rows);
});

test('the bytes of the payload count', async (context) => {
  const without = await open(context, true);
  await buildWithPayload(without.vectors, { payload: [] });
  const { store, vectors } = await open(context, true);
  await buildWithPayload(vectors);
  const [bare = 0, full = 0] = [
    (await without.store.footprint?.())?.engineBytes,
    (await store.footprint?.())?.engineBytes,
  ];
  // Codes of 4 bytes, numbers of 8 twice, truth of 1, and titles of 6 letters or more.
  assert.ok(full - bare >= rows * (4 + 8 + 8 + 1) + (rows * 10 * 6) / 11, `${full - bare} bytes`);
});
