import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classBody, viewOf } from '../../adapters/weaviate/collection.js';
import { weaviateFamilies } from '../../adapters/weaviate/families.js';
import {
  type Condition,
  conditionOf,
  graphqlCondition,
  grpcCondition,
  knownCondition,
} from '../../adapters/weaviate/filter.js';
import { familyOf, firstDifference, indexConfigOf } from '../../adapters/weaviate/index-config.js';
import {
  collectionName,
  markerUuid,
  propertyName,
  rowOfUuid,
  uuidOf,
} from '../../adapters/weaviate/names.js';
import { grpcUrlOf, headersOf, weaviateOptions } from '../../adapters/weaviate/options.js';
import { hitsOf, readingOf, rowsOf, wantedProperties } from '../../adapters/weaviate/rows.js';
import { saidBy } from '../../adapters/weaviate/server.js';
import type { CollectionView, Property } from '../../adapters/weaviate/transport.js';
import type { CollectionSpec, IndexContext, PayloadField } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import { type Filter, matchingRows } from '../../core/filter.js';
import { type Payload, payloadValue } from '../../core/payload.js';
import { chooseFilter } from './chroma-filters.js';

const rows = 200;

function numbersOf(values: readonly number[]): Float64Array<SharedArrayBuffer> {
  const own = new Float64Array(new SharedArrayBuffer(values.length * 8));
  own.set(values);
  return own;
}

const whole = Array.from({ length: rows }, (_, row) => (row % 7 === 0 ? Number.NaN : row % 9));
const payload: Payload = {
  whole: { type: 'integer', values: numbersOf(whole) },
  real: {
    type: 'float',
    values: numbersOf(whole.map((value, row) => (row % 3 === 0 ? value - 4 : (value - 4) / 2))),
  },
  text: {
    type: 'text',
    values: Array.from({ length: rows }, (_, row) => (row % 5 === 0 ? undefined : `t${row % 4}`)),
  },
};
const columns: Readonly<Record<string, Property>> = {
  whole: { name: 'whole', kind: 'int' },
  real: { name: 'p_real', kind: 'number' },
  text: { name: 'text', kind: 'text' },
};

/** As a server of version 1.35.2 answered: a row without a value meets nothing but a Not. */
function serverMeets(condition: Condition, row: number): boolean {
  if ('operands' in condition) {
    const { operator, operands } = condition;
    const meets = (one: Condition): boolean => serverMeets(one, row);
    if (operator === 'Not') return !operands.some(meets);
    return operator === 'And' ? operands.every(meets) : operands.some(meets);
  }
  const { operator, property, value: wanted } = condition;
  const column = Object.entries(columns).find(([, { name }]) => name === property.name)?.[0] ?? '';
  const found = payloadValue(payload[column] as Payload[string], row);
  if (found === undefined) return false;
  if (property.kind === 'int') {
    for (const one of [wanted].flat()) assert.ok(Number.isInteger(one), 'an int has whole numbers');
  }
  if (operator === 'ContainsAny') return (wanted as readonly unknown[]).includes(found);
  const holds: Readonly<Record<string, boolean>> = {
    Equal: found === wanted,
    GreaterThan: found > wanted,
    GreaterThanEqual: found >= wanted,
    LessThan: found < wanted,
    LessThanEqual: found <= wanted,
  };
  return holds[operator] === true;
}

test('a filter finds in the words of the server what it means, for 500 of them', () => {
  for (let seed = 0; seed < 500; seed++) {
    const filter = chooseFilter(seed);
    const condition = conditionOf(filter, columns);
    const found = Array.from({ length: rows }, (_, row) => serverMeets(condition, row));
    const wanted = Array.from(matchingRows(filter, payload), (value) => value === 1);
    assert.deepEqual(found, wanted, JSON.stringify({ filter, condition }));
  }
});

const mixed: Filter = {
  and: [
    { field: 'text', in: ['a "b"', 'Größe', 'back\\slash'] },
    { not: { field: 'whole', atLeast: 1.5, atMost: 3 } },
    { or: [{ field: 'isOld', equals: true }] },
    { field: 'real', equals: -0 },
  ],
};
const withTruth = { ...columns, isOld: { name: 'isOld', kind: 'boolean' as const } };

