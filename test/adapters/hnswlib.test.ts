import assert from 'node:assert/strict';
import { test } from 'node:test';
import adapter from '../../adapters/hnswlib.js';
import { vectorOf } from '../../core/vectors.js';
import { slowNearest } from '../core/tables.js';
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

const installed = await testsOf('hnswlib', adapter);
const thin = { family: 'hnsw', params: { M: 2, efConstruction: 10 } };
const all = Array.from({ length: queries.rows }, (_, query) => query);

installed('a wide search finds the true neighbours, and says its phase and threads', async (t) => {
  const params = { M: 16, efConstruction: 200 };
  const opened = await build(adapter, t, { family: 'hnsw', params, buildThreads: 2 });
  const phases = await opened.vectors.finish();
  assert.deepEqual(
    phases.map(({ name }) => name),
    ['add'],
  );
  for (const query of all) {
    const expected = slowNearest({ metric: 'l2', base }, vectorOf(queries, query), k);
    assert.deepEqual(await ask(opened, query, { efSearch: 400 }), expected);
  }
  const { settings, version, pids } = await opened.store.describe();
  assert.deepEqual([settings.buildThreads, settings.searchThreads], [2, 1]);
  // The version that the adapter installs.
  assert.equal(version, '0.8.0');
  assert.equal(pids.length, 1);
});

installed('requests that want different efSearch at once are answered as alone', async (t) => {
  const opened = await build(adapter, t, thin);
  await opened.vectors.finish();
  const other = await connect(adapter, t);
  await other.vectors.open(structuredClone(opened.vectors.handle()));
  const narrow = await Promise.all(all.map((query) => ask(opened, query, { efSearch: 10 })));
  const wide = await Promise.all(all.map((query) => ask(opened, query, { efSearch: 400 })));
  assert.notDeepEqual(narrow, wide);
  for (let times = 0; times < 10; times++) {
    const mixed = await Promise.all(
      all.flatMap((query) => [
        ask(opened, query, { efSearch: 10 }),
        ask(other, query, { efSearch: 400 }),
      ]),
    );
    assert.deepEqual(
      mixed,
      all.flatMap((query) => [narrow[query], wide[query]]),
    );
  }
});

installed('the estimate of an index is near the bytes that it would have on disk', async (t) => {
  for (const M of [4, 16, 48]) {
    const opened = await build(adapter, t, { family: 'hnsw', params: { M } });
    await opened.vectors.finish();
    const { engineBytes = 0 } = (await opened.store.footprint?.()) ?? {};
    const about = { rows, dimensions, metric: 'l2' as const, params: { M } };
    const ratio = (adapter.indexes?.[0]?.estimateBytes?.(about) ?? 0) / engineBytes;
    assert.ok(ratio > 0.9 && ratio < 1.1, `M ${M}: ${ratio}`);
  }
});

test('where hnswlib is missing, the command that installs it is named', (context) =>
  checkMissing('hnswlib', adapter, context));
