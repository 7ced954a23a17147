import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer, request as forward } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Proxies, proxiesOf, shownAddress } from '../../../core/download/proxies.js';
import { pull } from '../../../core/download/pull.js';
import { nextAddress, openTransport } from '../../../core/download/transport.js';
import { listen, sendFile, startServer } from './file-server.js';
import { pullScene, sampleDataset, someBytes } from './scene.js';

const bytes = someBytes(20_000, 4);

test('redirects are followed, relative ones too', async (context) => {
  const server = await startServer(context, (request, response) => {
    const first = { location: '/a/new?s=1' };
    if (request.url === '/old') response.writeHead(301, first).end('moved');
    else if (request.url === '/a/new?s=1') response.writeHead(302, { location: 'last' }).end();
    else sendFile(request, response, { bytes });
  });
  const scene = await pullScene(context);
  await pull(sampleDataset([{ address: `${server.address}/old` }]), scene);
  assert.deepEqual(
    server.requests.map(({ url }) => url),
    ['/old', '/a/new?s=1', '/a/last'],
  );
  assert.deepEqual(await readFile(join(scene.folder, 'base.bin')), bytes);
});

test('redirects in a circle end after five', async (context) => {
  const server = await startServer(context, (_, response) => {
    response.writeHead(302, { location: '/again' }).end();
  });
  const scene = await pullScene(context);
  await assert.rejects(pull(sampleDataset([{ address: `${server.address}/a` }]), scene), {
    code: 'DOWNLOAD_FAILED',
    message:
      `fetching ${server.address}/a: more than 5 redirects, ` +
      `the last to ${server.address}/again`,
  });
  // The first request and five redirects.
  assert.equal(server.requests.length, 6);
});

test('a redirect never leads from https to http, nor elsewhere', () => {
  const from = 'https://example.org/data/file';
  assert.equal(nextAddress(from, 'other'), 'https://example.org/data/other');
  assert.equal(nextAddress('http://example.org/', 'https://a.org/b'), 'https://a.org/b');
  const plain = 'http://user:secret@a.org/b?sign=secret';
  assert.throws(() => nextAddress(from, plain), {
    code: 'DOWNLOAD_FAILED',
    message:
      `fetching ${from}: a redirect leads from https to http://a.org/b, where anybody on the way ` +
      'can change the file',
  });
  assert.throws(() => nextAddress(from, 'file:///etc/passwd'), /it leads to file:$/);
  assert.throws(() => nextAddress(from, undefined), /a redirect says no address$/);
  assert.throws(() => nextAddress(from, 'http://'), /a redirect says no address$/);
});

test('an address is shown without user, password and query', () => {
  assert.equal(shownAddress('https://me:secret@a.org:81/b/c?d=e#f'), 'https://a.org:81/b/c');
  assert.equal(shownAddress('nonsense'), 'an address that cannot be read');
});

test('proxies come from the environment, lower case first, without a protocol http', () => {
  const environment = {
    HTTP_PROXY: 'a:1',
    http_proxy: 'b:2',
    HTTPS_PROXY: 'https://c',
    NO_PROXY: 'd',
  };
  const expected = { httpProxy: 'http://b:2', httpsProxy: 'https://c', noProxy: 'd' };
  assert.deepEqual(proxiesOf(environment), expected);
  assert.deepEqual(proxiesOf({}), { httpProxy: '', httpsProxy: '', noProxy: '' });
  for (const wrong of ['ftp://me:secret@a', 'http://me:secret@:99999']) {
    assert.throws(() => proxiesOf({ HTTPS_PROXY: wrong }), {
      code: 'BAD_ARGUMENT',
      message: 'HTTPS_PROXY must be an address, it is none',
    });
  }
});

interface Relay {
  readonly address: string;
  /** Request lines with what proves who asks. */
  readonly seen: { readonly line: string; readonly authorization: string | undefined }[];
}

/** A proxy that forwards plain http and refuses tunnels. */
async function startRelay(context: TestContext): Promise<Relay> {
  const seen: Relay['seen'] = [];
  const server = createServer((request, response) => {
    const authorization = request.headers['proxy-authorization'];
    seen.push({ line: `${request.method} ${request.url}`, authorization });
    const { 'proxy-authorization': _, ...headers } = request.headers;
    forward(request.url ?? '', { headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    }).end();
  });
  server.on('connect', (request, socket) => {
    const authorization = request.headers['proxy-authorization'];
    seen.push({ line: `CONNECT ${request.url}`, authorization });
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
  });
  return { address: await listen(context, server), seen };
}

async function sceneThrough(context: TestContext, proxies: Proxies) {
  const transport = openTransport({ stallNs: 30e9, proxies });
  context.after(() => transport.close());
  return { ...(await pullScene(context)), transport };
}

test('http goes through its proxy, with the password that the proxy wants', async (context) => {
  const server = await startServer(context, (request, response) => {
    sendFile(request, response, { bytes });
  });
  const relay = await startRelay(context);
  const httpProxy = relay.address.replace('//', '//me:secret@');
  const scene = await sceneThrough(context, { httpProxy, httpsProxy: '', noProxy: '' });
  await pull(sampleDataset([{ address: `${server.address}/x` }]), scene);
  // RFC 7617: Basic and the base64 of me:secret.
  const authorization = 'Basic bWU6c2VjcmV0';
  assert.deepEqual(relay.seen, [{ line: `GET ${server.address}/x`, authorization }]);
  assert.deepEqual(await readFile(join(scene.folder, 'base.bin')), bytes);
});

test('hosts of NO_PROXY are reached directly', async (context) => {
  const server = await startServer(context, (request, response) => {
    sendFile(request, response, { bytes });
  });
  const relay = await startRelay(context);
  const proxies = { httpProxy: relay.address, httpsProxy: '', noProxy: 'a.org,127.0.0.1' };
  const scene = await sceneThrough(context, proxies);
  await pull(sampleDataset([{ address: server.address }]), scene);
  assert.deepEqual([relay.seen.length, server.requests.length], [0, 1]);
});

test('https is tunnelled, and no message holds the password of the proxy', async (context) => {
  const relay = await startRelay(context);
  const httpsProxy = relay.address.replace('//', '//me:secret@');
  const scene = await sceneThrough(context, { httpProxy: '', httpsProxy, noProxy: '' });
  const dataset = sampleDataset([{ address: 'https://data.example.org/x' }]);
  const error = await pull(dataset, scene).then(
    () => assert.fail('it did not fail'),
    (thrown: unknown) => thrown as Error & { code: string },
  );
  assert.equal(error.code, 'DOWNLOAD_FAILED');
  assert.match(error.message, /^fetching https:\/\/data\.example\.org\/x: .*407/);
  const said = [error.message, String(error.cause), ...scene.notes].join('\n');
  assert.equal(said.includes('secret'), false, said);
  const [tunnel] = relay.seen;
  assert.deepEqual(tunnel, {
    line: 'CONNECT data.example.org:443',
    authorization: 'Basic bWU6c2VjcmV0',
  });
});
