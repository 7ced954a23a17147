import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import redis from '../../../adapters/redis.js';
import { rowByRow } from '../../../core/calibrate/bench.js';
import { held, requireValue, textOf } from '../../../core/calibrate/stores/key-values.js';
import { redisPlaceOf } from '../../../core/calibrate/stores/redis-client.js';
import redisGet, { keyOf } from '../../../core/calibrate/stores/redis-get.js';
import { vectorOf } from '../../../core/vectors.js';
import { contextOf, type FakeReply, fakeServer, smallSpec } from '../../adapters/redis-scene.js';

const probed = await redis.probe?.({ url: 'redis://127.0.0.1:9' });
const isInstalled = probed?.code !== 'NO_PACKAGE';

/** A test that needs the client package, and says so where it is not there. */
function withClient(title: string, body: (context: TestContext) => Promise<void>): void {
  test(title, async (context) => {
    if (isInstalled) await body(context);
    else context.diagnostic('not tested: redis: its package is not installed');
  });
}

/** A server of keys and values, with one key that somebody else put there. */
async function keyServer(context: TestContext) {
  const kept = new Map([['bench_redis_test_films_not', 'of somebody else']]);
  const server = await fakeServer(context, ([name = '', ...args]): FakeReply | undefined => {
    const [key = '', value = ''] = args;
    if (name === 'GET') return kept.get(key) ?? null;
    if (name === 'EXISTS') return args.filter((one) => kept.has(one)).length;
    if (name === 'UNLINK') return args.filter((one) => kept.delete(one)).length;
    if (name !== 'SET') return undefined;
    kept.set(key, value);
    return 'OK';
  });
  const place = redisPlaceOf({ adapter: redis, options: { url: server.url } });
  return { kept, place };
}

const ids = Int32Array.from({ length: held.rows }, (_, row) => row);
const batch = { ids, vectors: new Float32Array(held.rows) };

test('rows are answered by the row of their number', () => {
  const { dataset, k } = rowByRow(5);
  assert.deepEqual([dataset.base.rows, dataset.queries.rows, k], [5, 5, 1]);
  assert.deepEqual([...vectorOf(dataset.queries, 3)], [...vectorOf(dataset.base, 3)]);
});

test('a value has 64 bytes and tells its row; anything else is an error', () => {
  assert.equal(textOf(7).length, 64);
  assert.equal(Number.parseInt(textOf(999), 10), 999);
  requireValue(64);
  for (const bytes of [undefined, 0, 63]) {
    assert.throws(() => requireValue(bytes), { code: 'STORE_FAILED' });
  }
  assert.equal(keyOf({ prefix: 'bench_x:' }, 42), 'bench_x:000000000042');
});

withClient('keys are made, asked for and removed; others are left alone', async (context) => {
  const { kept, place } = await keyServer(context);
  const store = await redisGet.connect(place, contextOf());
  const vectors = store.vectors;
  assert.ok(vectors !== undefined);
  await vectors.create(smallSpec);
  await vectors.upsert(vectors.prepareUpsert(batch));
  assert.equal(await vectors.count(), held.rows);
  assert.deepEqual(await store.describe(), {
    version: 'Redis 8.2.1',
    client: { name: 'ioredis', version: '6.0.0' },
    settings: {},
    warnings: [],
    pids: [],
  });
  const other = await redisGet.connect(place, contextOf());
  await other.vectors?.open(vectors.handle());
  const request = { vector: new Float32Array(1), k: 1, params: {}, row: 17 };
  const { ids: found } = (await other.vectors?.search(other.vectors.prepareSearch(request))) ?? {};
  assert.deepEqual(found, Int32Array.of(17));
  // Who only opened it removes nothing.
  await other.close();
  assert.equal(kept.size, held.rows + 1);
  assert.equal(kept.get('bench_redis_test_films:000000000017'), textOf(17));
  await vectors.drop();
  assert.deepEqual([...kept.keys()], ['bench_redis_test_films_not']);
  await store.close();
});

withClient('a key that is gone is an error', async (context) => {
  const { kept, place } = await keyServer(context);
  const store = await redisGet.connect(place, contextOf());
  await store.vectors?.create(smallSpec);
  const request = { vector: new Float32Array(1), k: 1, params: {}, row: 1 };
  const prepared = store.vectors?.prepareSearch(request);
  await assert.rejects(async () => store.vectors?.search(prepared), { code: 'STORE_FAILED' });
  await store.close();
  assert.equal(kept.size, 1);
});

withClient('a store that is left before it was whole takes its keys with it', async (context) => {
  const { kept, place } = await keyServer(context);
  const store = await redisGet.connect(place, contextOf());
  await store.vectors?.create(smallSpec);
  await store.vectors?.upsert(store.vectors.prepareUpsert(batch));
  assert.equal(kept.size, held.rows + 1);
  await store.close();
  assert.deepEqual([...kept.keys()], ['bench_redis_test_films_not']);
});

withClient('a server that refuses to store says why', async (context) => {
  const server = await fakeServer(context, ([name]) => {
    if (name === 'SET') return new Error('OOM command not allowed');
    return name === 'UNLINK' ? 0 : undefined;
  });
  const place = redisPlaceOf({ adapter: redis, options: { url: server.url } });
  const store = await redisGet.connect(place, contextOf());
  await store.vectors?.create(smallSpec);
  const prepared = store.vectors?.prepareUpsert(batch);
  await assert.rejects(async () => store.vectors?.upsert(prepared), {
    code: 'STORE_FAILED',
    message: `redis at ${server.url}: OOM command not allowed`,
  });
  await store.close();
});

withClient('a wrong password is AUTH_FAILED, and nobody UNREACHABLE', async (context) => {
  const server = await fakeServer(context, ([name]) =>
    name === 'AUTH' ? new Error('WRONGPASS invalid username-password pair') : undefined,
  );
  const options = { url: server.url, user: 'me', password: 'secret-word' };
  const place = redisPlaceOf({ adapter: redis, options });
  await assert.rejects(redisGet.connect(place, contextOf()), (error: Error) => {
    assert.match(error.message, /WRONGPASS/);
    assert.doesNotMatch(error.message, /secret-word/);
    return (error as { code?: string }).code === 'AUTH_FAILED';
  });
  await server.close();
  await assert.rejects(redisGet.connect(place, contextOf()), { code: 'UNREACHABLE' });
});
