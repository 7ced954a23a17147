import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { type TestContext, test } from 'node:test';
import { clientVersion } from '../../adapters/weaviate/package.js';
import adapter from '../../adapters/weaviate.js';
import type { CollectionSpec, ConnectContext, Store } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';

const context: ConnectContext = {
  namespace: 'bench_unit',
  connections: 2,
  timeoutNs: 1e9,
  signal: new AbortController().signal,
  log: () => undefined,
};
const secret = 'sesame-key';

async function listening(test: TestContext, server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  test.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function serving(test: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  test.after(() => server.closeAllConnections());
  return listening(test, server);
}

function connect(url: string, options: object = {}): Promise<Store> {
  return adapter.connect({ url, transport: 'raw', apiKey: secret, ...options }, context);
}

type Answers = Readonly<Record<string, readonly [number, unknown]>>;

/** Answers as a server does, but for what a test names by method and path. */
function likeWeaviate(own: Answers = {}): RequestListener {
  const answers: Answers = { 'GET /v1/meta': [200, { version: '1.35.2' }], ...own };
  return (request, response) => {
    const known = `${request.method} ${(request.url ?? '').split('?')[0]}`;
    const [status, body] = answers[known] ?? [404, { error: [] }];
    request.resume().on('end', () => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body === '' ? '' : JSON.stringify(body));
    });
  };
}

async function nobody(test: TestContext): Promise<string> {
  const server = createTcpServer();
  const url = await listening(test, server);
  await new Promise((resolve) => server.close(resolve));
  return url;
}

test('where nobody listens, connecting fails as UNREACHABLE', async (test) => {
  const url = await nobody(test);
  await assert.rejects(connect(url), { code: 'UNREACHABLE', hint: /bench up weaviate/ });
  const probe = await adapter.probe?.({ url, transport: 'raw' });
  assert.deepEqual([probe?.works, probe?.code], [false, 'UNREACHABLE']);
});

test('a proxy that answers HTML, and a server of another kind, are told', async (test) => {
  for (const body of ['<html>no gateway</html>', '{"version":7}', '']) {
    for (const status of [200, 502]) {
      const url = await serving(test, (_, response) => void response.writeHead(status).end(body));
      await assert.rejects(connect(url), {
        code: 'STORE_FAILED',
        message: new RegExp(`${status} .*expected what Weaviate says of itself`),
      });
    }
  }
});

test('a connection that is cut off is UNREACHABLE', async (test) => {
  const url = await listening(
    test,
    createTcpServer((socket) => void socket.destroy()),
  );
  await assert.rejects(connect(url), { code: 'UNREACHABLE' });
});

test('an answer that is cut off is UNREACHABLE', async (test) => {
  const url = await serving(test, (_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"version":');
    setTimeout(() => response.destroy(), 20);
  });
  await assert.rejects(connect(url), { code: 'UNREACHABLE' });
});

test('a refused key is AUTH_FAILED, and is not told', async (test) => {
  for (const status of [401, 403]) {
    const own = { 'GET /v1/meta': [status, { code: status, message: 'invalid api key' }] } as const;
    const url = await serving(test, likeWeaviate(own));
    await assert.rejects(connect(url), (error: BenchError) => {
      assert.equal(error.code, 'AUTH_FAILED');
      assert.match(error.message, /invalid api key/);
      assert.doesNotMatch(`${error.message} ${error.stack} ${error.hint}`, /sesame/);
      return true;
    });
  }
});

test('a server that does not answer ends in TIMEOUT', async (test) => {
  const url = await serving(test, () => undefined);
  await assert.rejects(connect(url), { code: 'TIMEOUT' });
});

test('an old server is TOO_OLD, by its version and the one that is needed', async (test) => {
  const url = await serving(test, likeWeaviate({ 'GET /v1/meta': [200, { version: '1.28.16' }] }));
  await assert.rejects(connect(url), { code: 'TOO_OLD', message: /1\.28\.16.*1\.29 or newer/ });
});

test('certificates that the official client would leave out are refused', async (test) => {
  const url = await nobody(test);
  const given = adapter.connect({ url, tls: { insecure: true } }, context);
  await assert.rejects(given, { code: 'BAD_TARGET', hint: /NODE_EXTRA_CA_CERTS|raw/ });
});

