import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { load, namesOf } from '../../cli/registry.js';
import { askedNames, bareNames } from '../../scripts/microbench/stores.js';
import { loadBare, partsOf, rowOf } from '../../scripts/microbench/stores-bare.js';
import { bareHttpSearch } from '../../scripts/microbench/stores-http.js';
import { type LoopTask, playLoop } from '../../scripts/microbench/stores-loop.js';
import { emptyFolder } from '../core/folders.js';

test('each bare part is that of an adapter, and has its transports and families', async () => {
  const names = bareNames();
  assert.ok(names.includes('redis') && names.includes('pgvector'));
  for (const name of names) {
    assert.ok(namesOf('adapters').includes(name), name);
    const { transports, indexes = [] } = await load('adapters', name);
    const bare = await loadBare(name);
    for (const transport of transports) assert.ok(bare.search[transport], `${name} ${transport}`);
    const families = indexes.map(({ family }) => family);
    for (const { family } of [bare.searched, bare.loaded]) assert.ok(families.includes(family));
  }
});

test('stores are those that BENCH_STORES lists', () => {
  assert.deepEqual(askedNames(undefined), []);
  assert.deepEqual(askedNames('redis, pgvector,nope'), ['pgvector', 'redis']);
});

test('rows are cut into parts, of which the last is the rest', () => {
  assert.deepEqual(partsOf(5, 2), [
    { from: 0, count: 2 },
    { from: 2, count: 2 },
    { from: 4, count: 1 },
  ]);
  const vectors = Float32Array.of(0, 1, 2, 3, 4, 5);
  const input = { options: {}, handle: undefined, rows: 3, dimensions: 2, vectors };
  assert.deepEqual(rowOf(input, 1), Float32Array.of(2, 3));
});

test('a bare request is over with its answer, and fails with a bad status', async (context) => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/good' ? 200 : 500;
    response.end('x'.repeat(100_000));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const requests = ['/good', '/bad'].map((path) => ({ path, method: 'GET' as const }));
  const search = await bareHttpSearch(`http://127.0.0.1:${port}`, requests, 2);
  await Promise.all([search.send(0, 0), search.send(1, 0)]);
  await assert.rejects(search.send(0, 1), /status 500/);
  await search.close();
});

/** A loop over an adapter whose text is given. */
async function loopOver(context: TestContext, search: string): Promise<LoopTask> {
  const path = join(await emptyFolder(context), 'adapter.mjs');
  const vectors = `{
    open: async (handle) => { if (handle !== 'made') throw new Error('another handle'); },
    prepareSearch: ({ row, k }) => ({ row, k }),
    search: async ({ row, k }) => ${search},
  }`;
  const store = `{ vectors: ${vectors}, close: async () => {} }`;
  writeFileSync(path, `export default { connect: async () => (${store}) };`);
  const adapterUrl = pathToFileURL(path).href;
  return {
    by: 'adapter',
    adapterName: 'double',
    transport: 'client',
    source: { name: 'double', adapterUrl, options: {}, inProcess: false },
    handle: 'made',
    params: {},
    conditions: { connections: 2, warmUpS: 0.01, durationS: 0.05 },
  };
}

test('a loop in a process of its own gives its rate and its CPU', async (context) => {
  const waits = 'new Promise((resolve) => setTimeout(resolve, 1, { ids: [row, k] }))';
  const { requests, errors, clientCpuUs, encodeUs } = await playLoop(
    await loopOver(context, waits),
  );
  assert.equal(errors, 0);
  assert.ok(requests > 0 && requests <= 2 * 60, `${requests}`);
  assert.ok((clientCpuUs ?? 0) > 0 && encodeUs > 0);
});

test('what goes wrong in such a process is told', async (context) => {
  const failing = await loopOver(context, 'Promise.reject(new Error("it is gone"))');
  assert.equal((await playLoop(failing)).firstError, 'it is gone');
  await assert.rejects(playLoop({ ...failing, handle: 'other' }), /another handle/);
  await assert.rejects(playLoop({ ...failing, by: 'client' }), /double/);
});
