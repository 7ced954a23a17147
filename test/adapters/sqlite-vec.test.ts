import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import adapter from '../../adapters/sqlite-vec.js';
import type { HostAddress } from '../../core/host/slots.js';
import { vectorOf } from '../../core/vectors.js';
import { build, checkMissing, dimensions, queries, rows, search, testsOf } from './hosted-scene.js';

const installed = await testsOf('sqlite-vec', adapter);

installed('a file holds the table until the collection is dropped', async (t) => {
  const opened = await build(adapter, t, {});
  const phases = await opened.vectors.finish();
  assert.deepEqual(
    phases.map(({ name }) => name),
    ['add'],
  );
  const { folder } = opened.vectors.handle() as HostAddress;
  assert.ok(existsSync(join(folder, 'data', 'vectors.db')));
  const { engineBytes, diskBytes = 0 } = (await opened.store.footprint?.()) ?? {};
  assert.equal(engineBytes, undefined);
  assert.ok(diskBytes > rows * dimensions * 4);
  await opened.vectors.drop();
  assert.equal(existsSync(folder), false);
});

installed('what moves a figure is told: which SQLite, its pages, and missing SIMD', async (t) => {
  const { store } = await build(adapter, t, {});
  const { settings, warnings, version } = await store.describe();
  // The version that the adapter installs.
  assert.equal(version, '0.1.9');
  assert.match(String(settings.sqlite), /^3\.\d+\.\d+$/);
  assert.match(String(settings.sqliteModule), /^(py)?sqlite3$/);
  assert.equal(settings.journalMode, 'delete');
  assert.ok(Number(settings.pageBytes) >= 512);
  assert.equal(warnings.length, settings.sqliteVecBuildFlags === '' ? 1 : 0);
});

installed('more than 4096 neighbours are refused, and the host goes on', async (t) => {
  const opened = await build(adapter, t, {});
  await opened.vectors.finish();
  const askFor = (k: number) => search(opened, { vector: vectorOf(queries, 0), k, params: {} });
  const refused = { code: 'BAD_ARGUMENT', message: /1\.\.4096 rows, k is 4097/ };
  await assert.rejects(askFor(4097), refused);
  assert.equal((await askFor(4096)).filter((id) => id >= 0).length, rows);
});

installed('values that are no whole numbers are not forced into int8', async (t) => {
  const refused = { code: 'BAD_DATA', message: /whole numbers of -128\.\.127, got -?0\.\d/ };
  await assert.rejects(build(adapter, t, { params: { elements: 'int8' } }), refused);
});

test('rows come as int8 only where they are stored so', () => {
  const [flat] = adapter.indexes ?? [];
  assert.equal(flat?.takes?.('i8', { elements: 'int8' }), true);
  assert.equal(flat?.takes?.('i8', { elements: 'float32' }), false);
  assert.equal(flat?.takes?.('u8', { elements: 'int8' }), false);
});

test('more dimensions than sqlite-vec takes are a mistake of the plan', () => {
  const about = { rows, metric: 'l2' as const, params: {} };
  const check = (count: number) => adapter.indexes?.[0]?.check?.({ ...about, dimensions: count });
  assert.deepEqual(check(8192), []);
  assert.match(check(8193)?.[0] ?? '', /1\.\.8192 dimensions, the dataset has 8193/);
});

test('where sqlite-vec is missing, the command that installs it is named', (context) =>
  checkMissing('sqlite-vec', adapter, context));