const spec: CollectionSpec = {
  ...{ name: 'one', rows: 2, dimensions: 2, metric: 'l2', elements: 'f32', family: 'flat' },
  ...{ params: {}, buildThreads: 1, searchThreads: 1, seed: 1 },
};
const name = 'Bench_unit_one';
const flat = {
  vectorIndexType: 'flat',
  vectorIndexConfig: { distance: 'l2-squared', skipDefaultQuantization: true },
};
const made: Answers = {
  [`DELETE /v1/schema/${name}`]: [200, ''],
  'POST /v1/schema': [200, {}],
  [`GET /v1/schema/${name}`]: [200, { class: name, vectorConfig: { default: flat } }],
};

async function openOn(test: TestContext, answers: Answers) {
  const store = await connect(await serving(test, likeWeaviate({ ...made, ...answers })));
  test.after(() => store.close());
  assert.ok(store.vectors !== undefined);
  return { store, vectors: store.vectors };
}

test('a server that makes another index than it was asked for is refused', async (test) => {
  const other = { ...flat, vectorIndexConfig: { ...flat.vectorIndexConfig, distance: 'dot' } };
  const { vectors } = await openOn(test, {
    [`GET /v1/schema/${name}`]: [200, { class: name, vectorConfig: { default: other } }],
  });
  await assert.rejects(vectors.create(spec), {
    code: 'UNSUPPORTED',
    message: /distance l2-squared was asked for, it made .*dot/,
  });
});

test('an index that a server does not have is UNSUPPORTED', async (test) => {
  const message = 'the dynamic index can only be created when async indexing is enabled';
  const { vectors } = await openOn(test, { 'POST /v1/schema': [422, { error: [{ message }] }] });
  await assert.rejects(vectors.create({ ...spec, family: 'dynamic' }), {
    code: 'UNSUPPORTED',
    message: /async indexing is enabled/,
  });
});

test('what is wrong otherwise with a collection is told as the server said it', async (test) => {
  const { vectors } = await openOn(test, {
    'POST /v1/schema': [422, { error: [{ message: 'not enough storage replicas' }] }],
  });
  await assert.rejects(vectors.create(spec), {
    code: 'STORE_FAILED',
    message: /422 not enough storage replicas/,
  });
});

const batch = { ids: Int32Array.of(0, 1), vectors: Float32Array.of(1, 2, 3, 4) };
const query = { vector: Float32Array.of(1, 2), k: 1, params: {} };

test('rows that a server refuses within a good answer are an error', async (test) => {
  const refused = (message: string) => [
    { result: { status: 'SUCCESS' } },
    { result: { status: 'FAILED', errors: { error: [{ message }] } } },
  ];
  for (const [said, code] of [
    ['wrong size: 3', 'STORE_FAILED'],
    ['store is read-only', 'READ_ONLY'],
  ] as const) {
    const { vectors } = await openOn(test, { 'POST /v1/batch/objects': [200, refused(said)] });
    await vectors.create(spec);
    const message = new RegExp(`1 of 2 rows were refused: ${said}`);
    await assert.rejects(vectors.upsert(vectors.prepareUpsert(batch)), { code, message });
  }
  // The word alone, in a row of somebody's, is no failure.
  const rows = [{ properties: { status: 'FAILED' }, result: { status: 'SUCCESS' } }];
  const { vectors } = await openOn(test, { 'POST /v1/batch/objects': [200, rows] });
  await vectors.create(spec);
  await vectors.upsert(vectors.prepareUpsert(batch));
});

