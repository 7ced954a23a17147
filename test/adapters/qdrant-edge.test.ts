import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import adapter from '../../adapters/qdrant-edge.js';
import type { IndexContext, Parameters } from '../../core/adapter.js';
import type { HostAddress } from '../../core/host/slots.js';
import type { Target } from '../../core/plan.js';
import { vectorOf } from '../../core/vectors.js';
import { emptyFolder } from '../core/folders.js';
import { runSmall } from '../core/run/small-run.js';
import { randomTable, slowNearest, smallDataset, tableOf } from '../core/tables.js';
import { buildWithPayload, checkFilters } from './filtered-scene.js';
import {
  ask,
  base,
  build,
  checkMissing,
  connect,
  dimensions,
  k,
  queries,
  rows,
  testsOf,
} from './hosted-scene.js';

const installed = await testsOf('qdrant-edge', adapter);

const target: Target = {
  name: 'qdrant-edge',
  adapterName: 'qdrant-edge',
  adapter,
  adapterUrl: new URL('../../adapters/qdrant-edge.js', import.meta.url).href,
  options: {},
};

installed('a graph is built by finish, and searched as wide as each request asks', async (t) => {
  const params = { M: 16, efConstruction: 100 };
  const opened = await build(adapter, t, { family: 'hnsw', params });
  const phases = await opened.vectors.finish();
  assert.deepEqual(
    phases.map(({ name }) => name),
    ['add', 'index'],
  );
  for (let query = 0; query < queries.rows; query++) {
    const expected = slowNearest({ metric: 'l2', base }, vectorOf(queries, query), k);
    assert.deepEqual(await ask(opened, query, { efSearch: 400 }), expected);
    assert.deepEqual(await ask(opened, query, { exact: true }), expected);
  }
  const { settings, version } = await opened.store.describe();
  // The version that the adapter installs.
  assert.equal(version, '0.9.0');
  assert.deepEqual([settings.callsInFlight, settings.indexingThresholdKb], [1, 1]);
});

installed('only rows that meet the filter are found, by every kind of it', async (context) => {
  for (const [family, params] of [
    ['flat', {}],
    ['hnsw', { exact: true }],
    ['hnsw', { efSearch: 600 }],
  ] as const) {
    const { store, vectors } = await connect(adapter, context);
    await buildWithPayload(vectors, { family });
    await checkFilters(vectors, params);
    const { payloadIndexes } = (await store.describe()).settings;
    assert.equal(payloadIndexes, 'genre (keyword), year (integer), price (float), isNew (bool)');
  }
});

installed('the shard lies on disk until the collection is dropped', async (t) => {
  const opened = await build(adapter, t, {});
  await opened.vectors.finish();
  const { folder } = opened.vectors.handle() as HostAddress;
  assert.ok(existsSync(join(folder, 'data', 'segments')));
  const { engineBytes, diskBytes = 0 } = (await opened.store.footprint?.()) ?? {};
  assert.equal(engineBytes, undefined);
  assert.ok(diskBytes > rows * dimensions * 4);
  await opened.vectors.drop();
  assert.equal(existsSync(folder), false);
});

installed('binary codes of values of one sign find nothing: not measured', async (context) => {
  // Every code is the same, so that any row is as near as any other.
  const positive = (count: number, seed: number) => {
    const [values] = randomTable(count, 8, seed).shards;
    return tableOf(
      8,
      Float32Array.from(values as Float32Array, (value) => 0.01 + Math.abs(value)),
    );
  };
  const dataset = smallDataset({ base: positive(2000, 3), queries: positive(20, 4) });
  const run = await runSmall({
    folder: await emptyFolder(context),
    targets: [target],
    dataset,
    suite: {
      indexes: [
        {
          family: 'hnsw',
          params: { quantization: ['none', 'binary'] },
          search: { efSearch: 50 },
        },
      ],
      measure: { warmUpS: 0, durationS: 0.05, repeats: 1, timeoutS: 20 },
    },
  });
  const outcomes = run.builds.map(({ index, failure }) => [
    index.params.quantization,
    failure?.code,
  ]);
  assert.deepEqual(outcomes, [
    ['none', undefined],
    ['binary', 'VERIFY_FAILED'],
  ]);
  // 20 k / rows = 0.1 is the least that passes.
  assert.match(run.builds[1]?.failure?.message ?? '', /recall@10 .* must be >= 0\.100, got 0\.0/);
  assert.deepEqual(
    run.cells.map(({ build }) => build),
    [run.builds[0]?.id],
  );
});

function mistakesOf(params: Parameters): readonly string[] {
  const hnsw = adapter.indexes?.find(({ family }) => family === 'hnsw');
  const about: IndexContext = { rows, dimensions, metric: 'l2', params };
  return hnsw?.check?.(about) ?? [];
}

test('what belongs to one kind of codes is demanded with it and refused with others', () => {
  for (const params of [
    {},
    { quantization: 'none' },
    { quantization: 'scalar', quantile: 0.99 },
    { quantization: 'product', compression: 16 },
    { quantization: 'binary' },
  ]) {
    assert.deepEqual(mistakesOf(params), []);
  }
  assert.match(mistakesOf({ quantization: 'product' })[0] ?? '', /compression is missing/);
  assert.match(
    mistakesOf({ quantization: 'binary', compression: 16 })[0] ?? '',
    /compression must be left out with quantization binary/,
  );
  assert.match(
    mistakesOf({ quantization: 'product', compression: 16, quantile: 0.9 })[0] ?? '',
    /quantile must be left out with quantization product/,
  );
});

test('where qdrant-edge is missing, the command that installs it is named', (context) =>
  checkMissing('qdrant-edge', adapter, context));
