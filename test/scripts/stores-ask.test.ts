import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../core/paths.js';

const folder = join(packageRoot(), 'scripts', 'stores');

function ask(...urls: string[]): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [join(folder, 'ask.mjs'), ...urls]);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })));
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A server that answers what it is first sent with these bytes, and its port. */
async function answering(answer: (question: Buffer, socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (question) => answer(question, socket));
  });
  return listening(server);
}

async function web(status: number, body: string): Promise<number> {
  const server = createHttpServer((_request, response) => {
    response.writeHead(status, { connection: 'close' }).end(body);
  });
  return listening(server as unknown as Server);
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// PostgreSQL, "Message Formats": AuthenticationOk, then ReadyForQuery, idle.
const authenticationOk = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);
const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
// ErrorResponse with its severity, as while a server starts up.
const startingUp = Buffer.concat([
  Buffer.from([0x45, 0, 0, 0, 4 + 8]),
  Buffer.from('SFATAL\0\0', 'latin1'),
]);

test('a port that nobody listens on does not answer', async () => {
  const port = await freePort();
  for (const scheme of ['tcp', 'redis', 'http', 'postgres']) {
    const { code, stderr } = await ask(`${scheme}://127.0.0.1:${port}`);
    assert.equal(code, 1, scheme);
    assert.match(stderr, /ECONNREFUSED/);
  }
});

test('Redis answers once it says PONG, not while it loads', async () => {
  let question = '';
  const ready = await answering((bytes, socket) => {
    question = bytes.toString();
    socket.write('+PO');
    setTimeout(() => socket.write('NG\r\n'), 20);
  });
  assert.equal((await ask(`redis://127.0.0.1:${ready}`)).code, 0);
  assert.equal(question, 'PING\r\n');
  const loading = await answering((_, socket) => socket.end('-LOADING Redis is loading\r\n'));
  const { code, stderr } = await ask(`redis://127.0.0.1:${loading}`);
  assert.equal(code, 1);
  assert.match(stderr, /-LOADING/);
});

test('PostgreSQL answers once it takes queries, however its messages are cut', async () => {
  let question: Buffer = Buffer.alloc(0);
  const port = await answering((bytes, socket) => {
    question = bytes;
    socket.write(authenticationOk.subarray(0, 3));
    setTimeout(() => {
      socket.write(Buffer.concat([authenticationOk.subarray(3), readyForQuery]));
    }, 20);
  });
  assert.equal((await ask(`postgres://postgres@127.0.0.1:${port}/postgres`)).code, 0);
  // PostgreSQL, "StartupMessage": its length, 196608, pairs that each end with a zero byte, a zero.
  const pairs = 'user\0postgres\0database\0postgres\0\0';
  assert.equal(question.readInt32BE(0), question.length);
  assert.equal(question.readInt32BE(4), 196608);
  assert.equal(question.subarray(8).toString('latin1'), pairs);
});

test('PostgreSQL does not answer while it starts up', async () => {
  const port = await answering((_, socket) => socket.write(startingUp));
  const { code, stderr } = await ask(`postgres://postgres@127.0.0.1:${port}/postgres`);
  assert.equal(code, 1);
  assert.match(stderr, /FATAL/);
});

test('a web server answers with success and the expected text', async () => {
  const port = await web(200, '{"version":"1.2.3"}');
  const url = `http://127.0.0.1:${port}/meta`;
  assert.equal((await ask(url)).code, 0);
  assert.equal((await ask(`${url}#${encodeURIComponent('"version":"1.2.3"')}`)).code, 0);
  const { code, stderr } = await ask(`${url}#${encodeURIComponent('"version":"1.2.4"')}`);
  assert.equal(code, 1);
  assert.match(stderr, /\/meta answers 200: \{"version":"1.2.3"\}/);
  const failing = await web(503, 'starting');
  assert.match((await ask(`http://127.0.0.1:${failing}/`)).stderr, /answers 503: starting/);
});

test('each of several has to answer', async () => {
  const [good, bad] = [await web(200, ''), await web(500, '')];
  assert.equal((await ask(`http://127.0.0.1:${good}`, `tcp://127.0.0.1:${good}`)).code, 0);
  assert.equal((await ask(`http://127.0.0.1:${good}`, `http://127.0.0.1:${bad}`)).code, 1);
});

test('a server that takes connections and says nothing is given up', async () => {
  const port = await answering(() => {});
  const { code, stderr } = await ask(`redis://127.0.0.1:${port}`);
  assert.equal(code, 1);
  assert.match(stderr, /no answer within 3000 ms/);
});

test('the mirror is that of the packages of the machine, else that of Debian', async () => {
  const file = pathToFileURL(join(folder, 'debian.mjs')).href;
  const { mirrorOf } = (await import(file)) as { mirrorOf(sources: string): string };
  const fallback = mirrorOf('');
  assert.match(fallback, /^http:\/\/deb\.debian\.org\/debian$/);
  const cases: [string, string][] = [
    ['Types: deb\nURIs: http://mirror.test/debian\nSuites: bookworm', 'http://mirror.test/debian'],
    [
      'deb http://other.test/x stable main\ndeb [arch=amd64] https://m.test/debian/ trixie main',
      'https://m.test/debian/',
    ],
    ['# deb http://mirror.test/debian trixie main', fallback],
    ['URIs: http://mirror.test/debian-security', fallback],
    ['deb http://mirror.test/ubuntu noble main', fallback],
  ];
  for (const [sources, mirror] of cases) assert.equal(mirrorOf(sources), mirror);
});