test('a condition is written as GraphQL and as messages of gRPC', () => {
  const condition = conditionOf(mixed, withTruth);
  // Forms from https://docs.weaviate.io/weaviate/api/graphql/filters and base.proto.
  assert.equal(
    graphqlCondition(condition),
    '{operator:And operands:[' +
      '{path:["text"] operator:ContainsAny valueText:["a \\"b\\"","Größe","back\\\\slash"]} ' +
      '{operator:Not operands:[{operator:And operands:[' +
      '{path:["whole"] operator:GreaterThanEqual valueInt:2} ' +
      '{path:["whole"] operator:LessThanEqual valueInt:3}]}]} ' +
      '{operator:Or operands:[{path:["isOld"] operator:Equal valueBoolean:true}]} ' +
      '{path:["p_real"] operator:Equal valueNumber:0}]}',
  );
  assert.deepEqual(grpcCondition(condition), {
    operator: 7,
    filters: [
      {
        operator: 12,
        target: { property: 'text' },
        valueTextArray: { values: ['a "b"', 'Größe', 'back\\slash'] },
      },
      {
        operator: 15,
        filters: [
          {
            operator: 7,
            filters: [
              { operator: 4, target: { property: 'whole' }, valueInt: 2 },
              { operator: 6, target: { property: 'whole' }, valueInt: 3 },
            ],
          },
        ],
      },
      {
        operator: 8,
        filters: [{ operator: 1, target: { property: 'isOld' }, valueBoolean: true }],
      },
      { operator: 1, target: { property: 'p_real' }, valueNumber: 0 },
    ],
  });
});

test('what an integer cannot be is asked for as what no row has', () => {
  const nothing = '{path:["whole"] operator:GreaterThan valueInt:0}';
  const impossible: Filter[] = [
    { field: 'whole', equals: 1.5 },
    { field: 'whole', in: [0.5, 1e300] },
    { field: 'whole', atLeast: 1e300 },
    { field: 'whole', atMost: -1e300 },
  ];
  for (const filter of impossible) {
    assert.ok(graphqlCondition(conditionOf(filter, columns)).includes(nothing));
  }
  const all = graphqlCondition(conditionOf({ field: 'whole', atMost: 1e300 }, columns));
  assert.equal(all, '{path:["whole"] operator:LessThanEqual valueInt:9007199254740992}');
});

test('a filter over a column that is not there is refused', () => {
  assert.throws(() => conditionOf({ field: 'colour', equals: 1 }, columns), {
    code: 'BAD_ARGUMENT',
  });
});

test('a negation needs a server that knows it', () => {
  const old = {
    require: (major: number, minor: number, what: string): void => {
      throw new BenchError('TOO_OLD', `${what} needs ${major}.${minor}`);
    },
  };
  const simple: Filter = { field: 'text', equals: 'a' };
  assert.equal(knownCondition(old, simple, columns).operator, 'Equal');
  assert.throws(() => knownCondition(old, { or: [{ not: simple }] }, columns), {
    code: 'TOO_OLD',
    message: /not needs 1\.33/,
  });
});

test('an id is the row in the form of a UUID, and back', () => {
  for (const row of [0, 1, 9, 10, 255, 4096, 19_499, 2 ** 31 - 1]) {
    const uuid = uuidOf(row);
    assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(rowOfUuid(uuid), row);
  }
  assert.ok(rowOfUuid(markerUuid) > 2 ** 31 - 1, 'that of no row');
  for (const other of ['', 'x', '3fa85f64-5717-4562-b3fc-2c963f66afa6', `${uuidOf(1)}0`]) {
    assert.throws(() => rowOfUuid(other), { code: 'STORE_FAILED', hint: /idField/ });
  }
});

test('names are such as the server takes and keeps', () => {
  assert.equal(collectionName('bench_1', 'a b/c#'), 'Bench_1_a_b_c_');
  assert.equal(collectionName('bench', 'x'.repeat(900)).length, 200);
  assert.match(collectionName('9', 'x'), /^[A-Z][_0-9A-Za-z]*$/);
  assert.equal(propertyName('castCount'), 'castCount');
  for (const kept of ['id', 'Year', '_x']) assert.equal(propertyName(kept), `p_${kept}`);
});

test('options name the default server, and take no credentials in an address', () => {
  const options = weaviateOptions.parse({});
  assert.equal(options.url, 'http://127.0.0.1:18081');
  assert.equal(options.transport, 'client');
  assert.equal(grpcUrlOf(options), 'http://127.0.0.1:15051');
  assert.equal(grpcUrlOf({ url: 'https://w.example:8080' }), 'https://w.example:50051');
  const grpcUrl = 'https://grpc.example';
  assert.equal(grpcUrlOf(weaviateOptions.parse({ url: 'https://w.example', grpcUrl })), grpcUrl);
  for (const url of ['ftp://a', 'http://me:pw@a:1', 'http://a:1/v1']) {
    assert.equal(weaviateOptions.safeParse({ url }).success, false, url);
    assert.equal(weaviateOptions.safeParse({ grpcUrl: url }).success, false, url);
  }
  assert.deepEqual(headersOf(options), {});
  const withKey = weaviateOptions.parse({ apiKey: 'k' });
  assert.deepEqual(headersOf(withKey), { authorization: 'Bearer k' });
});

