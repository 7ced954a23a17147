import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as Tcp } from 'node:net';
import { test } from 'node:test';
import { collectionName } from '../../adapters/chroma/collection.js';
import { chromaOptions, headersOf } from '../../adapters/chroma/options.js';
import { hitsOf, rowsOf } from '../../adapters/chroma/rows.js';
import { type Where, whereOf } from '../../adapters/chroma/where.js';
import adapter from '../../adapters/chroma.js';
import type { ConnectContext, Store } from '../../core/adapter.js';
import { type Filter, matchingRows } from '../../core/filter.js';
import { type Payload, payloadRow } from '../../core/payload.js';
import { chooseFilter } from './chroma-filters.js';

const rows = 200;
const numbers = Array.from({ length: rows }, (_, row) => (row % 7 === 0 ? Number.NaN : row % 9));
const payload: Payload = {
  whole: { type: 'integer', values: numbersOf(numbers) },
  real: {
    type: 'float',
    values: numbersOf(numbers.map((value, row) => (row % 3 === 0 ? value - 4 : (value - 4) / 2))),
  },
  text: {
    type: 'text',
    values: Array.from({ length: rows }, (_, row) => (row % 5 === 0 ? undefined : `t${row % 4}`)),
  },
};

function numbersOf(values: readonly number[]): Float64Array<SharedArrayBuffer> {
  const own = new Float64Array(new SharedArrayBuffer(values.length * 8));
  own.set(values);
  return own;
}

/** As a server of version 1.5.9 answered: integers are compared with the whole part of a number. */
function serverMeets(where: Where, record: Readonly<Record<string, unknown>>): boolean {
  if (Array.isArray((where as { $and?: unknown }).$and)) {
    return (where as { $and: Where[] }).$and.every((part) => serverMeets(part, record));
  }
  if (Array.isArray((where as { $or?: unknown }).$or)) {
    return (where as { $or: Where[] }).$or.some((part) => serverMeets(part, record));
  }
  const [field, condition] = Object.entries(where)[0] as [string, Record<string, unknown>];
  const [operator, wanted] = Object.entries(condition)[0] as [string, unknown];
  const value = record[field];
  const adapted = (one: unknown): unknown =>
    Number.isInteger(value) && typeof one === 'number' ? Math.trunc(one) + 0 : one;
  const ones = (Array.isArray(wanted) ? wanted : [wanted]).map(adapted);
  return compare[operator]?.(value, ones) ?? false;
}

type Compare = (value: unknown, ones: readonly unknown[]) => boolean;
const ordered =
  (holds: (value: number, bound: number) => boolean): Compare =>
  (value, [bound]) =>
    typeof value === 'number' && holds(value, bound as number);
const compare: Readonly<Record<string, Compare>> = {
  $eq: (value, ones) => ones.includes(value),
  $in: (value, ones) => ones.includes(value),
  $ne: (value, ones) => !ones.includes(value),
  $nin: (value, ones) => !ones.includes(value),
  $gte: ordered((value, bound) => value >= bound),
  $gt: ordered((value, bound) => value > bound),
  $lte: ordered((value, bound) => value <= bound),
  $lt: ordered((value, bound) => value < bound),
};

test('a filter finds in the words of the server what it means, for 500 of them', () => {
  const [part] = rowsOf(
    {
      ids: Int32Array.from({ length: rows }, (_, row) => row),
      vectors: new Float32Array(rows),
      payload,
    },
    {
      most: rows,
      fields: Object.entries(payload).map(([name, { type }]) => ({ name, type, indexed: true })),
    },
  );
  for (let seed = 0; seed < 500; seed++) {
    const filter = chooseFilter(seed);
    const where = whereOf(filter, true);
    const found = (part?.metadatas ?? []).map((record) => serverMeets(where, record ?? {}));
    const wanted = Array.from(matchingRows(filter, payload), (value) => value === 1);
    assert.deepEqual(found, wanted, JSON.stringify({ filter, where }));
  }
});

test('a filter has the form that the client takes', () => {
  const one: Filter = { field: 'text', equals: 'a' };
  assert.deepEqual(whereOf(one, true), { text: { $eq: 'a' } });
  assert.deepEqual(whereOf({ and: [one] }, true), { text: { $eq: 'a' } });
  assert.deepEqual(whereOf({ not: { or: [one, { field: 'text', in: ['b', 'c'] }] } }, true), {
    $and: [{ text: { $ne: 'a' } }, { text: { $nin: ['b', 'c'] } }],
  });
  const range: Filter = { field: 'whole', atLeast: 2, atMost: 5 };
  assert.deepEqual(whereOf({ not: range }, true), {
    $or: [{ whole: { $lt: 2 } }, { whole: { $gt: 5 } }, { bench_without_whole: { $eq: true } }],
  });
  // Integers and others may not be in one list.
  assert.deepEqual(whereOf({ field: 'real', in: [1, 2.5] }, true), {
    $or: [{ $and: [{ real: { $eq: 2.5 } }, { real: { $ne: 2 } }] }, { real: { $in: [1] } }],
  });
});

