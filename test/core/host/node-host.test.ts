import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CollectionSpec, SearchRequest, VectorOperations } from '../../../core/adapter.js';
import { hostedStore } from '../../../core/host/hosted-store.js';
import { nodeEngine } from '../../../core/host/node/launch.js';
import type { HostTrouble } from '../../fixtures/adapters/hosted.js';
import { eventually, isAlive } from './sleepy-host.js';

const adapterUrl = new URL('../../fixtures/adapters/hosted.js', import.meta.url).href;
const spec: CollectionSpec = {
  name: 'a',
  rows: 3,
  dimensions: 2,
  metric: 'l2',
  elements: 'f32',
  family: 'flat',
  params: {},
  buildThreads: 1,
  searchThreads: 1,
  seed: 1,
};
const request: SearchRequest = { vector: Float32Array.of(1, 1), k: 2, params: {} };

function storeOf(options: { trouble: HostTrouble }, url = adapterUrl) {
  const engine = nodeEngine({ name: 'hosted', adapterUrl: url, options });
  const { signal } = new AbortController();
  return hostedStore(engine, {
    namespace: 'bench_host',
    connections: 2,
    timeoutNs: 10e9,
    signal,
    log: () => undefined,
  });
}

/** Works on a store with the rows (0, 0), (1, 1), (5, 5) under the ids 7, 8, 9. */
async function withRows(
  trouble: HostTrouble,
  work: (vectors: VectorOperations, pid: number) => Promise<void>,
): Promise<void> {
  const store = storeOf({ trouble });
  const vectors = store.vectors as VectorOperations;
  try {
    await vectors.create(spec);
    const rows = { ids: Int32Array.of(7, 8, 9), vectors: Float32Array.of(0, 0, 1, 1, 5, 5) };
    await vectors.upsert(vectors.prepareUpsert(rows));
    await vectors.finish();
    const [pid = 0] = (await store.describe()).pids;
    await work(vectors, pid);
  } finally {
    await store.close();
  }
}

test('the time that the engine says of itself is handed on, else the call is timed', async () => {
  await withRows('says-its-time', async (vectors) => {
    const hits = await vectors.search(vectors.prepareSearch(request));
    assert.deepEqual([...hits.ids], [8, 7]);
    assert.equal(hits.engineNs, 123_456);
    assert.ok((hits.hostQueueNs ?? -1) >= 0);
  });
  await withRows('no-batches', async (vectors) => {
    const { engineNs = 0 } = await vectors.search(vectors.prepareSearch(request));
    assert.ok(engineNs > 0 && engineNs < 10e9, `${engineNs} ns`);
  });
});

test('an error in the host comes with its code and hint, and the host goes on', async () => {
  await withRows('refuses', async (vectors, pid) => {
    const search = vectors.search(vectors.prepareSearch(request));
    const hint = 'wait for Sunday';
    await assert.rejects(search, { code: 'UNSUPPORTED', message: /on Saturdays/, hint });
    assert.equal(await vectors.count(), 3);
    assert.ok(isAlive(pid));
  });
});

test('batches are offered where the engine takes them, to main and to who opens it', async () => {
  for (const [trouble, batches] of [
    ['no-batches', false],
    ['says-its-time', true],
  ] as const) {
    await withRows(trouble, async (vectors) => {
      const other = storeOf({ trouble });
      const opened = other.vectors as VectorOperations;
      try {
        await opened.open(structuredClone(vectors.handle()));
        for (const { prepareSearchBatch, searchBatch } of [vectors, opened]) {
          const found = [prepareSearchBatch, searchBatch].map((method) => method !== undefined);
          assert.deepEqual(found, [batches, batches], trouble);
          if (prepareSearchBatch === undefined || searchBatch === undefined) continue;
          const hits = await searchBatch(prepareSearchBatch([request, request]));
          assert.deepEqual([...hits.ids], [8, 7, 8, 7]);
        }
      } finally {
        await other.close();
      }
    });
  }
});

test('what the store says of itself is as it stands after create, and after finish', async () => {
  const store = storeOf({ trouble: 'warns' });
  const said = async (): Promise<unknown[]> => {
    const { settings, warnings } = await store.describe();
    return [settings.last, ...warnings];
  };
  try {
    assert.deepEqual(await said(), ['nothing was created', 'nothing was created in a hurry']);
    await store.vectors?.create(spec);
    assert.deepEqual(await said(), ['created a', 'created a in a hurry']);
    await store.vectors?.finish();
    assert.deepEqual(await said(), ['finished', 'finished in a hurry']);
  } finally {
    await store.close();
  }
});