const spec: CollectionSpec = {
  ...{ name: 'one', rows: 1000, dimensions: 4, metric: 'l2', elements: 'f32', family: 'hnsw' },
  ...{ params: {}, buildThreads: 1, searchThreads: 1, seed: 1 },
};
const fields: readonly PayloadField[] = [
  { name: 'genre', type: 'category', indexed: true },
  { name: 'Year', type: 'integer', indexed: true },
  { name: 'title', type: 'text', indexed: false },
];

test('every family is asked for by the words of the server, and known by them', () => {
  const asked: Readonly<Record<string, object>> = {
    flat: { skipDefaultQuantization: true },
    'flat-bin': { bq: { enabled: true, rescoreLimit: 30, cache: true } },
    'flat-rq': { rq: { enabled: true, rescoreLimit: 30, cache: true, bits: 1 } },
    hnsw: { maxConnections: 8, ef: 40, skipDefaultQuantization: true },
    'hnsw-pq': {
      ...{ maxConnections: 8, ef: 40 },
      pq: {
        enabled: true,
        segments: 2,
        centroids: 16,
        trainingLimit: 999,
        encoder: { type: 'tile' },
      },
    },
    'hnsw-sq': {
      ...{ maxConnections: 8, ef: 40 },
      sq: { enabled: true, rescoreLimit: 30, trainingLimit: 999 },
    },
    'hnsw-bin': { maxConnections: 8, ef: 40, bq: { enabled: true } },
    'hnsw-rq': { maxConnections: 8, ef: 40, rq: { enabled: true, rescoreLimit: 30, bits: 1 } },
    dynamic: {
      threshold: 50,
      hnsw: { distance: 'l2-squared', maxConnections: 8, ef: 40, skipDefaultQuantization: true },
      flat: { distance: 'l2-squared', skipDefaultQuantization: true },
    },
  };
  const given = {
    ...{ M: 8, efSearch: 40, m: 2, centroids: 16, encoder: 'tile', bits: 1, threshold: 50 },
    ...{ rescoreLimit: 30, cache: true },
  };
  for (const { family, params } of weaviateFamilies) {
    const own = Object.entries(given).filter(([name]) => params[name] !== undefined);
    const config = indexConfigOf({ ...spec, family, params: Object.fromEntries(own) });
    assert.equal(config.vectorIndexType, family.split('-')[0]);
    assert.deepEqual(config.vectorIndexConfig, { distance: 'l2-squared', ...asked[family] });
    assert.equal(familyOf(config), family);
  }
});

test('codes are learnt from fewer rows than there are: a server with queues waits for more', () => {
  const limitOf = (rowCount: number, trainingLimit?: number): unknown => {
    const params = trainingLimit === undefined ? {} : { trainingLimit };
    const { vectorIndexConfig } = indexConfigOf({
      ...spec,
      ...{ rows: rowCount, family: 'hnsw-pq', params },
    });
    return (vectorIndexConfig.pq as { trainingLimit: number }).trainingLimit;
  };
  assert.equal(limitOf(1000), 999);
  assert.equal(limitOf(1_000_000), 100_000);
  assert.equal(limitOf(1000, 500), 500);
});

test('an index that is another than it was asked for is found out', () => {
  const asked = { a: 1, rq: { enabled: true, bits: 1 } };
  const made = { a: 1, rq: { enabled: true, bits: 1, rescoreLimit: 512 }, b: 2 };
  assert.equal(firstDifference(asked, made), undefined);
  assert.equal(firstDifference(asked, { ...made, rq: { enabled: false } }), 'rq.enabled true');
  assert.equal(firstDifference(asked, { a: 1 }), 'rq.enabled true');
  assert.equal(firstDifference(asked, undefined), 'a 1');
});

test('rules over several parameters say what is wrong', () => {
  const context: IndexContext = { rows: 100, dimensions: 8, metric: 'l2', params: {} };
  const check = (family: string, params: IndexContext['params']) =>
    weaviateFamilies.find((one) => one.family === family)?.check?.({ ...context, params });
  assert.match(check('hnsw-pq', {})?.[0] ?? '', /centroids must be 1\.\.99 .* got 256/);
  assert.deepEqual(check('hnsw-pq', { centroids: 16 }), []);
  assert.match(check('hnsw-pq', { centroids: 16, trainingLimit: 9 })?.[0] ?? '', /1\.\.9/);
  const wrong = { dynamicEfMin: 600, dynamicEfMax: 500 };
  assert.match(check('hnsw', wrong)?.[0] ?? '', /dynamicEfMin must be at most .* got 600/);
});

