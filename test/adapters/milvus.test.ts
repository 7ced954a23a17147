import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectionName } from '../../adapters/milvus/collection.js';
import { nodeSettings } from '../../adapters/milvus/describe.js';
import { milvusFamilies } from '../../adapters/milvus/families.js';
import { expressionOf } from '../../adapters/milvus/filter.js';
import { addressOf, clientConfig, milvusOptions } from '../../adapters/milvus/options.js';
import { absent, fieldsOf, idOf, payloadOf, rowsOf } from '../../adapters/milvus/rows.js';
import { prepareQueries } from '../../adapters/milvus/search.js';
import { indexWords, isExact, searchWords, whyMissing } from '../../adapters/milvus/words.js';
import type { PayloadField } from '../../core/adapter.js';
import { type Filter, matchingRows } from '../../core/filter.js';
import { type Payload, payloadRow } from '../../core/payload.js';
import { chooseFilter } from './chroma-filters.js';
import {
  payload as scene,
  fields as sceneFields,
  filters as sceneFilters,
} from './filtered-scene.js';
import { rows as sceneRows } from './hosted-scene.js';
import { meaningOf, specOf } from './milvus-scene.js';

const count = 200;

function numbersOf(value: (row: number) => number): Float64Array<SharedArrayBuffer> {
  const values = new Float64Array(new SharedArrayBuffer(count * 8));
  for (let row = 0; row < count; row++) values[row] = row % 7 === 0 ? Number.NaN : value(row);
  return values;
}

const payload: Payload = {
  whole: { type: 'integer', values: numbersOf((row) => (row % 9) - 4) },
  real: { type: 'float', values: numbersOf((row) => ((row % 9) - 4) / 2) },
  text: {
    type: 'text',
    values: Array.from({ length: count }, (_, row) => (row % 5 === 0 ? undefined : `t${row % 4}`)),
  },
};

function fieldsIn(columns: Payload): PayloadField[] {
  return Object.entries(columns).map(([name, { type }]) => ({ name, type, indexed: true }));
}

function storedRows(columns: Payload, rows: number): Record<string, unknown>[] {
  const ids = Int32Array.from({ length: rows }, (_, row) => row);
  const batch = { ids, vectors: new Float32Array(rows * 2), payload: columns };
  return rowsOf(batch, fieldsIn(columns));
}

function checkMeaning(filter: Filter, columns: Payload, rows: readonly object[]): void {
  const expression = expressionOf(filter, { payload: fieldsIn(columns), isOwn: true });
  const meets = meaningOf(expression);
  const found = rows.map((row) => meets(row as Record<string, unknown>));
  const wanted = Array.from(matchingRows(filter, columns), (value) => value === 1);
  assert.deepEqual(found, wanted, `${JSON.stringify(filter)}: ${expression}`);
}

test('a filter means in an expression what it means, for 500 of them', () => {
  const rows = storedRows(payload, count);
  for (let seed = 0; seed < 500; seed++) checkMeaning(chooseFilter(seed), payload, rows);
});

test('filters of every kind over every type mean in an expression what they mean', () => {
  const rows = storedRows(scene, sceneRows);
  for (const filter of Object.values(sceneFilters)) checkMeaning(filter, scene, rows);
  const hard: Filter[] = [
    { field: 'year', equals: 1e300 },
    { field: 'year', in: [1960, 1960.5, -1e300] },
    { field: 'year', atLeast: 1e300 },
    { field: 'year', atMost: -1e300 },
    { field: 'price', atMost: -Number.MAX_VALUE },
    { field: 'price', atLeast: -Number.MAX_VALUE },
    { field: 'title', equals: absent.text },
    { field: 'title', in: [absent.text, 'Film 7'] },
  ];
  for (const filter of hard) checkMeaning(filter, scene, rows);
});

test('texts are quoted as Go reads them', () => {
  const text = 'a "b" \\ \n 漢字';
  const own = { payload: [{ name: 'like', type: 'text' as const, indexed: true }], isOwn: true };
  const expression = expressionOf({ field: 'like', equals: text }, own);
  assert.equal(expression, '(c_like == "a \\"b\\" \\\\ \\n 漢字")');
});

test('a collection of somebody else is asked by its own names and types', () => {
  const fields: PayloadField[] = [
    { name: 'seen', type: 'boolean', indexed: true },
    { name: 'year', type: 'integer', indexed: true },
  ];
  const other = { payload: fields, isOwn: false };
  const of = (filter: Filter) => expressionOf(filter, other);
  assert.equal(of({ field: 'seen', equals: true }), '(seen == true)');
  assert.equal(of({ field: 'seen', in: [true, false] }), '(seen in [true, false])');
  assert.equal(of({ field: 'year', atMost: 1990.5 }), '(year <= 1990)');
  assert.equal(of({ not: { field: 'year', atLeast: 1 } }), '(not (year >= 1))');
});

