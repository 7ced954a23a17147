import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finishCollection } from '../../adapters/weaviate/finish.js';
import { markerUuid } from '../../adapters/weaviate/names.js';
import { weaviateOptions } from '../../adapters/weaviate/options.js';

const name = 'Bench_a';
const ready = { vectorIndexingStatus: 'READY', vectorQueueLength: 0, compressed: false };
const indexing = { ...ready, vectorIndexingStatus: 'INDEXING', vectorQueueLength: 5 };
const readOnly = { ...ready, vectorIndexingStatus: 'READONLY' };
const coded = { ...ready, compressed: true };

type Shard = typeof ready;

/** A server whose shards are as these say, look by look, and then as the last says. */
function serverOf(looks: readonly (readonly Shard[])[]) {
  const asked: string[] = [];
  let look = -1;
  const ask = async (method: string, path: string): Promise<unknown> => {
    if (!path.startsWith('/v1/nodes')) {
      asked.push(`${method} ${path}`);
      return { class: name };
    }
    look = Math.min(look + 1, looks.length - 1);
    // A node that has none of it says null.
    return { nodes: [{ shards: looks[look] }, { shards: null }] };
  };
  return {
    server: { ask, where: 'weaviate', options: weaviateOptions.parse({ giveUpS: 1 }) },
    asked,
  };
}

const logged: string[] = [];
const context = {
  signal: new AbortController().signal,
  log: (line: string) => void logged.push(line),
};

function finish(family: string, looks: readonly (readonly Shard[])[], signal = context.signal) {
  const { server, asked } = serverOf(looks);
  const finishing = { server, name, family, dimensions: 2, context: { ...context, signal } };
  return { ended: finishCollection(finishing), asked };
}

test('where rows are indexed as they are stored there is nothing to wait for', async () => {
  for (const [family, shard] of [
    ['flat', ready],
    ['hnsw', ready],
    ['hnsw-rq', coded],
  ] as const) {
    const { ended, asked } = finish(family, [[shard]]);
    assert.deepEqual(await ended, []);
    assert.deepEqual(asked, []);
  }
});

test('every queue of every shard is waited for', async () => {
  const looks = [
    [indexing, ready],
    [ready, indexing],
    [ready, { ...ready, vectorQueueLength: 1 }],
  ];
  const { ended, asked } = finish('hnsw', [...looks, [ready, ready]]);
  const phases = await ended;
  assert.deepEqual(
    phases.map((phase) => phase.name),
    ['index'],
  );
  assert.deepEqual(asked, []);
});

test('codes are switched on when the rows are there, and waited for', async () => {
  const { ended, asked } = finish('hnsw-pq', [[ready], [ready], [readOnly], [readOnly], [coded]]);
  const phases = await ended;
  assert.deepEqual(
    phases.map((phase) => phase.name),
    ['train'],
  );
  assert.deepEqual(asked, [`GET /v1/schema/${name}`, `PUT /v1/schema/${name}`]);
});

test('a server with queues makes its codes by itself, at the end too', async () => {
  const looks = [[indexing], [ready], [ready], [ready], [ready], [coded]];
  const phases = await finish('hnsw-sq', looks).ended;
  assert.deepEqual(
    phases.map((phase) => phase.name),
    ['index', 'train'],
  );
});

test('codes that were tried and did not come are an error', async () => {
  const { ended } = finish('hnsw-pq', [[ready], [ready], [readOnly], [ready]]);
  await assert.rejects(ended, { code: 'STORE_FAILED', message: /no codes were made/ });
});

test('what does not change for long is given up, by its state', async () => {
  await assert.rejects(finish('hnsw', [[ready, indexing]]).ended, {
    code: 'TIMEOUT',
    message: /nothing changed for 1 s: .*INDEXING, 5 rows wait/,
  });
  await assert.rejects(finish('hnsw', [[]]).ended, { code: 'TIMEOUT' });
});

test('that a dynamic index has its graph shows a row that goes through its queue', async () => {
  const { ended, asked } = finish('dynamic', [[indexing], [ready], [indexing], [ready]]);
  const phases = await ended;
  assert.deepEqual(
    phases.map((phase) => phase.name),
    ['index'],
  );
  assert.deepEqual(asked, [`POST /v1/objects`, `DELETE /v1/objects/${name}/${markerUuid}`]);
});

test('waiting ends when the run is interrupted', async () => {
  const controller = new AbortController();
  const { ended } = finish('hnsw', [[indexing]], controller.signal);
  setTimeout(() => controller.abort(), 50);
  await assert.rejects(ended, { name: 'AbortError' });
});