test('a collection has an index for what filters look at, and for nothing else', () => {
  const options = weaviateOptions.parse({ shards: 2, replicationFactor: 3, rangeIndex: true });
  assert.deepEqual(classBody('Bench_a', { ...spec, metric: 'ip', payload: fields }, options), {
    class: 'Bench_a',
    vectorConfig: {
      default: {
        vectorizer: { none: {} },
        vectorIndexType: 'hnsw',
        vectorIndexConfig: { distance: 'dot', skipDefaultQuantization: true },
      },
    },
    properties: [
      {
        ...{ name: 'genre', dataType: ['text'], tokenization: 'field' },
        ...{ indexFilterable: true, indexSearchable: false },
      },
      {
        ...{ name: 'p_Year', dataType: ['number'], indexRangeFilters: true },
        ...{ indexFilterable: true, indexSearchable: false },
      },
      {
        ...{ name: 'title', dataType: ['text'], tokenization: 'field' },
        ...{ indexFilterable: false, indexSearchable: false },
      },
    ],
    invertedIndexConfig: { stopwords: { preset: 'none' } },
    replicationConfig: { factor: 3 },
    shardingConfig: { desiredCount: 2 },
  });
});

const view: CollectionView = viewOf('Bench_a', fields, weaviateOptions.parse({}));

test('rows have the values that they have, by the names of the server', () => {
  const codes = new Int32Array(new SharedArrayBuffer(12));
  codes.set([1, -1, 0]);
  const found = rowsOf(
    {
      ids: Int32Array.of(7, 8, 9),
      vectors: Float32Array.of(0, 1, 2, 3, 4, 5),
      payload: {
        genre: { type: 'category', categories: ['a', 'b'], codes },
        Year: { type: 'integer', values: numbersOf([-0, Number.NaN, 5]) },
      },
    },
    view,
  );
  assert.deepEqual(
    found.map(({ uuid, vector, properties }) => [rowOfUuid(uuid), [...vector], properties]),
    [
      [7, [0, 1], { genre: 'b', p_Year: 0 }],
      [8, [2, 3], {}],
      [9, [4, 5], { genre: 'a', p_Year: 5 }],
    ],
  );
  const [bare] = rowsOf({ ids: Int32Array.of(1), vectors: new Float32Array(2) }, view);
  assert.deepEqual(bare?.properties, {});
});

test('an answer gives -1 where fewer came, and the columns that were asked for', () => {
  type Row = { readonly uuid: string; readonly [property: string]: unknown };
  const access = {
    uuid: ({ uuid }: Row) => uuid,
    value: (row: Row, property: string) => row[property],
  };
  const vector = new Float32Array(2);
  const request = { vector, k: 3, params: {}, payload: ['Year', 'genre'] };
  const reading = readingOf(request, view);
  assert.deepEqual(wantedProperties(reading), ['p_Year', 'genre']);
  const came: Row[] = [
    { uuid: uuidOf(4), p_Year: 1999, genre: null },
    { uuid: uuidOf(5), genre: 'a' },
  ];
  const hits = hitsOf(came, reading, access);
  assert.deepEqual([...hits.ids], [4, 5, -1]);
  assert.deepEqual(hits.payload, [{ Year: 1999 }, { genre: 'a' }]);
  const byProperty = { ...view, idProperty: 'row' };
  const bare = readingOf({ vector, k: 2, params: {} }, byProperty);
  assert.deepEqual(wantedProperties(bare), ['row']);
  const named = hitsOf(
    [
      { uuid: 'x', row: 12 },
      { uuid: 'y', row: '13' },
    ] as Row[],
    bare,
    access,
  );
  assert.deepEqual([...named.ids], [12, 13]);
  assert.equal(named.payload, undefined);
  for (const row of [undefined, null, 1.5, -1, 'z', 2 ** 31]) {
    assert.throws(() => hitsOf([{ uuid: 'x', row }] as Row[], bare, access), {
      code: 'STORE_FAILED',
    });
  }
});

test('the reasons that a server gives are found in its answer', () => {
  const said = (text: string): string => saidBy(Buffer.from(text));
  assert.equal(said('{"error":[{"message":"a \\"b\\""},{"message": "c"}]}'), 'a "b"; c');
  assert.equal(said(' <html>\n no </html>'), '<html> no </html>');
  assert.ok(said('x'.repeat(9999)).length <= 400);
});
