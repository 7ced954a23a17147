import assert from 'node:assert/strict';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import {
  connectFailure,
  failure,
  isMissing,
  isSuccess,
  refusal,
} from '../../adapters/milvus/failure.js';
import { refusedConnection } from '../../adapters/milvus/listening.js';
import { statusOf } from '../../adapters/milvus/server.js';
import adapter from '../../adapters/milvus.js';
import type { BenchError } from '../../core/errors.js';
import { contextOf, fakeServer, grpcError, success } from './milvus-scene.js';

const at = { store: 'milvus', url: 'http://127.0.0.1:1', service: 'milvus' };

function coded(found: unknown): string {
  return String((found as BenchError).code);
}

test('a call went well only where both fields of its status say so', () => {
  assert.ok(isSuccess(success));
  assert.ok(isSuccess({ error_code: 0 }));
  assert.ok(!isSuccess({ error_code: 'Success', code: 1 }));
  assert.ok(!isSuccess({ error_code: 'UnexpectedError' }));
  assert.ok(!isSuccess({ error_code: 'RateLimit', code: 0 }));
  // A call that the server does not know has no status at all.
  assert.ok(!isSuccess(statusOf({})));
  assert.ok(isSuccess(statusOf({ status: success })) && isSuccess(statusOf(success)));
});

test('what a server refuses is told with its reason and code', () => {
  const said = (status: object) => refusal(status, 'flush', at);
  const plain = said({ code: 65_535, reason: 'no space' });
  assert.equal(plain.message, 'milvus at http://127.0.0.1:1: flush: no space (code 65535)');
  assert.equal(plain.code, 'STORE_FAILED');
  assert.equal(said({ code: 800, reason: 'database not found' }).code, 'BAD_TARGET');
  assert.equal(said({ code: 65_535, reason: 'x: permission deny to y' }).code, 'AUTH_FAILED');
  assert.ok(isMissing({ code: 100 }) && isMissing({ error_code: 'CollectionNotExists' }));
  assert.match(said({ code: 100, reason: 'collection not found' }).hint ?? '', /removed/);
});

test('what the client throws has a code by which it is counted', () => {
  const refused = 'No connection established. Last error: Error: connect ECONNREFUSED 1.2.3.4:5';
  const during = (code: number, text: string) => failure(grpcError(code, text), 'search', at);
  assert.equal(coded(during(14, refused)), 'HOST_DIED');
  assert.equal(coded(during(14, 'Connection dropped')), 'UNREACHABLE');
  assert.equal(coded(during(4, 'Deadline exceeded')), 'TIMEOUT');
  assert.equal(coded(during(16, 'auth check failure')), 'AUTH_FAILED');
  assert.match((during(7, 'permission deny') as BenchError).hint ?? '', /rights/);
  assert.equal(coded(during(13, 'internal')), 'STORE_FAILED');
  // Some answers it throws as they came, alone or within a description.
  assert.equal(coded(failure({ code: 8, error_code: 'RateLimit' }, 'x', at)), 'STORE_FAILED');
  const inner = { status: { error_code: 'UnexpectedError', reason: 'no' } };
  assert.equal(coded(failure(inner, 'x', at)), 'STORE_FAILED');
  const bug = new TypeError('undefined');
  assert.equal(failure(bug, 'x', at), bug);
});

test('what the client throws while it connects is told apart', () => {
  const found = (text: string) => connectFailure(grpcError(14, text), at) as BenchError;
  const established = 'No connection established. Last error: ';
  const note = '. Resolution note: ';
  assert.equal(found(`${established}Error: connect ECONNREFUSED 1:1${note}`).code, 'UNREACHABLE');
  assert.match(found('Name resolution failed for target dns:x:1').message, /nobody answers/);
  const tls = found(`${established}Error: self-signed certificate${note}`);
  assert.equal(tls.code, 'TLS_FAILED');
  assert.match(tls.message, /no encrypted connection: self-signed certificate\.$/);
  const altname = `Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match${note}`;
  assert.equal(found(`${established}${altname}`).code, 'TLS_FAILED');
  assert.equal(found(`${established}Failed to connect (2026)${note}`).code, 'UNREACHABLE');
  assert.equal(found(`${established}Protocol error (2026)${note}`).code, 'STORE_FAILED');
});