test('the negation of a range is refused where nothing marks rows without a value', () => {
  const range: Filter = { field: 'whole', atLeast: 2 };
  assert.throws(() => whereOf({ not: range }, false), { code: 'UNSUPPORTED' });
  assert.deepEqual(whereOf({ not: { not: range } }, false), { whole: { $gte: 2 } });
});

test('rows come in requests of the size that the server takes', () => {
  const ids = Int32Array.of(5, 6, 7, 8, 9);
  const parts = rowsOf(
    { ids, vectors: Float32Array.from({ length: 10 }, (_, i) => i) },
    { most: 2 },
  );
  assert.deepEqual(
    parts.map(({ ids: own, vectors }) => [own, [...vectors]]),
    [
      [
        ['5', '6'],
        [0, 1, 2, 3],
      ],
      [
        ['7', '8'],
        [4, 5, 6, 7],
      ],
      [['9'], [8, 9]],
    ],
  );
});

test('a row without values has no metadata, and one without a number is marked', () => {
  const [part] = rowsOf(
    { ids: Int32Array.of(0, 1), vectors: new Float32Array(2), payload },
    { most: 10, fields: [{ name: 'whole', type: 'integer', indexed: true }] },
  );
  assert.deepEqual(part?.metadatas?.[0], { bench_without_whole: true });
  assert.deepEqual(part?.metadatas?.[1], payloadRow(payload, 1));
  const bare = { text: { type: 'text' as const, values: [undefined] } };
  const batch = { ids: Int32Array.of(0), vectors: new Float32Array(1), payload: bare };
  assert.deepEqual(rowsOf(batch, { most: 1 })[0]?.metadatas, [null]);
});

test('an answer gives -1 where fewer came, and the columns that were asked for', () => {
  const reading = { queries: 2, k: 2, idField: undefined, payload: ['a'] };
  const metadatas = [[{ a: 1, b: 2 }], [null, { b: 1 }]];
  const hits = hitsOf({ ids: [['4'], ['5', '6']], metadatas }, reading);
  assert.deepEqual([...hits.ids], [4, -1, 5, 6]);
  assert.deepEqual(hits.payload, [{ a: 1 }, {}, {}]);
  const named = { queries: 1, k: 1, idField: 'row', payload: undefined };
  assert.deepEqual([...hitsOf({ ids: [['x']], metadatas: [[{ row: 12 }]] }, named).ids], [12]);
  assert.throws(() => hitsOf({ ids: [['x']] }, { ...named, idField: undefined }), {
    code: 'STORE_FAILED',
  });
});

test('names are such as the server takes', () => {
  assert.equal(collectionName('bench_1', 'a b/c#'), 'bench_1_a_b_c');
  assert.equal(collectionName('bench', 'x'.repeat(900)).length, 512);
});

test('options name the default server, and take no credentials in the address', () => {
  const options = chromaOptions.parse({});
  assert.equal(options.url, 'http://127.0.0.1:18000');
  assert.equal(options.transport, 'client');
  for (const url of ['ftp://a', 'http://me:pw@a:1', 'http://a:1/chroma']) {
    assert.equal(chromaOptions.safeParse({ url }).success, false, url);
  }
  assert.deepEqual(headersOf(chromaOptions.parse({ token: 't' })), { 'x-chroma-token': 't' });
  assert.deepEqual(headersOf(chromaOptions.parse({ token: 't', tokenHeader: 'authorization' })), {
    authorization: 'Bearer t',
  });
});

const context: ConnectContext = {
  namespace: 'bench_unit',
  connections: 2,
  timeoutNs: 1e9,
  signal: new AbortController().signal,
  log: () => undefined,
};

function connect(server: Server | Tcp, options: object = {}): Promise<Store> {
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return adapter.connect({ url, transport: 'raw', token: 'sesame', ...options }, context);
}

async function listening<T extends Server | Tcp>(server: T): Promise<T> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return server;
}

