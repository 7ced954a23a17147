import assert from 'node:assert/strict';
import { test } from 'node:test';
import adapter from '../../../adapters/qdrant.js';
import { nowNs } from '../../../core/clock.js';
import { vectorOf } from '../../../core/vectors.js';
import { faultProxy } from '../../adapters/fault-proxy.js';
import { connectTo, fillScene, type Scene } from '../../adapters/qdrant-scene.js';
import { randomTable } from '../../core/tables.js';
import { qdrantDouble } from '../../doubles/qdrant/server.js';

const isInstalled = (await adapter.probe?.({ url: 'http://127.0.0.1:9' }))?.code !== 'NO_PACKAGE';
const transports = isInstalled ? ['raw', 'client'] : ['raw'];
const scene: Scene = {
  ...{ base: randomTable(20, 6, 5), payload: {}, fields: [] },
  query: vectorOf(randomTable(1, 6, 6), 0),
};

for (const transport of transports) {
  test(`a Qdrant that falls silent is a time-out by transport ${transport}`, async (context) => {
    const { url } = await qdrantDouble(context);
    const proxy = await faultProxy(context, Number(new URL(url).port));
    const options = { url: `http://127.0.0.1:${proxy.port}`, transport };
    const { vectors } = await connectTo(context, options, { timeoutNs: 200e6 });
    await fillScene(vectors, scene);
    const vector = Float32Array.from(vectorOf(scene.base, 1));
    const insert = () =>
      vectors.upsert(vectors.prepareUpsert({ ids: Int32Array.of(1), vectors: vector }));
    const search = () =>
      vectors.search(vectors.prepareSearch({ vector: scene.query, k: 3, params: {} }));
    for (const [bytes, ask] of [
      [0, search],
      [0, insert],
      [200, () => vectors.count()],
      [200, () => vectors.finish()],
    ] as const) {
      proxy.hurt({ kind: 'silent', bytes });
      const beganNs = nowNs();
      await assert.rejects(ask(), { code: 'TIMEOUT', hint: /busy/ });
      // The timers of its connections tick every half second.
      assert.ok(nowNs() - beganNs < 2.5e9);
      proxy.hurt();
      await search();
    }
  });
}
