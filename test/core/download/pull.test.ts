import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pulledFolders, writableFolder } from '../../../core/download/folders.js';
import { withLock } from '../../../core/download/lock.js';
import { pull } from '../../../core/download/pull.js';
import { findPulled } from '../../../core/download/pulled.js';
import { askedWait, growingWait, usualLimits } from '../../../core/download/retry.js';
import { setEnvironment } from '../environment.js';
import { emptyFolder } from '../folders.js';
import { sendFile, startServer } from './file-server.js';
import { pullScene, sampleDataset, sha256, someBytes } from './scene.js';

const base = someBytes(40_000, 5);
const queries = someBytes(4_000, 6);

test('a dataset that is whole is checked and not fetched again', async (context) => {
  const server = await startServer(context, (request, response) => {
    sendFile(request, response, { bytes: request.url === '/base.bin' ? base : queries });
  });
  const scene = await pullScene(context);
  const dataset = sampleDataset([
    { name: 'base.bin', role: 'base', address: `${server.address}/base.bin` },
    { name: 'queries.bin', role: 'queries', address: `${server.address}/queries.bin` },
  ]);
  assert.equal(await findPulled(dataset, scene.folder), undefined);
  const pulled = await pull(dataset, scene);
  assert.deepEqual(
    pulled.files.map((file) => [file.role, file.sha256]),
    [
      ['base', sha256(base)],
      ['queries', sha256(queries)],
    ],
  );
  assert.deepEqual(await pull(dataset, scene), pulled);
  assert.deepEqual(await findPulled(dataset, scene.folder), pulled);
  assert.equal(server.requests.length, 2);
  const record = JSON.parse(await readFile(join(scene.folder, 'pulled.json'), 'utf8'));
  assert.deepEqual(
    [record.dataset, record.files[0].name, record.files[0].address, record.files[0].bytes],
    ['sample', 'base.bin', `${server.address}/base.bin`, 40_000],
  );
  assert.equal(new Date(record.files[0].pulledAt).toISOString(), record.files[0].pulledAt);
});

test('a file that was damaged or lost is fetched again', async (context) => {
  const server = await startServer(context, (request, response) => {
    sendFile(request, response, { bytes: base });
  });
  const scene = await pullScene(context);
  const path = join(scene.folder, 'base.bin');
  const dataset = sampleDataset([{ address: server.address }]);
  await pull(dataset, scene);
  const flipped = Buffer.from(base);
  flipped[20_000] = (flipped[20_000] as number) ^ 1;
  for (const damage of [flipped, base.subarray(1), undefined]) {
    if (damage === undefined) await rm(path);
    else await writeFile(path, damage);
    await pull(dataset, scene);
    assert.deepEqual(await readFile(path), base);
  }
  assert.equal(server.requests.length, 4);
  assert.equal(scene.notes.length, 2);
});

test('what the first pull found is what later ones must find', async (context) => {
  const now = someBytes(40_000, 7);
  const server = await startServer(context, (request, response, index) => {
    sendFile(request, response, { bytes: index === 0 ? base : now });
  });
  const scene = await pullScene(context);
  const dataset = sampleDataset([{ address: server.address }]);
  await pull(dataset, scene);
  await rm(join(scene.folder, 'base.bin'));
  await assert.rejects(pull(dataset, scene), (error: Error & { code: string }) => {
    assert.equal(error.code, 'BAD_DATA');
    const expected = `expected sha256 ${sha256(base)} by the catalogue and the pull of `;
    assert.ok(error.message.includes(expected), error.message);
    assert.ok(error.message.endsWith(`found: ${sha256(now)}`), error.message);
    return true;
  });
});

test('two pulls at once fetch each file once', async (context) => {
  const server = await startServer(context, (request, response) => {
    setTimeout(() => sendFile(request, response, { bytes: base }), 50);
  });
  const scene = await pullScene(context);
  const dataset = sampleDataset([{ address: server.address }]);
  const [one, two] = await Promise.all([pull(dataset, scene), pull(dataset, scene)]);
  assert.deepEqual(one, two);
  assert.equal(server.requests.length, 1);
  assert.deepEqual(await readFile(join(scene.folder, 'base.bin')), base);
  assert.deepEqual(scene.notes, [
    `waiting for another pull into ${scene.folder}, process ${process.pid}`,
  ]);
});

