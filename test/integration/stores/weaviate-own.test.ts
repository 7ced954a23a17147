import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import adapter from '../../../adapters/weaviate.js';
import type { BenchError } from '../../../core/errors.js';
import { isAskedFor } from '../../contract/left-out.js';
import { keepsItsPromises } from '../../contract/promises.js';
import { apiKey, ownWeaviate, whyNoOwn } from './own-weaviate.js';
import { connect, fill, images, query, recall } from './weaviate-scene.js';

const transports = ['client', 'raw'] as const;

/** Whether a server can be started; says why where it cannot. */
function canStart(context: TestContext): boolean {
  const why = isAskedFor('weaviate') ? whyNoOwn() : 'BENCH_STORES does not list weaviate';
  if (why !== undefined) context.diagnostic(`not tested: a weaviate of its own: ${why}`);
  return why === undefined;
}

test('a weaviate with queues and a key keeps its promises in every family', async (context) => {
  if (!canStart(context)) return;
  const { url, grpcUrl } = await ownWeaviate(context);
  for (const transport of transports) {
    const options = { url, grpcUrl, transport, apiKey };
    for (const support of adapter.indexes ?? []) {
      await context.test(`${support.family} over ${transport}`, () =>
        keepsItsPromises({ adapter, adapterUrl, inProcess: false, support, metric: 'l2', options }),
      );
    }
  }
});

test('a weaviate with a key refuses another, and does not tell it', async (context) => {
  if (!canStart(context)) return;
  const { url, grpcUrl } = await ownWeaviate(context);
  for (const transport of transports) {
    for (const wrong of [{}, { apiKey: 'wrong-secret' }]) {
      await assert.rejects(connect({ url, grpcUrl, transport, ...wrong }), (error: BenchError) => {
        assert.equal(error.code, 'AUTH_FAILED');
        assert.doesNotMatch(`${error.message} ${error.hint} ${error.stack}`, /wrong-secret/);
        return true;
      });
    }
    const store = await connect({ url, grpcUrl, transport, apiKey });
    assert.ok(!JSON.stringify(await store.describe()).includes(apiKey));
    await store.close();
  }
});

test('a dynamic index is finished when it has its graph', async (context) => {
  if (!canStart(context)) return;
  const { url, grpcUrl } = await ownWeaviate(context);
  const store = await connect({ url, grpcUrl, apiKey });
  const scene = await images();
  const graph = { M: 4, efConstruction: 8, efSearch: 10 };
  const below = { family: 'dynamic', params: { threshold: 5000, ...graph } };
  const above = { family: 'dynamic', params: { threshold: 500, ...graph } };
  assert.equal(await recall(await fill(store, scene, below), scene), 1);
  // A poor graph finds less than a scan.
  assert.ok((await recall(await fill(store, scene, above), scene)) < 1);
  const spread = await connect({ url, grpcUrl, apiKey, shards: 2 });
  await assert.rejects(fill(spread, scene, above), { code: 'UNSUPPORTED', hint: /shards/ });
  await spread.close();
  await store.vectors?.drop();
  await store.close();
});

test('a weaviate that dies is told by the searches that find nobody', async (context) => {
  if (!canStart(context)) return;
  const { url, grpcUrl, kill } = await ownWeaviate(context);
  const scene = await images();
  const open = [];
  for (const transport of transports) {
    const store = await connect({ url, grpcUrl, transport, apiKey });
    const vectors = await fill(store, scene, { name: transport });
    const prepared = vectors.prepareSearch(query(scene, 0));
    await vectors.search(prepared);
    open.push({ store, vectors, prepared });
  }
  await kill();
  for (const { store, vectors, prepared } of open) {
    let code = '';
    // The first may meet a connection that was cut off.
    for (let tries = 0; tries < 20 && code !== 'HOST_DIED'; tries++) {
      const error = await vectors.search(prepared).then(
        () => assert.fail('a search of a dead server'),
        (thrown: unknown) => thrown as BenchError,
      );
      code = error.code;
    }
    assert.equal(code, 'HOST_DIED');
    await store.close();
  }
});

const adapterUrl = new URL('../../../adapters/weaviate.js', import.meta.url).href;
