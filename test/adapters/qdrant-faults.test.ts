import assert from 'node:assert/strict';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import adapter from '../../adapters/qdrant.js';
import type { VectorOperations } from '../../core/adapter.js';
import { vectorOf } from '../../core/vectors.js';
import { randomTable } from '../core/tables.js';
import { qdrantDouble } from '../doubles/qdrant/server.js';
import { type Fault, type FaultProxy, faultProxy } from './fault-proxy.js';
import { connectTo, fillScene, type Scene } from './qdrant-scene.js';

const isInstalled = (await adapter.probe?.({ url: 'http://127.0.0.1:9' }))?.code !== 'NO_PACKAGE';
const transports = isInstalled ? ['raw', 'client'] : ['raw'];
const scene: Scene = {
  ...{ base: randomTable(20, 6, 5), payload: {}, fields: [] },
  query: vectorOf(randomTable(1, 6, 6), 0),
};

function search(vectors: VectorOperations): Promise<unknown> {
  return vectors.search(vectors.prepareSearch({ vector: scene.query, k: 3, params: {} }));
}

function insert(vectors: VectorOperations): Promise<void> {
  const vector = Float32Array.from(vectorOf(scene.base, 1));
  return vectors.upsert(vectors.prepareUpsert({ ids: Int32Array.of(1), vectors: vector }));
}

/** What is asked of a server that was reached before. */
const operations = [search, insert, (vectors: VectorOperations) => vectors.count()];

const page = /answered \d+ with '<html>.*expected JSON of Qdrant/;
const faults: readonly (readonly [Fault, string, RegExp])[] = [
  [{ kind: 'cut', bytes: 0 }, 'UNREACHABLE', /cut off/],
  [{ kind: 'cut', bytes: 200 }, 'UNREACHABLE', /cut off/],
  [{ kind: 'html', status: 200 }, 'STORE_FAILED', page],
  [{ kind: 'html', status: 502 }, 'STORE_FAILED', page],
  [{ kind: 'own', answer: Buffer.from('\0\0\0') }, 'STORE_FAILED', /no HTTP/],
];

async function open(context: TestContext, transport: string) {
  const { url } = await qdrantDouble(context);
  const proxy = await faultProxy(context, Number(new URL(url).port));
  const options = { url: `http://127.0.0.1:${proxy.port}`, transport };
  const { vectors } = await connectTo(context, options);
  await fillScene(vectors, scene);
  return { vectors, proxy };
}

for (const transport of transports) {
  test(`what comes in place of an answer is told by transport ${transport}`, async (context) => {
    const { vectors, proxy } = await open(context, transport);
    for (const [fault, code, message] of faults) {
      for (const ask of operations) {
        proxy.hurt(fault);
        await assert.rejects(ask(vectors), { code, message, hint: /./ }, JSON.stringify(fault));
        proxy.hurt();
        // The next finds a connection that is open, or opens one.
        await search(vectors);
      }
    }
    proxy.close();
    for (const ask of operations) {
      // The first may meet the connections that were cut off, the next meets nobody.
      for (const _ of [1, 2]) await ask(vectors).catch(() => undefined);
      await assert.rejects(ask(vectors), { code: 'HOST_DIED', hint: /--resume/ });
    }
  });
}

/** A test that needs the client package, and says so where it is not there. */
function grpcTest(title: string, body: (context: TestContext) => Promise<void>): void {
  test(title, async (context) => {
    if (isInstalled) await body(context);
    else context.diagnostic('not tested: qdrant: its package is not installed');
  });
}

/** Searches by gRPC, of which the double knows nothing, on a port of the loopback. */
async function overGrpc(context: TestContext, port: number): Promise<unknown> {
  const { url } = await qdrantDouble(context);
  const filled = await connectTo(context, { url, transport: 'raw' });
  await fillScene(filled.vectors, scene);
  const options = { url, grpcUrl: `http://127.0.0.1:${port}`, transport: 'grpc' };
  const { vectors } = await connectTo(context, options, { timeoutNs: 100e6 });
  await vectors.open(filled.vectors.handle());
  return search(vectors);
}

grpcTest('what comes in place of gRPC is told', async (context) => {
  const { url } = await qdrantDouble(context);
  const tell = async (hurt: (proxy: FaultProxy) => void, expected: object): Promise<void> => {
    const proxy = await faultProxy(context, Number(new URL(url).port));
    hurt(proxy);
    await assert.rejects(overGrpc(context, proxy.port), expected);
  };
  await tell((proxy) => proxy.close(), { code: 'HOST_DIED', hint: /--resume/ });
  const cut = { kind: 'cut', bytes: 0 } as const;
  await tell((proxy) => proxy.hurt(cut), { code: 'UNREACHABLE', message: /cut off/ });
  const html = { kind: 'html', status: 200 } as const;
  const wrong = { code: 'STORE_FAILED', hint: /gRPC of Qdrant .*options\.grpcUrl/ };
  await tell((proxy) => proxy.hurt(html), wrong);
});

grpcTest('a gRPC that does not answer is a time-out', async (context) => {
  const silent = createServer();
  silent.on('session', (session) => context.after(() => session.destroy()));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  context.after(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  await assert.rejects(overGrpc(context, port), { code: 'TIMEOUT', message: /no answer/ });
});