test('files of something else are left alone', async (context) => {
  const server = await startServer(context, (request, response) => {
    sendFile(request, response, { bytes: base });
  });
  const scene = await pullScene(context);
  const path = join(scene.folder, 'base.bin');
  await writeFile(path, 'my own');
  const dataset = sampleDataset([{ address: server.address }]);
  await assert.rejects(pull(dataset, scene), { code: 'BAD_ARGUMENT' });
  assert.equal(await readFile(path, 'utf8'), 'my own');
  await rm(path);
  await pull(dataset, scene);
  const other = sampleDataset([{ address: server.address }], { name: 'other' });
  await assert.rejects(
    pull(other, scene),
    /it must be empty or hold that dataset, it holds sample/,
  );
  assert.equal(await findPulled(other, scene.folder), undefined);
});

test('a record that cannot be read is told, not written over', async (context) => {
  const scene = await pullScene(context);
  const path = join(scene.folder, 'pulled.json');
  for (const text of ['{', '{"dataset":"sample","files":[{"name":"base.bin"}]}']) {
    await writeFile(path, text);
    await assert.rejects(pull(sampleDataset([{}]), scene), { code: 'BAD_DATA' });
    assert.equal(await readFile(path, 'utf8'), text);
  }
});

test('files land below a clone, else below the data of the person', async (context) => {
  setEnvironment(context, { BENCH_DATASETS: undefined, XDG_DATA_HOME: undefined });
  const clone = await emptyFolder(context);
  await writeFile(join(clone, 'tsconfig.json'), '{}');
  const personal = join(homedir(), '.local', 'share', 'storebench', 'datasets', 'sample');
  const cloned = join(clone, 'datasets', '.cache', 'sample');
  assert.deepEqual(pulledFolders('sample', clone), [cloned, personal]);
  const installed = join(await emptyFolder(context), 'node_modules', 'storebench');
  assert.deepEqual(pulledFolders('sample', installed), [personal]);
  process.env.XDG_DATA_HOME = '/data';
  assert.deepEqual(pulledFolders('sample', installed), ['/data/storebench/datasets/sample']);
  process.env.BENCH_DATASETS = '/mine';
  assert.deepEqual(pulledFolders('sample', installed), ['/mine/sample']);
  assert.deepEqual(pulledFolders('sample', clone), ['/mine/sample', cloned]);
});

test('of several folders the first that can be written is taken', async (context) => {
  const folder = await emptyFolder(context);
  await writeFile(join(folder, 'file'), 'where a folder should be');
  const below = join(folder, 'file', 'sample');
  const good = join(folder, 'not', 'yet', 'there');
  assert.equal(writableFolder([below, good]), good);
  assert.equal(writableFolder([good, below]), good);
});

test('the lock of a process that is gone is taken over', async (context) => {
  const file = join(await emptyFolder(context), 'lock');
  const dead = Number(execFileSync(process.execPath, ['-p', 'process.pid']).toString());
  for (const pid of [dead, process.pid]) {
    await writeFile(file, JSON.stringify({ pid, host: hostname(), id: 'left behind' }));
    const result = await withLock(file, async () => {
      const holder = JSON.parse(await readFile(file, 'utf8'));
      return [holder.pid, holder.id === 'left behind'];
    });
    assert.deepEqual(result, [process.pid, false]);
    await assert.rejects(readFile(file), { code: 'ENOENT' });
  }
});

test('work under one lock never overlaps, and a failure frees it', async (context) => {
  const file = join(await emptyFolder(context), 'lock');
  const log: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    log.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    log.push(`${name} ends`);
    if (name === 'a') throw new Error('broken');
  };
  const names = ['a', 'b', 'c'];
  await Promise.allSettled(names.map((name) => withLock(file, work(name))));
  assert.equal(log.length, 6);
  for (let index = 0; index < 6; index += 2) {
    assert.equal(log[index]?.replace('begins', 'ends'), log[index + 1]);
  }
});

test('who waits for a lock can be stopped', async (context) => {
  const file = join(await emptyFolder(context), 'lock');
  const abort = new AbortController();
  await withLock(file, async () => {
    const onWait = (): void => abort.abort();
    const second = withLock(file, async () => undefined, { signal: abort.signal, onWait });
    await assert.rejects(second, { name: 'AbortError' });
  });
});

test('waits double up to a limit; Retry-After is seconds or a date', () => {
  const waits = [1, 2, 3, 7, 20].map((failures) => growingWait(failures, usualLimits) / 1e9);
  assert.deepEqual(waits, [1, 2, 4, 60, 60]);
  const now = '2025-07-01T10:00:00.000Z';
  // RFC 9110 has both forms; ten seconds after `now`, and a minute before it.
  assert.equal(askedWait('120', now), 120e9);
  assert.equal(askedWait('Tue, 01 Jul 2025 10:00:10 GMT', now), 10e9);
  assert.equal(askedWait('Tue, 01 Jul 2025 09:59:00 GMT', now), 0);
  assert.equal(askedWait('soon', now), undefined);
  assert.equal(askedWait(undefined, now), undefined);
});
