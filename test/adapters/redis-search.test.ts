import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createArguments,
  hashCommands,
  knnArguments,
  queryOf,
  readFields,
  type SearchIndex,
} from '../../adapters/redis/search-query.js';
import adapter from '../../adapters/redis.js';
import type { PayloadField } from '../../core/adapter.js';
import { type FakeReply, fakeServer, openRedis, smallSpec } from './redis-scene.js';

const fields: readonly PayloadField[] = [
  { name: 'year', type: 'integer', indexed: true },
  { name: 'genre', type: 'category', indexed: true },
  { name: 'title', type: 'text', indexed: false },
];
const index: SearchIndex = {
  name: 'bench_i',
  prefix: 'bench_i:',
  vectorField: 'vector',
  family: 'hnsw',
  params: {},
  fields,
  origin: 'own',
};
const isInstalled = (await adapter.probe?.({ url: 'redis://127.0.0.1:9' }))?.code !== 'NO_PACKAGE';

test('an index is made as FT.CREATE documents it', () => {
  const hnsw = createArguments(index, {
    ...smallSpec,
    metric: 'ip',
    params: { M: 8, efConstruction: 40 },
  });
  assert.deepEqual(
    hnsw.join(' '),
    'bench_i ON HASH PREFIX 1 bench_i: SCHEMA vector VECTOR HNSW 10 TYPE FLOAT32 DIM 2 ' +
      'DISTANCE_METRIC IP M 8 EF_CONSTRUCTION 40 year NUMERIC genre TAG CASESENSITIVE',
  );
  const plain = { ...index, fields: [] };
  assert.equal(
    createArguments(plain, { ...smallSpec, family: 'flat', metric: 'l2' }).join(' '),
    'bench_i ON HASH PREFIX 1 bench_i: SCHEMA vector VECTOR FLAT 6 TYPE FLOAT32 DIM 2 ' +
      'DISTANCE_METRIC L2',
  );
  const params = { graphMaxDegree: 64, constructionWindowSize: 200, compression: 'LVQ4x8' };
  assert.equal(
    createArguments(plain, { ...smallSpec, family: 'svs-vamana', params }).join(' '),
    'bench_i ON HASH PREFIX 1 bench_i: SCHEMA vector VECTOR SVS-VAMANA 12 TYPE FLOAT32 DIM 2 ' +
      'DISTANCE_METRIC COSINE GRAPH_MAX_DEGREE 64 CONSTRUCTION_WINDOW_SIZE 200 ' +
      'COMPRESSION LVQ4x8',
  );
  assert.throws(() => createArguments(plain, { ...smallSpec, params: { reduce: 1 } }), {
    code: 'UNSUPPORTED',
  });
});

test('filters become queries in which no value can become code', () => {
  const own = (filter: Parameters<typeof queryOf>[0]) => queryOf(filter, 'own');
  assert.equal(
    own({ field: 'genre', equals: 'a} | @x:{b' }),
    '@genre:{a_007d_0020_007c_0020_0040x_003a_007bb}',
  );
  assert.equal(own({ field: 'genre', in: ['a', 'b c'] }), '@genre:{a | b_0020c}');
  assert.equal(own({ field: 'seen', equals: false }), '@seen:{0}');
  assert.equal(own({ field: 'year', in: [1, -2] }), '(@year:[1 1] | @year:[-2 -2])');
  assert.equal(own({ field: 'year', atMost: 5 }), '@year:[-inf 5]');
  assert.equal(own({ field: 'year', atLeast: -5 }), '@year:[-5 +inf]');
  const a = { field: 'year', equals: 1 };
  assert.equal(
    own({ or: [{ and: [a, a] }, { not: a }] }),
    '((@year:[1 1] @year:[1 1]) | (-(@year:[1 1])))',
  );
  assert.equal(queryOf({ field: 'genre', equals: 'a-b c' }, 'attached'), '@genre:{a\\-b\\ c}');
});