test('a row without a value comes back without it', () => {
  const stored = storedRows(scene, 30);
  const columns = sceneFields.map(({ name, type }) => {
    return { name, type, field: `c_${name}`, isOwn: true };
  });
  for (const [row, fields] of stored.entries()) {
    assert.deepEqual(payloadOf(fields, columns), payloadRow(scene, row));
  }
  // As the client gives whole numbers.
  const [year] = columns.filter(({ name }) => name === 'year');
  assert.ok(year !== undefined);
  assert.deepEqual(payloadOf({ c_year: '1950' }, [year]), { year: 1950 });
  const seen = { name: 'seen', field: 'seen', type: 'boolean' as const, isOwn: false };
  assert.deepEqual(payloadOf({ seen: false }, [seen]), { seen: false });
  assert.deepEqual(payloadOf({ seen: null }, [seen]), {});
});

test('a value that stands for none, and a text that is too long, are refused', () => {
  for (const value of [absent.text, 'ä'.repeat(32_768)]) {
    const values: Payload = { text: { type: 'text', values: [value] } };
    assert.throws(() => storedRows(values, 1), { code: 'UNSUPPORTED' });
  }
  assert.doesNotThrow(() => storedRows({ t: { type: 'text', values: ['a'.repeat(65_535)] } }, 1));
});

test('the fields of a collection are its row number, its vector, and a column each', () => {
  const types = ['category', 'integer', 'float', 'boolean', 'text'] as const;
  const fields = types.map((type) => ({ name: type, type, indexed: true }));
  const made = fieldsOf(specOf({ payload: fields }));
  assert.deepEqual(
    made.map(({ name, data_type: type }) => `${name} ${type}`),
    [
      'id Int64',
      'vector FloatVector',
      'c_category VarChar',
      'c_integer Int64',
      'c_float Double',
      'c_boolean Int8',
      'c_text VarChar',
    ],
  );
  assert.deepEqual([made[0]?.is_primary_key, made[1]?.dim, made[2]?.max_length], [true, 2, 65_535]);
});

test('an id is a whole number, which the client gives as text', () => {
  assert.equal(idOf({ id: '12' }, 'id'), 12);
  assert.equal(idOf({ row: 0 }, 'row'), 0);
  for (const id of ['', 'film', '1.5', '-1', '4294967296', undefined, null]) {
    assert.throws(() => idOf({ id }, 'id'), { code: 'STORE_FAILED' });
  }
});

test('names of collections have letters, digits and underscores, 255 at most', () => {
  assert.equal(collectionName('bench_x', 'b00-hnsw é'), 'bench_x_b00_hnsw__');
  assert.equal(collectionName('bench_x', 'a'.repeat(300)).length, 255);
});

const view = {
  name: 'bench_a',
  family: 'hnsw',
  dimensions: 2,
  vectorField: 'vector',
  idField: 'id',
  payload: fieldsIn(payload),
  isOwn: true,
};
const query = { vector: Float32Array.of(1, 2), k: 5, params: {} };

test('a search is made ahead, with everything that the client takes', () => {
  const filter: Filter = { field: 'whole', equals: 3 };
  const asked = { ...query, params: { efSearch: 3 }, filter, payload: ['text'] };
  const { request, wanted } = prepareQueries([asked], view, 'Bounded');
  assert.deepEqual(request, {
    collection_name: 'bench_a',
    anns_field: 'vector',
    data: query.vector,
    limit: 5,
    output_fields: ['id', 'c_text'],
    consistency_level: 'Bounded',
    // The server refuses less than k.
    params: { ef: 5 },
    filter: '(c_whole == 3)',
  });
  assert.deepEqual([wanted.queries, wanted.k, wanted.idField], [1, 5, 'id']);
  const several = prepareQueries([query, query], view, 'Strong').request;
  assert.deepEqual(several.data, [query.vector, query.vector]);
  assert.ok(!('params' in several) && !('filter' in several));
});

test('what no server takes is refused before it is sent', () => {
  const wrong = [
    [{ ...query, k: 16_385 }],
    [{ ...query, k: 0 }],
    [{ ...query, vector: new Float32Array(3) }],
    [],
    Array.from({ length: 16_385 }, () => query),
  ];
  for (const requests of wrong) {
    assert.throws(() => prepareQueries(requests, view, 'Bounded'), { code: 'BAD_ARGUMENT' });
  }
  assert.doesNotThrow(() => prepareQueries([{ ...query, k: 16_384 }], view, 'Bounded'));
});

