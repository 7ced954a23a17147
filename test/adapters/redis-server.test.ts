import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import adapter from '../../adapters/redis.js';
import { whyLeftOut } from '../contract/left-out.js';
import { faultProxy } from './fault-proxy.js';
import { contextOf, fakeServer, listen, openRedis, smallSpec } from './redis-scene.js';

const connect = (options: Readonly<Record<string, unknown>>, timeoutNs = 2e9) =>
  adapter.connect(options, contextOf({ timeoutNs }));
const probed = await adapter.probe?.({ url: 'redis://127.0.0.1:9' });
const isInstalled = probed?.code !== 'NO_PACKAGE';

/** A test that needs the client package, and says so where it is not there. */
function withClient(title: string, body: (context: TestContext) => Promise<void>): void {
  test(title, async (context) => {
    if (isInstalled) await body(context);
    else context.diagnostic('not tested: redis: its package is not installed');
  });
}

const unlinked = (name: string | undefined): number | undefined =>
  name === 'UNLINK' ? 0 : undefined;

test('a server is left out of tests unless it is asked for', async () => {
  const asked = (process.env.BENCH_STORES ?? '').split(',').includes('redis');
  assert.equal((await whyLeftOut('redis', adapter)) === undefined, asked);
});

withClient(
  'where nobody listens, it says UNREACHABLE and how to start a server',
  async (context) => {
    const { port, close } = await listen(context, () => undefined);
    await close();
    const url = `redis://u:secret@127.0.0.1:${port}`;
    await assert.rejects(connect({ url }), { code: 'UNREACHABLE', hint: /bench up redis/ });
    const probe = await adapter.probe?.({ url });
    assert.equal(probe?.works, false);
    assert.equal(probe?.code, 'UNREACHABLE');
    assert.doesNotMatch(JSON.stringify(probe), /secret/);
  },
);

withClient('a proxy that answers HTML is no Redis', async (context) => {
  const { port } = await listen(context, (socket) => {
    socket.on('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n<html>no</html>'));
  });
  await assert.rejects(connect({ url: `redis://127.0.0.1:${port}` }), { code: 'STORE_FAILED' });
});

withClient('a connection that is cut off while it opens is UNREACHABLE', async (context) => {
  const { port } = await listen(context, (socket) => {
    socket.on('data', () => socket.end('+PO'));
  });
  await assert.rejects(connect({ url: `redis://127.0.0.1:${port}` }), { code: 'UNREACHABLE' });
});

withClient('a server that says nothing is given up in time', async (context) => {
  const { port } = await listen(context, (socket) => socket.on('data', () => undefined));
  await assert.rejects(connect({ url: `redis://127.0.0.1:${port}` }, 200e6), {
    code: 'TIMEOUT',
    hint: /TLS/,
  });
});

withClient('TLS to a server without it is TLS_FAILED or cut off', async (context) => {
  const { port } = await listen(context, (socket) => {
    socket.on('data', () => socket.end('-ERR Protocol error\r\n'));
  });
  await assert.rejects(connect({ url: `rediss://127.0.0.1:${port}` }), { code: 'TLS_FAILED' });
});

withClient('wrong credentials are AUTH_FAILED, and are not told', async (context) => {
  const refused = new Error('WRONGPASS invalid username-password pair or user is disabled.');
  const { url } = await fakeServer(context, ([name]) => (name === 'AUTH' ? refused : undefined));
  const wrong = connect({ url, user: 'me', password: 'secret' });
  await assert.rejects(wrong, (error: Error & { code: string }) => {
    assert.equal(error.code, 'AUTH_FAILED');
    assert.doesNotMatch(`${error.message} ${JSON.stringify(error)}`, /secret/);
    return true;
  });
});

withClient('a database that is not there is BAD_TARGET, not another database', async (context) => {
  const { url } = await fakeServer(context, ([name]) =>
    name === 'SELECT' ? new Error('ERR DB index is out of range') : undefined,
  );
  await assert.rejects(connect({ url, database: 99 }), { code: 'BAD_TARGET' });
});

withClient(
  'a missing password is AUTH_FAILED, a server that loads STORE_FAILED',
  async (context) => {
    const saying = (message: string) => fakeServer(context, () => new Error(message));
    const closed = await saying('NOAUTH Authentication required.');
    await assert.rejects(connect({ url: closed.url }), { code: 'AUTH_FAILED' });
    const loading = await saying('LOADING Redis is loading the dataset in memory');
    await assert.rejects(connect({ url: loading.url }), { code: 'STORE_FAILED', hint: /PONG/ });
  },
);

withClient('without vector sets, Redis is TOO_OLD and Valkey UNSUPPORTED', async (context) => {
  const old = await fakeServer(context, ([name]) =>
    name === 'INFO' ? 'redis_version:7.4.1\r\n' : unlinked(name),
  );
  const { vectors } = await openRedis(context, { url: old.url });
  await assert.rejects(vectors.create(smallSpec), {
    code: 'TOO_OLD',
    message: /8\.0, found 7\.4\.1/,
  });
  const valkey = await fakeServer(context, ([name]) =>
    name === 'INFO' ? 'redis_version:7.2.4\r\nvalkey_version:8.1.1\r\n' : unlinked(name),
  );
  const other = await openRedis(context, { url: valkey.url });
  const message = /Valkey 8\.1\.1/;
  await assert.rejects(other.vectors.create(smallSpec), { code: 'UNSUPPORTED', message });
  const search = await openRedis(context, { url: valkey.url, index: 'search' });
  await assert.rejects(search.vectors.create(smallSpec), { code: 'UNSUPPORTED', message });
});

