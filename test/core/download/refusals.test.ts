import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { PublicFile } from '../../../core/download/public-dataset.js';
import { pull } from '../../../core/download/pull.js';
import { BenchError } from '../../../core/errors.js';
import { type Answer, type FileServer, sendFile, startServer } from './file-server.js';
import { pullScene, type Scene, sampleDataset, sha256, someBytes } from './scene.js';

const bytes = someBytes(50_000, 3);
const etag = '"one"';

interface Failure {
  readonly error: BenchError;
  readonly server: FileServer;
  readonly scene: Scene;
  /** Names of what is left in the folder. */
  readonly left: readonly string[];
}

/** What becomes of a pull that must fail. */
async function failureOf(
  context: TestContext,
  answer: Answer,
  { file = {}, ...options }: Partial<Scene> & { file?: Partial<PublicFile> } = {},
): Promise<Failure> {
  const server = await startServer(context, answer);
  const scene = { ...(await pullScene(context, options.limits)), ...options };
  const dataset = sampleDataset([{ address: `${server.address}/base.bin`, ...file }]);
  const error = await pull(dataset, scene).then(
    () => assert.fail('it did not fail'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof BenchError, String(error));
  assert.equal(error.exitCode, error.code === 'BAD_ARGUMENT' ? 2 : 3);
  return { error, server, scene, left: (await readdir(scene.folder)).sort() };
}

const whole: Answer = (request, response) => sendFile(request, response, { bytes, etag });

test('a length that is not the catalogued one ends before anything is kept', async (context) => {
  const file = { bytes: 50_001 };
  const { error, left, scene, server } = await failureOf(context, whole, { file });
  assert.equal(error.code, 'BAD_DATA');
  assert.equal(
    error.message,
    `fetching ${server.address}/base.bin to ${join(scene.folder, 'base.bin')}: ` +
      'expected 50001 bytes by the catalogue; found: the server has 50000',
  );
  assert.match(error.hint ?? '', /pulled\.json/);
  assert.deepEqual(left, []);
});

test('more bytes than catalogued are not written', async (context) => {
  const endless: Answer = (_, response) => {
    response.write(bytes);
    response.end(bytes);
  };
  const { error, left } = await failureOf(context, endless, { file: { bytes: 50_000 } });
  assert.equal(error.code, 'BAD_DATA');
  assert.match(error.message, /expected 50000 bytes by the catalogue; found: more came$/);
  assert.deepEqual(left, []);
});

test('fewer bytes than catalogued are told where the server gives no length', async (context) => {
  const short: Answer = (_, response) => {
    response.write(bytes.subarray(1));
    response.end();
  };
  const { error, left } = await failureOf(context, short, { file: { bytes: 50_000 } });
  assert.match(error.message, /expected 50000 bytes by the catalogue; found: 49999 came$/);
  assert.deepEqual(left, []);
});

test('another hash than catalogued leaves nothing', async (context) => {
  const wanted = sha256(Buffer.from('another file'));
  const { error, left } = await failureOf(context, whole, { file: { sha256: wanted } });
  assert.equal(error.code, 'BAD_DATA');
  const tail = `expected sha256 ${wanted} by the catalogue; found: ${sha256(bytes)}`;
  assert.ok(error.message.endsWith(tail), error.message);
  assert.deepEqual(left, []);
});

test('a connection that is cut each time is given up, and what came is kept', async (context) => {
  const own = await pullScene(context);
  const cut: Answer = (request, response) => {
    const { watch } = own;
    sendFile(request, response, { bytes, ranges: false, etag, cutAfter: 10_000, watch });
  };
  const { error, server, scene, left } = await failureOf(context, cut, own);
  assert.equal(error.code, 'DOWNLOAD_FAILED');
  assert.match(error.message, /4 times in a row; 9\.77 KiB are here$/);
  assert.match(error.hint ?? '', /goes on from there.*HTTPS_PROXY/);
  assert.equal(server.requests.length, 4);
  // The first wait is a second, and each is twice the one before.
  assert.deepEqual(scene.waitsNs, [1e9, 2e9, 4e9]);
  assert.deepEqual(left, ['base.bin.part', 'base.bin.part.json']);
});

test('a server that is not there is asked again, and nothing is left', async (context) => {
  // A port that was just given back has nobody listening.
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as AddressInfo;
  gone.close();
  const file = { address: `http://127.0.0.1:${port}/` };
  const { error, scene, left } = await failureOf(context, whole, { file });
  assert.equal(error.code, 'DOWNLOAD_FAILED');
  assert.match(error.message, /refused the connection \(ECONNREFUSED\), 4 times in a row/);
  assert.equal(scene.waitsNs.length, 3);
  assert.deepEqual(left, []);
});

test('what is not there is asked for once', async (context) => {
  const { error, server } = await failureOf(context, (_, response) => {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<p>gone');
  });
  assert.equal(error.code, 'DOWNLOAD_FAILED');
  assert.equal(
    error.message,
    `fetching ${server.address}/base.bin: the server must answer 200, it answered 404`,
  );
  assert.equal(server.requests.length, 1);
});

test('a web page is not taken for a file', async (context) => {
  const { error, left } = await failureOf(context, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<p>log in');
  });
  assert.match(error.message, /the server sent a web page instead of the file$/);
  assert.deepEqual(
    left.filter((name) => !name.includes('.part')),
    [],
  );
});

