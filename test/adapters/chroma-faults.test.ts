import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { needs } from '../../adapters/chroma/package.js';
import adapter from '../../adapters/chroma.js';
import type { CollectionSpec, VectorOperations } from '../../core/adapter.js';
import { placeOfOptional } from '../../core/optional-package.js';
import { type Fault, faultProxy } from './fault-proxy.js';

const made = {
  ...{ id: 'i', name: 'bench_unit_one', dimension: 2, metadata: null },
  ...{ tenant: 'default_tenant', database: 'default_database' },
  configuration_json: { hnsw: { space: 'l2' } },
};

/** What a server answers, by how a path ends. */
const answers: Readonly<Record<string, unknown>> = {
  heartbeat: { 'nanosecond heartbeat': 1 },
  version: '1.0.0',
  'pre-flight-checks': { max_batch_size: 7 },
  default_database: {},
  collections: made,
  bench_unit_one: made,
  upsert: {},
  count: 1,
  query: { ids: [['1']], metadatas: null, include: [] },
};

const spec: CollectionSpec = {
  name: 'one',
  rows: 1,
  dimensions: 2,
  metric: 'l2',
  elements: 'f32',
  family: 'hnsw',
  params: {},
  buildThreads: 1,
  searchThreads: 1,
  seed: 1,
};

/** A server behind a proxy, and a collection that was reached. */
async function open(context: TestContext, transport: string) {
  const server = createServer((request, response) => {
    const answer = answers[(request.url ?? '').split('/').at(-1) ?? ''];
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { error: 'NotFoundError' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const proxy = await faultProxy(context, (server.address() as AddressInfo).port);
  const options = { url: `http://127.0.0.1:${proxy.port}`, transport };
  const { signal } = new AbortController();
  const how = { namespace: 'bench_unit', connections: 2, timeoutNs: 5e9, signal };
  const store = await adapter.connect(options, { ...how, log: () => undefined });
  context.after(() => store.close());
  const { vectors } = store;
  assert.ok(vectors !== undefined);
  await vectors.create(spec);
  return { vectors, proxy };
}

function search(vectors: VectorOperations): Promise<unknown> {
  const request = { vector: Float32Array.of(1, 2), k: 2, params: {} };
  return vectors.search(vectors.prepareSearch(request));
}

function insert(vectors: VectorOperations): Promise<void> {
  const batch = { ids: Int32Array.of(1), vectors: Float32Array.of(1, 2) };
  return vectors.upsert(vectors.prepareUpsert(batch));
}

const count = (vectors: VectorOperations): Promise<unknown> => vectors.count();
const finish = (vectors: VectorOperations): Promise<unknown> => vectors.finish();

const lost: readonly (readonly [Fault, string, RegExp])[] = [
  [{ kind: 'cut', bytes: 0 }, 'UNREACHABLE', /cut off/],
  [{ kind: 'cut', bytes: 100 }, 'UNREACHABLE', /cut off/],
  [{ kind: 'own', answer: Buffer.from('\0\0\0') }, 'STORE_FAILED', /no HTTP/],
];

function isHere(transport: string): boolean {
  try {
    if (transport === 'client') for (const one of needs.npm ?? []) placeOfOptional(one, needs);
    return true;
  } catch {
    return false;
  }
}

for (const transport of ['raw', 'client'].filter(isHere)) {
  test(`what comes in place of an answer is told by transport ${transport}`, async (context) => {
    const { vectors, proxy } = await open(context, transport);
    for (const [fault, code, message] of lost) {
      for (const ask of [search, insert, count, finish]) {
        proxy.hurt(fault);
        const expected = { code, message, hint: /./ };
        await assert.rejects(ask(vectors), expected, `${ask.name} ${JSON.stringify(fault)}`);
        proxy.hurt();
        await search(vectors);
      }
    }
    proxy.close();
    for (const ask of [search, insert, count, finish]) {
      await assert.rejects(ask(vectors), { code: 'HOST_DIED', hint: /--resume/ }, ask.name);
    }
  });

  test(`pages of a proxy are no answers to transport ${transport}`, async (context) => {
    const { vectors, proxy } = await open(context, transport);
    proxy.hurt({ kind: 'html', status: 200 });
    const page = { code: 'STORE_FAILED', hint: /Chroma .* or a proxy before it/ };
    for (const ask of [search, count, finish]) await assert.rejects(ask(vectors), page, ask.name);
    proxy.hurt({ kind: 'html', status: 502 });
    const told = { code: 'STORE_FAILED', hint: /a proxy/ };
    for (const ask of [insert, count, finish]) await assert.rejects(ask(vectors), told, ask.name);
    // A search is counted under what the server, or its client, says.
    const code = transport === 'raw' ? 'HTTP_502' : 'ChromaServerError';
    await assert.rejects(search(vectors), { code, message: /502/ });
  });
}