withClient('families and metrics of the other kind of index are UNSUPPORTED', async (context) => {
  const { url } = await fakeServer(context, ([name]) => (name === 'VINFO' ? null : undefined));
  const { vectors } = await openRedis(context, { url });
  const wrong = { ...smallSpec, family: 'svs-vamana' };
  await assert.rejects(vectors.create(wrong), { code: 'UNSUPPORTED', hint: /index .* search/ });
  await assert.rejects(vectors.create({ ...smallSpec, metric: 'l2' }), { code: 'UNSUPPORTED' });
  const search = await openRedis(context, { url, index: 'search' });
  const bits = { ...smallSpec, family: 'hnsw-bin' };
  await assert.rejects(search.vectors.create(bits), { code: 'UNSUPPORTED', hint: /vectorset/ });
});

withClient('a replica is READ_ONLY', async (context) => {
  const { url } = await fakeServer(context, ([name]) => {
    if (name === 'VINFO') return null;
    if (name === 'UNLINK')
      return new Error("READONLY You can't write against a read only replica.");
    return undefined;
  });
  const { vectors } = await openRedis(context, { url });
  await assert.rejects(vectors.create(smallSpec), { code: 'READ_ONLY' });
});

withClient('when nobody listens any more, a search ends with HOST_DIED', async (context) => {
  const server = await fakeServer(context, ([name]) => {
    if (name === 'VSIM') return ['5'];
    return name === 'UNLINK' || name === 'VINFO' ? 0 : undefined;
  });
  const { vectors } = await openRedis(context, { url: server.url });
  await vectors.create(smallSpec);
  const asked = vectors.prepareSearch({ vector: Float32Array.of(1, 0), k: 2, params: {} });
  assert.deepEqual([...(await vectors.search(asked)).ids], [5, -1]);
  await server.close();
  await assert.rejects(vectors.search(asked), { code: 'HOST_DIED' });
  await assert.rejects(vectors.search(asked), { code: 'HOST_DIED' });
});

withClient('a command that was disabled is UNSUPPORTED, without what was sent', async (context) => {
  const { url } = await fakeServer(context, ([name]) =>
    name === 'VINFO' || name === 'UNLINK' ? 0 : undefined,
  );
  const { vectors } = await openRedis(context, { url });
  await vectors.create(smallSpec);
  const batch = { ids: Int32Array.of(7), vectors: Float32Array.of(1, 0) };
  await assert.rejects(vectors.upsert(vectors.prepareUpsert(batch)), {
    code: 'UNSUPPORTED',
    message: /ERR unknown command 'VADD'$/,
    hint: /Redis 8/,
  });
});

withClient('a connection that is cut off is not asked again, and the last is missed', async (t) => {
  const server = await fakeServer(t, ([name]) => {
    if (name === 'VSIM') return ['5'];
    return name === 'UNLINK' || name === 'VINFO' ? 0 : undefined;
  });
  const proxy = await faultProxy(t, server.port);
  const { vectors } = await openRedis(t, { url: `redis://127.0.0.1:${proxy.port}` });
  await vectors.create(smallSpec);
  const asked = vectors.prepareSearch({ vector: Float32Array.of(1, 0), k: 2, params: {} });
  proxy.hurt({ kind: 'cut', bytes: 3, once: true });
  await assert.rejects(vectors.search(asked), { code: 'UNREACHABLE', message: /cut off/ });
  for (const _ of [1, 2, 3]) assert.deepEqual([...(await vectors.search(asked)).ids], [5, -1]);
  proxy.hurt({ kind: 'cut', bytes: 3 });
  const gone = { code: 'HOST_DIED', message: /all connections were ended/, hint: /--resume/ };
  await assert.rejects(vectors.search(asked), gone);
  await assert.rejects(vectors.search(asked), gone);
});

withClient('a request that hangs ends in time, and others go on', async (context) => {
  let isSilent = true;
  const { port } = await listen(context, (socket) => {
    socket.on('data', (part) => {
      const text = part.toString('latin1');
      if (text.includes('PING')) socket.write('+PONG\r\n');
      else if (text.includes('INFO\r\n$6')) socket.write('$19\r\nredis_version:8.0.2\r\n');
      else if (!text.includes('VSIM')) socket.write(':0\r\n');
      else if (!isSilent) socket.write('*1\r\n$1\r\n3\r\n');
    });
  });
  const url = `redis://127.0.0.1:${port}`;
  const { vectors } = await openRedis(context, { url }, { timeoutNs: 300e6, connections: 2 });
  await vectors.create(smallSpec);
  const asked = vectors.prepareSearch({ vector: Float32Array.of(1, 0), k: 1, params: {} });
  await assert.rejects(vectors.search(asked), { code: 'TIMEOUT' });
  isSilent = false;
  assert.equal((await vectors.search(asked)).ids.length, 1);
});

withClient('attributes come with the ids where the server gives them', async (context) => {
  const server = await fakeServer(context, ([name]) => {
    if (name === 'VSIM') return ['5', '{"year":3,"title":"%"}', '9', null];
    return name === 'UNLINK' || name === 'VINFO' ? 0 : undefined;
  });
  const { vectors } = await openRedis(context, { url: server.url });
  const payload = [
    { name: 'year', type: 'integer', indexed: true },
    { name: 'title', type: 'text', indexed: false },
  ] as const;
  await vectors.create({ ...smallSpec, payload });
  const vector = Float32Array.of(1, 0);
  const request = { vector, k: 3, params: {}, payload: ['year', 'title'] };
  const hits = await vectors.search(vectors.prepareSearch(request));
  assert.deepEqual([...hits.ids], [5, 9, -1]);
  assert.deepEqual(hits.payload, [{ year: 3 }, {}]);
  assert.equal(server.commands.at(-1)?.at(-1), 'WITHATTRIBS');
});