test('an adapter may print whatever it likes', async () => {
  await withRows('prints', async (vectors) => {
    for (let searches = 0; searches < 3; searches++) {
      const hits = await vectors.search(vectors.prepareSearch(request));
      assert.deepEqual([...hits.ids], [8, 7]);
    }
  });
});

test('an engine that cannot be opened says so with its own code and hint', async () => {
  const { vectors } = storeOf({ trouble: 'does-not-open' });
  await assert.rejects(vectors?.create(spec) ?? Promise.resolve(), {
    code: 'BAD_DATA',
    message: 'hosted: its file is torn',
    hint: 'write it anew',
  });
});

test('a host that dies fails its searches with the signal', async () => {
  await withRows('dies', async (vectors) => {
    const search = vectors.search(vectors.prepareSearch(request));
    await assert.rejects(search, { code: 'HOST_DIED', message: /hosted.*SIGKILL/s });
  });
});

test('a host ends when its store is closed', async () => {
  let pid = 0;
  await withRows('says-its-time', async (_, own) => {
    pid = own;
    assert.ok(isAlive(pid));
  });
  assert.ok(await eventually(() => !isAlive(pid)));
});

test('an engine that is not installed is told with what to do', async () => {
  const { vectors } = storeOf({ trouble: 'no-package' });
  await assert.rejects(vectors?.create(spec) ?? Promise.resolve(), {
    code: 'NO_PACKAGE',
    message: /cannot load engine/,
    hint: 'bench doctor --install hosted',
  });
});

test('an adapter that is not there is told', async () => {
  const url = new URL('no-such-adapter.js', adapterUrl).href;
  const { vectors } = storeOf({ trouble: 'dies' }, url);
  await assert.rejects(vectors?.create(spec) ?? Promise.resolve(), { code: 'NO_PACKAGE' });
});

test('an engine without payload refuses one, and a filter', async (context) => {
  const plain = new URL('../../../adapters/null.js', import.meta.url).href;
  const { signal } = new AbortController();
  const store = hostedStore(nodeEngine({ name: 'null', adapterUrl: plain, options: {} }), {
    namespace: 'bench_host',
    connections: 1,
    timeoutNs: 10e9,
    signal,
    log: () => undefined,
    truth: { k: 2, ids: Int32Array.of(0, 1) },
  });
  context.after(() => store.close());
  const vectors = store.vectors as VectorOperations;
  const payload = [{ name: 'genre', type: 'category', indexed: true }] as const;
  await assert.rejects(vectors.create({ ...spec, payload }), {
    code: 'UNSUPPORTED',
    message: /stores no payload/,
  });
  await vectors.create(spec);
  await vectors.finish();
  const filter = { field: 'genre', equals: 'Drama' };
  const search = vectors.search(vectors.prepareSearch({ ...request, row: 0, filter }));
  await assert.rejects(search, { code: 'UNSUPPORTED', message: /no filters/ });
});

test('what a host cannot answer is refused before it is sent', async () => {
  const { vectors } = storeOf({ trouble: 'says-its-time' });
  assert.throws(() => vectors?.prepareSearch({ ...request, payload: ['genre'] }), {
    code: 'UNSUPPORTED',
    message: /gives no payload/,
  });
});

test('queries of one batch have one filter', async () => {
  await withRows('says-its-time', async ({ prepareSearchBatch }) => {
    const filter = { field: 'genre', equals: 'Drama' };
    assert.throws(() => prepareSearchBatch?.([request, { ...request, filter }]), {
      code: 'BAD_ARGUMENT',
      message: /differ in k, parameters or filter/,
    });
  });
});

test('a search of other dimensions is refused', async () => {
  await withRows('says-its-time', async (vectors) => {
    const long = { ...request, vector: Float32Array.of(1, 1, 1) };
    await assert.rejects(vectors.search(vectors.prepareSearch(long)), {
      code: 'BAD_ARGUMENT',
      message: /came with 3 values, of 2 dimensions/,
    });
  });
});