test('the errors of an answer of GraphQL are those of the search', async (test) => {
  const errors = [{ message: "vector lengths don't match" }];
  for (const [status, answer, message] of [
    [200, { data: { Get: { [name]: null } }, errors }, /lengths don't match/],
    [200, {}, /expected data/],
    [500, { error: [{ message: 'out of order' }] }, /500 out of order/],
  ] as const) {
    const { vectors } = await openOn(test, { 'POST /v1/graphql': [status, answer] });
    await vectors.create(spec);
    const asked = vectors.search(vectors.prepareSearch(query));
    await assert.rejects(asked, { code: 'STORE_FAILED', message });
  }
});

test('a search asks for what is wanted, and no more', async (test) => {
  const bodies: string[] = [];
  const rows = [{ _additional: { id: 'be9c0000-0000-4000-8000-00000000000a' }, p_Year: 1999 }];
  const answers = likeWeaviate({
    ...made,
    'POST /v1/graphql': [200, { data: { Get: { [name]: rows } } }],
  });
  const url = await serving(test, (request, response) => {
    request.on('data', (part: Buffer) => {
      if (request.url === '/v1/graphql') bodies.push(part.toString());
    });
    answers(request, response);
  });
  const store = await connect(url, { consistencyLevel: 'ONE' });
  test.after(() => store.close());
  const { vectors } = store;
  assert.ok(vectors !== undefined);
  await vectors.create({ ...spec, payload: [{ name: 'Year', type: 'integer', indexed: true }] });
  const plain = await vectors.search(vectors.prepareSearch({ ...query, k: 2 }));
  assert.deepEqual(plain, { ids: Int32Array.of(10, -1) });
  const filter = { field: 'Year', atLeast: 1990 };
  const full = { ...query, filter, payload: ['Year'], vector: Float32Array.of(0.1, -1e-7) };
  assert.deepEqual((await vectors.search(vectors.prepareSearch(full))).payload, [{ Year: 1999 }]);
  const where = '{path:["p_Year"] operator:GreaterThanEqual valueNumber:1990}';
  const near = 'nearVector:{vector:[0.100000001,-1.00000001e-7]}';
  assert.deepEqual(
    bodies.map((body) => (JSON.parse(body) as { query: string }).query),
    [
      `{Get{${name}(limit:2 nearVector:{vector:[1,2]}){_additional{id}}}}`,
      `{Get{${name}(limit:1 ${near} where:${where}){_additional{id} p_Year}}}`,
    ],
  );
});

test('a search tells that nobody listens any more', async (test) => {
  const server = createServer(likeWeaviate(made));
  const store = await connect(await listening(test, server));
  const { vectors } = store;
  assert.ok(vectors !== undefined);
  await vectors.create(spec);
  const prepared = vectors.prepareSearch(query);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  // The first may meet a connection that was closed, the next meets nobody.
  for (let n = 0; n < 2; n++) await vectors.search(prepared).catch(() => undefined);
  await assert.rejects(vectors.search(prepared), { code: 'HOST_DIED' });
  await store.close();
});

test('names that do not begin as those of bench are no leftovers', async (test) => {
  const classes = ['Bench_a_x', 'Benchmark_x', 'Bench', 'Film'].map((one) => ({ class: one }));
  const { store } = await openOn(test, { 'GET /v1/schema': [200, { classes }] });
  assert.deepEqual(await store.leftovers?.(), ['Bench_a_x']);
  await assert.rejects(async () => store.removeLeftover?.('Benchmark_x'), { code: 'BAD_ARGUMENT' });
});

/** Whether the official client is installed; says so where it is not. */
function hasClient(test: TestContext): boolean {
  try {
    clientVersion();
    return true;
  } catch (error) {
    assert.ok(error instanceof BenchError && error.code === 'NO_PACKAGE');
    test.diagnostic('not tested: the official client is not installed');
    return false;
  }
}

test('a port that is not that of gRPC is told by its address', async (test) => {
  if (!hasClient(test)) return;
  const url = await serving(test, likeWeaviate());
  const html = await serving(test, (_, response) => void response.end('<html></html>'));
  const hanging = await listening(
    test,
    createTcpServer(() => undefined),
  );
  const cut = await listening(
    test,
    createTcpServer((socket) => void socket.destroy()),
  );
  for (const [grpcUrl, code] of [
    [await nobody(test), 'UNREACHABLE'],
    [html, 'UNREACHABLE'],
    [cut, 'UNREACHABLE'],
    [hanging, 'TIMEOUT'],
    [html.replace('http:', 'https:'), 'TLS_FAILED'],
  ] as const) {
    const options = { transport: 'client', grpcUrl };
    await assert.rejects(connect(url, options), (error: BenchError) => {
      assert.equal(error.code, code, error.message);
      assert.ok(error.message.startsWith(`weaviate over gRPC at ${grpcUrl}`), error.message);
      assert.doesNotMatch(`${error.message} ${error.stack}`, /sesame/);
      return true;
    });
  }
});