test('whether anybody listens is asked without the client', async () => {
  const server = createTcp();
  const url = await urlOf(server);
  assert.equal(await refusedConnection(url), undefined);
  await new Promise((resolve) => server.close(resolve));
  assert.equal(coded(await refusedConnection(url)), 'HOST_DIED');
  // The client says at first only that its connection is gone.
  const gone = fakeServer({ getVersion: () => Promise.reject(grpcError(14, 'dropped')) });
  const own = Object.assign(gone, { at: { ...at, url } });
  const asked = own.tryTo('x', (client) => client.getVersion());
  await assert.rejects(asked, { code: 'HOST_DIED' });
});

function urlOf(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });
}

const probed = await adapter.probe?.({ url: 'http://127.0.0.1:9' });
const isInstalled = probed?.code !== 'NO_PACKAGE';

/** A test of the client against a server that is none; without the package it says so. */
function withClient(title: string, body: (context: TestContext) => Promise<void>): void {
  test(title, async (context) => {
    if (isInstalled) await body(context);
    else context.diagnostic('not tested: milvus: its package is not installed');
  });
}

/** The address of a server that ends with the test. */
async function during(context: TestContext, server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return urlOf(server);
}

/** What comes of connecting, with a password that must not be told. */
async function connecting(url: string, timeoutNs = 2e9): Promise<BenchError> {
  const options = { url, user: 'me', password: 'hush-hush' };
  const failed = await adapter.connect(options, contextOf({ timeoutNs })).then(
    () => assert.fail('it connected'),
    (error: unknown) => error as BenchError,
  );
  assert.ok(failed.hint !== undefined || failed.code === 'TIMEOUT', failed.message);
  assert.doesNotMatch(`${failed.message} ${failed.hint}`, /hush/);
  assert.match(failed.message, /^milvus at http:\/\/127\.0\.0\.1:\d+: /);
  return failed;
}

withClient('nobody at the address is UNREACHABLE', async () => {
  const server = createTcp();
  const url = await urlOf(server);
  await new Promise((resolve) => server.close(resolve));
  const failed = await connecting(url);
  assert.deepEqual([failed.code, /ECONNREFUSED/.test(failed.message)], ['UNREACHABLE', true]);
  const { works, code } = (await adapter.probe?.({ url })) ?? {};
  assert.deepEqual([works, code], [false, 'UNREACHABLE']);
});

withClient('a proxy that speaks HTML is no Milvus', async (context) => {
  const url = await during(
    context,
    createHttp((_, response) => response.end('<html>')),
  );
  const failed = await connecting(url);
  assert.equal(failed.code, 'STORE_FAILED');
  assert.match(failed.message, /expected the gRPC of Milvus/);
});

withClient('another server that speaks first is no Milvus', async (context) => {
  const banner = createTcp((socket) => {
    socket.on('error', () => undefined);
    socket.write('-ERR unknown command, with args beginning with\r\n');
  });
  assert.equal((await connecting(await during(context, banner))).code, 'STORE_FAILED');
});

withClient('a connection that is cut off is UNREACHABLE', async (context) => {
  const cut = createTcp((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.destroy());
  });
  assert.equal((await connecting(await during(context, cut))).code, 'UNREACHABLE');
});

withClient('a server that hangs is given up in time', async (context) => {
  const url = await during(
    context,
    createTcp(() => undefined),
  );
  const began = process.hrtime.bigint();
  assert.equal((await connecting(url, 0.4e9)).code, 'TIMEOUT');
  assert.ok(process.hrtime.bigint() - began < 2_000_000_000n);
});

/** A server of gRPC that ends every call with a status. */
function grpcServer(status: number, message: string): Server {
  const server = createHttp2();
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => undefined);
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => {
      stream.sendTrailers({ 'grpc-status': status, 'grpc-message': message });
    });
    stream.end();
  });
  return server as unknown as Server;
}

withClient('a wrong password is AUTH_FAILED', async (context) => {
  const url = await during(context, grpcServer(16, 'auth check failure'));
  const failed = await connecting(url);
  assert.deepEqual([failed.code, /options\.user/.test(failed.hint ?? '')], ['AUTH_FAILED', true]);
});

withClient('a certificate that is none is BAD_TARGET', async () => {
  const junk = '-----BEGIN CERTIFICATE-----';
  const options = { url: 'https://127.0.0.1:9', tls: { cert: junk, key: junk } };
  await assert.rejects(adapter.connect(options, contextOf()), { code: 'BAD_TARGET', hint: /PEM/ });
});

withClient('another service of gRPC is no Milvus', async (context) => {
  const url = await during(context, grpcServer(12, 'unknown service'));
  assert.equal((await connecting(url)).code, 'STORE_FAILED');
});