test('a server that is busy is asked again, as late as it says', async (context) => {
  const answers = [503, 429, 200];
  const server = await startServer(context, (request, response, index) => {
    const status = answers[index];
    if (status === 200) sendFile(request, response, { bytes });
    else response.writeHead(status ?? 500, status === 429 ? { 'retry-after': '7' } : {}).end();
  });
  const scene = await pullScene(context);
  await pull(sampleDataset([{ address: server.address }]), scene);
  assert.deepEqual(await readFile(join(scene.folder, 'base.bin')), bytes);
  assert.deepEqual(scene.waitsNs, [1e9, 7e9]);
  assert.equal(scene.notes[0], 'base.bin: the server answered 503 after 0 B; trying again in 1 s');
});

test('a server that asks for an hour is not waited for', async (context) => {
  const { error, server } = await failureOf(context, (_, response) => {
    response.writeHead(503, { 'retry-after': '3600' }).end();
  });
  assert.match(error.message, /answered 503 and asks to come again in 60 min 00 s$/);
  assert.equal(server.requests.length, 1);
});

test('a server that sends nothing more is asked again, then given up', async (context) => {
  const stall: Answer = (request, response) => {
    sendFile(request, response, { bytes, etag, stallAfter: 10_000 });
  };
  const limits = { stallNs: 150e6, tries: 2 };
  const { error, server } = await failureOf(context, stall, { limits });
  assert.equal(error.code, 'TIMEOUT');
  assert.match(error.message, /sent nothing for too long, 2 times in a row; 19\.5 KiB are here$/);
  assert.equal(server.requests[1]?.headers.range, 'bytes=10000-');
});

test('where the disk has no room nothing is asked for', async (context) => {
  const freeBytes = async (): Promise<number> => 1024 * 1024;
  const file = { bytes: 50_000 };
  const { error, server } = await failureOf(context, whole, { file, freeBytes });
  assert.equal(error.code, 'DISK_FULL');
  assert.match(error.message, /48\.8 KiB are needed, 1\.00 MiB are free$/);
  assert.equal(server.requests.length, 0);
});

test('a size that only the server knows is compared with the disk too', async (context) => {
  let asked = 0;
  const freeBytes = async (): Promise<number> => {
    asked += 1;
    return asked === 1 ? 2 ** 30 : 1024;
  };
  const { error, left } = await failureOf(context, whole, { freeBytes });
  assert.equal(error.code, 'DISK_FULL');
  assert.deepEqual(
    left.filter((name) => name === 'base.bin'),
    [],
  );
});

test('a folder that cannot be made is told', async (context) => {
  const scene = { ...(await pullScene(context)), folder: '/proc/none/sample' };
  await assert.rejects(pull(sampleDataset([{}]), scene), { code: 'NOT_WRITABLE' });
});