test('a query becomes FT.SEARCH in dialect 2, nearest first', () => {
  const request = { vector: Float32Array.of(1, -2), k: 3, params: { efSearch: 50 } };
  const blob = Buffer.from('0000803f000000c0', 'hex');
  const sorted = ['SORTBY', 'distance', 'LIMIT', '0', '3', 'DIALECT', '2'];
  assert.deepEqual(knnArguments(index, request, undefined), [
    'bench_i',
    '*=>[KNN 3 @vector $q EF_RUNTIME 50 AS distance]',
    ...['PARAMS', '2', 'q', blob, 'NOCONTENT'],
    ...sorted,
  ]);
  const filter = { field: 'year', equals: 5 };
  const vamana = { ...index, family: 'svs-vamana' };
  const given = { ...request, params: { searchWindowSize: 20 }, filter };
  assert.deepEqual(knnArguments(vamana, given, fields.slice(0, 1)), [
    'bench_i',
    '(@year:[5 5])=>[KNN 3 @vector $q SEARCH_WINDOW_SIZE 20 AS distance]',
    ...['PARAMS', '2', 'q', blob, 'RETURN', '1', 'year'],
    ...sorted,
  ]);
});

test('rows become hashes, and columns come back from what is stored', () => {
  const batch = { ids: Int32Array.of(7), vectors: Float32Array.of(1, -2) };
  const payload = {
    title: { type: 'text' as const, values: ['a b'] },
    genre: { type: 'text' as const, values: [undefined] },
  };
  const blob = Buffer.from('0000803f000000c0', 'hex');
  assert.deepEqual(hashCommands(index, { ...batch, payload }), [
    ['bench_i:7', 'vector', blob, 'title', 'a_0020b'],
  ]);
  const reply = ['year', '1999', 'title', 'a_0020b'].map((text) => Buffer.from(text));
  assert.deepEqual(readFields(reply, fields, 'own'), { year: 1999, title: 'a b' });
});

/** A server with a search module that finds two rows, and is not ready at once. */
function answersOf(): (args: readonly string[]) => FakeReply | undefined {
  let asked = 0;
  return ([name, , , , , , , content]) => {
    if (name === 'FT.CREATE') return 'OK';
    if (name === 'HSET') return 2;
    if (name === 'FT.DROPINDEX') return new Error('Unknown index name');
    if (name === 'FT.SEARCH' && content === 'NOCONTENT') return [2, keyOf(12), keyOf(7)];
    if (name === 'FT.SEARCH') return [2, keyOf(12), ['year', '3'], keyOf(7), []];
    if (name !== 'FT.INFO') return undefined;
    asked += 1;
    const done = asked > 2 ? 1 : 0;
    return [
      ...['num_docs', String(2 * done), 'indexing', String(1 - done)],
      ...['percent_indexed', String(done), 'vector_index_sz_mb', '0.5'],
    ];
  };
}

const keyOf = (id: number): string => `bench_redis_test_films:${id}`;

test('an index of the search module is made, waited for, asked and dropped', async (context) => {
  if (!isInstalled) return context.diagnostic('not tested: redis: its package is not installed');
  const server = await fakeServer(context, answersOf());
  const store = await openRedis(context, { url: server.url, index: 'search' });
  const { vectors } = store;
  await vectors.create({ ...smallSpec, payload: fields });
  const batch = { ids: Int32Array.of(7, 12), vectors: Float32Array.of(1, 0, 0, 1) };
  await vectors.upsert(vectors.prepareUpsert(batch));
  assert.equal((await vectors.finish())[0]?.name, 'index');
  assert.equal(await vectors.count(), 2);
  const request = { vector: Float32Array.of(1, 0), k: 3, params: {} };
  const { ids } = await vectors.search(vectors.prepareSearch(request));
  assert.deepEqual([...ids], [12, 7, -1]);
  const full = await vectors.search(vectors.prepareSearch({ ...request, payload: ['year'] }));
  assert.deepEqual(full, { ids: Int32Array.of(12, 7, -1), payload: [{ year: 3 }, {}] });
  assert.deepEqual(await store.footprint?.(), { engineBytes: 524_288 });
  const { warnings } = await store.describe();
  assert.match(warnings.join(), /form/);
  await vectors.drop();
  const dropped = server.commands.at(-1);
  assert.deepEqual(dropped, ['FT.DROPINDEX', 'bench_redis_test_films', 'DD']);
  assert.equal(server.commands.filter(([name]) => name === 'UNLINK').length, 0);
});
