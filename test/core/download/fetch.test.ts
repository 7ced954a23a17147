import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pull } from '../../../core/download/pull.js';
import { sendFile, startServer } from './file-server.js';
import { pullScene, sampleDataset, sha256, someBytes } from './scene.js';

const bytes = someBytes(300_000, 1);
const other = someBytes(300_000, 2);
const etag = '"first"';

test('a file arrives whole, and nothing but it and its record is left', async (context) => {
  const server = await startServer(context, (request, response) => {
    sendFile(request, response, { bytes, etag });
  });
  const scene = await pullScene(context);
  const dataset = sampleDataset([{ address: `${server.address}/base.bin`, bytes: bytes.length }]);
  const { files } = await pull(dataset, scene);
  assert.deepEqual(files, [
    {
      role: 'all',
      path: join(scene.folder, 'base.bin'),
      bytes: bytes.length,
      sha256: sha256(bytes),
    },
  ]);
  assert.deepEqual(await readFile(join(scene.folder, 'base.bin')), bytes);
  assert.deepEqual((await readdir(scene.folder)).sort(), ['base.bin', 'pulled.json']);
  assert.equal(server.requests[0]?.headers['accept-encoding'], 'identity');
});

test('where a connection is cut the next request asks for the rest alone', async (context) => {
  const scene = await pullScene(context);
  const { watch } = scene;
  const server = await startServer(context, (request, response, index) => {
    sendFile(request, response, {
      bytes,
      etag,
      ...(index < 2 ? { cutAfter: 100_000, watch } : {}),
    });
  });
  const dataset = sampleDataset([{ address: server.address, sha256: sha256(bytes) }]);
  await pull(dataset, scene);
  assert.deepEqual(await readFile(join(scene.folder, 'base.bin')), bytes);
  // The server sent 100,000 bytes, 100,000 bytes and the rest.
  const ranges = server.requests.map(({ headers }) => [headers.range, headers['if-range']]);
  assert.deepEqual(ranges, [
    [undefined, undefined],
    ['bytes=100000-', etag],
    ['bytes=200000-', etag],
  ]);
  // A second, then twice that: neither cut brought a mebibyte.
  assert.deepEqual(scene.waitsNs, [1e9, 2e9]);
});

test('a pull that was stopped is gone on with by the next', async (context) => {
  const abort = new AbortController();
  const server = await startServer(context, (request, response, index) => {
    sendFile(request, response, { bytes, etag, ...(index === 0 ? { stallAfter: 100_000 } : {}) });
  });
  const scene = await pullScene(context);
  const dataset = sampleDataset([{ address: server.address, bytes: bytes.length }]);
  const update = (done: number): void => {
    if (done * 1024 * 1024 >= 99_999) abort.abort();
  };
  const progress = { ...scene.progress, update };
  await assert.rejects(pull(dataset, { ...scene, progress, signal: abort.signal }), {
    code: 'INTERRUPTED',
    message: 'pulling base.bin: stopped, 97.7 KiB are here',
  });
  const left = ['base.bin.part', 'base.bin.part.json'];
  assert.deepEqual((await readdir(scene.folder)).sort(), left);
  await pull(dataset, scene);
  assert.equal(server.requests[1]?.headers.range, 'bytes=100000-');
  assert.deepEqual(await readFile(join(scene.folder, 'base.bin')), bytes);
});

test('a date stands in for a missing ETag; a weak ETag is no condition', async (context) => {
  const lastModified = 'Tue, 01 Jul 2025 10:00:00 GMT';
  const scene = await pullScene(context);
  const { watch } = scene;
  const server = await startServer(context, (request, response, index) => {
    const cut = index === 0 ? { cutAfter: 100_000, watch } : {};
    sendFile(request, response, { bytes, etag: 'W/"weak"', lastModified, ...cut });
  });
  await pull(sampleDataset([{ address: server.address }]), scene);
  assert.equal(server.requests[1]?.headers['if-range'], lastModified);
  assert.deepEqual(await readFile(join(scene.folder, 'base.bin')), bytes);
});

test('without anything to tell versions apart a cut file begins anew', async (context) => {
  const scene = await pullScene(context);
  const { watch } = scene;
  const server = await startServer(context, (request, response, index) => {
    sendFile(request, response, { bytes, ...(index === 0 ? { cutAfter: 100_000, watch } : {}) });
  });
  await pull(sampleDataset([{ address: server.address }]), scene);
  assert.equal(server.requests[1]?.headers.range, undefined);
  assert.deepEqual(await readFile(join(scene.folder, 'base.bin')), bytes);
});

test('a server without ranges sends all again, which is said', async (context) => {
  const scene = await pullScene(context);
  const { watch } = scene;
  const server = await startServer(context, (request, response, index) => {
    const cut = index === 0 ? { cutAfter: 100_000, watch } : {};
    sendFile(request, response, { bytes, etag, ranges: false, ...cut });
  });
  await pull(sampleDataset([{ address: server.address }]), scene);
  assert.equal(server.requests[1]?.headers.range, 'bytes=100000-');
  const said = 'base.bin: the server does not go on where it was cut; starting over';
  assert.ok(scene.notes.includes(said), scene.notes.join('\n'));
  assert.deepEqual(await readFile(join(scene.folder, 'base.bin')), bytes);
});

test('a file that changed meanwhile begins anew, which is said', async (context) => {
  const scene = await pullScene(context);
  const { watch } = scene;
  const server = await startServer(context, (request, response, index) => {
    const file =
      index === 0 ? { bytes, etag, cutAfter: 100_000, watch } : { bytes: other, etag: '"2"' };
    sendFile(request, response, file);
  });
  await pull(sampleDataset([{ address: server.address }]), scene);
  const said = 'base.bin changed at its publisher since it was begun; starting over';
  assert.ok(scene.notes.includes(said), scene.notes.join('\n'));
  assert.deepEqual(await readFile(join(scene.folder, 'base.bin')), other);
});

test('two versions are not put together where If-Range is not heeded', async (context) => {
  const scene = await pullScene(context);
  const { watch } = scene;
  const server = await startServer(context, (request, response, index) => {
    const now = { bytes: other, etag: '"2"', heedsIfRange: false };
    sendFile(request, response, index === 0 ? { bytes, etag, cutAfter: 100_000, watch } : now);
  });
  await pull(sampleDataset([{ address: server.address }]), scene);
  assert.equal(server.requests.length, 3);
  assert.deepEqual(await readFile(join(scene.folder, 'base.bin')), other);
});

test('a part that is all there needs no more bytes', async (context) => {
  // Without a length the server says by 416 that there is nothing after the last byte.
  const scene = await pullScene(context);
  const server = await startServer(context, (request, response, index) => {
    response.setHeader('etag', etag);
    if (index === 0) {
      response.write(bytes);
      void scene
        .watch()(bytes.length)
        .then(() => response.socket?.destroy());
      return;
    }
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    assert.equal(request.headers.range, `bytes=${bytes.length}-`);
  });
  await pull(sampleDataset([{ address: server.address }]), scene);
  assert.deepEqual(await readFile(join(scene.folder, 'base.bin')), bytes);
});