test('families have the words of the server', () => {
  assert.deepEqual(indexWords('hnsw', { M: 8 }), {
    index_type: 'HNSW',
    params: { M: 8, efConstruction: 360 },
  });
  assert.deepEqual(indexWords('scann', {}).params, { nlist: 128, with_raw_data: true });
  assert.deepEqual(indexWords('ivf-pq', { m: 4 }).params, { nlist: 128, m: 4, nbits: 8 });
  assert.deepEqual(searchWords({ searchList: 3, reorderK: 50, nprobe: 1 }, 10), {
    search_list: 10,
    reorder_k: 50,
    nprobe: 1,
  });
  const exact = milvusFamilies.filter(({ family }) => isExact(family));
  assert.deepEqual(
    exact.map(({ family }) => family),
    ['flat', 'gpu-flat'],
  );
  const types = milvusFamilies.map(({ family }) => indexWords(family, { m: 2 }).index_type);
  assert.equal(new Set(types).size, types.length);
});

test('a family is missed where a server would take its index and never build it', () => {
  assert.match(whyMissing('gpu-cagra', '2.6.0') ?? '', /built for GPUs/);
  assert.equal(whyMissing('gpu-cagra', '2.6.0-gpu'), undefined);
  assert.match(whyMissing('diskann', '2.3.5-lite') ?? '', /PyPI/);
  assert.equal(whyMissing('diskann', '2.6.0'), undefined);
  assert.equal(whyMissing('hnsw', '2.3.5-lite'), undefined);
});

test('dimensions and codes are checked against the rows', () => {
  const check = (family: string, rows: number, dimensions: number): readonly string[] => {
    const found = milvusFamilies.find((one) => one.family === family);
    return found?.check?.({ rows, dimensions, metric: 'l2', params: {} }) ?? ['no such family'];
  };
  assert.deepEqual(check('flat', 10, 2), []);
  assert.match(check('flat', 10, 1)[0] ?? '', /2\.\.32768 dimensions, got 1/);
  assert.match(check('hnsw', 10, 32_769)[0] ?? '', /got 32769/);
  assert.match(check('ivf-pq', 200, 8)[0] ?? '', /nbits must be 1\.\.7 for 200 rows/);
  assert.deepEqual(check('ivf-pq', 256, 8), []);
});

const opening = { connections: 32, timeoutNs: 1.5e9 };

test('options become those of the client, which repeats nothing', () => {
  const config = clientConfig(milvusOptions.parse({}), opening);
  assert.deepEqual(config, {
    address: '127.0.0.1:19531',
    ssl: false,
    database: 'default',
    timeout: 1500,
    maxRetries: 0,
    pool: { min: 2, max: 32 },
    channelOptions: { 'grpc.enable_retries': 0 },
    logLevel: 'error',
    telemetry: { enabled: false },
    isGlobal: false,
  });
  const tls = { insecure: true, servername: 'm' };
  const given = { url: 'http://[::1]', token: 't', connections: 'per-request', tls };
  const other = clientConfig(milvusOptions.parse(given), { ...opening, connections: 1 });
  assert.deepEqual([other.address, other.ssl, other.token], ['[::1]:19530', true, 't']);
  assert.deepEqual(other.tls, { serverName: 'm', skipCertCheck: true });
  assert.equal(other.channelOptions['grpc.use_local_subchannel_pool'], 1);
  assert.equal(other.pool.max, 10);
  assert.deepEqual(addressOf('https://a.example'), { host: 'a.example', port: 443 });
});

test('options that go not together are refused', () => {
  for (const wrong of [
    { user: 'a' },
    { password: 'a' },
    { user: 'a', password: 'b', token: 'c' },
    { url: 'http://a:b@127.0.0.1:1' },
    { url: 'http://127.0.0.1:1/path' },
    { url: 'tcp://127.0.0.1:1' },
    { transport: 'raw' },
    { consistency: 'Customized' },
    { shards: 0 },
  ]) {
    assert.equal(milvusOptions.safeParse(wrong).success, false, JSON.stringify(wrong));
  }
  const ca = '-----BEGIN CERTIFICATE-----';
  for (const tls of [{ cert: ca }, { key: ca }, { ca, insecure: true }, { ca: '/no/such' }]) {
    const options = milvusOptions.parse({ tls });
    assert.throws(() => clientConfig(options, opening), { code: 'BAD_TARGET' });
  }
});

test('settings of the nodes are picked from what the server says of its parts', () => {
  const node = (type: string, settings: object) => ({
    infos: { type, system_info: { deploy_mode: 'CLUSTER' }, system_configurations: settings },
  });
  const nodes_info = [
    node('querynode', { simd_type: 'avx512' }),
    node('querynode', { simd_type: 'avx512' }),
    node('datacoord', { segment_max_size: 512 }),
    node('rootcoord', { min_segment_size_to_enable_index: 1024 }),
  ];
  assert.deepEqual(nodeSettings({ nodes_info }), {
    deployMode: 'CLUSTER',
    queryNodes: 2,
    simdType: 'avx512',
    segmentMaxSizeMb: 512,
    minSegmentRowsForIndex: 1024,
  });
  assert.deepEqual(nodeSettings(undefined), {});
});