async function withHttp(answer: RequestListener, use: (server: Server) => Promise<void>) {
  const server = await listening(createServer(answer));
  try {
    await use(server);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Answers as a server does, but for the paths that a test names by their end. */
function likeChroma(
  own: Readonly<Record<string, readonly [number, unknown]>> = {},
): RequestListener {
  const answers = {
    heartbeat: [200, { 'nanosecond heartbeat': 1 }],
    version: [200, '1.0.0'],
    'pre-flight-checks': [200, { max_batch_size: 7 }],
    default_database: [200, {}],
    ...own,
  } as Readonly<Record<string, readonly [number, unknown]>>;
  return (request, response) => {
    const last = (request.url ?? '').split('/').at(-1) ?? '';
    const [status, body] = answers[last] ?? [404, { error: 'NotFoundError' }];
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
}

test('where nobody listens, connecting fails as UNREACHABLE', async () => {
  const server = await listening(createTcpServer());
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const url = `http://127.0.0.1:${port}`;
  await assert.rejects(adapter.connect({ url, transport: 'raw' }, context), {
    code: 'UNREACHABLE',
    hint: /bench up chroma/,
  });
  const probe = await adapter.probe?.({ url, transport: 'raw' });
  assert.deepEqual([probe?.works, probe?.code], [false, 'UNREACHABLE']);
});

test('a proxy that answers HTML, and a server of another kind, are told', async () => {
  for (const status of [200, 502]) {
    await withHttp(
      (_, response) => void response.writeHead(status).end('<html>no gateway</html>'),
      (server) =>
        assert.rejects(connect(server), {
          code: 'STORE_FAILED',
          message: /<html>.*expected a heartbeat of API v2/,
        }),
    );
  }
});

test('a connection that is cut off is UNREACHABLE', async () => {
  const server = await listening(createTcpServer((socket) => void socket.destroy()));
  await assert.rejects(connect(server), { code: 'UNREACHABLE' });
  server.close();
});

test('a refused token is AUTH_FAILED, and is not told', async () => {
  for (const status of [401, 403]) {
    await withHttp(likeChroma({ heartbeat: [status, { error: 'no' }] }), (server) =>
      assert.rejects(connect(server), (error: Error) => {
        assert.equal((error as Error & { code: string }).code, 'AUTH_FAILED');
        assert.doesNotMatch(`${error.message} ${error.stack}`, /sesame/);
        return true;
      }),
    );
  }
});

test('a server that does not answer ends in TIMEOUT', async () => {
  await withHttp(
    () => undefined,
    (server) => assert.rejects(connect(server), { code: 'TIMEOUT' }),
  );
});

test('a server that has no API v2 is TOO_OLD', async () => {
  const old: RequestListener = (request, response) => {
    const isOld = request.url === '/api/v1/version';
    response.writeHead(isOld ? 200 : 404).end(isOld ? '"0.4.24"' : '{"detail":"Not Found"}');
  };
  await withHttp(old, (server) =>
    assert.rejects(connect(server), { code: 'TOO_OLD', message: /0\.4\.24/, hint: /1\.0/ }),
  );
});

test('a database that is not there is BAD_TARGET', async () => {
  await withHttp(likeChroma(), (server) =>
    assert.rejects(connect(server, { database: 'nope' }), { code: 'BAD_TARGET', message: /nope/ }),
  );
});

const hnsw = { space: 'l2', ef_search: 10 };
const spec = {
  name: 'one',
  rows: 2,
  dimensions: 2,
  metric: 'l2',
  elements: 'f32',
  family: 'hnsw',
  params: { efSearch: 10 },
  buildThreads: 1,
  searchThreads: 1,
  seed: 1,
} as const;

test('a server that makes another index than it was asked for is refused', async () => {
  const made = { id: 'i', name: 'bench_unit_one', configuration_json: { hnsw: null, spann: {} } };
  const own = { collections: [200, made], bench_unit_one: [200, made] } as const;
  await withHttp(likeChroma(own), async (server) => {
    const store = await connect(server);
    await assert.rejects(async () => store.vectors?.create(spec), { code: 'UNSUPPORTED' });
    await store.close();
  });
});

test('a search that fails says what was said, and that nobody listens any more', async () => {
  const made = { id: 'i', name: 'bench_unit_one', configuration_json: { hnsw } };
  const query = [500, { error: 'InternalError', message: 'out of order' }] as const;
  const own = { collections: [200, made], bench_unit_one: [200, made], query } as const;
  await withHttp(likeChroma(own), async (server) => {
    const store = await connect(server);
    const { vectors } = store;
    assert.ok(vectors !== undefined);
    await vectors.create(spec);
    const prepared = vectors.prepareSearch({ vector: Float32Array.of(1, 2), k: 1, params: {} });
    await assert.rejects(vectors.search(prepared), {
      code: 'InternalError',
      message: /500.*out of order/,
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    // The first may meet the connection that was closed, the next meets nobody.
    await vectors.search(prepared).catch(() => undefined);
    await vectors.search(prepared).catch(() => undefined);
    await assert.rejects(vectors.search(prepared), { code: 'HOST_DIED' });
    await store.close();
  });
});
