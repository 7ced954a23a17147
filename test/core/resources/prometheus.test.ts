import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { BenchError } from '../../../core/errors.js';
import { fetchMetrics, metricValue, parseExposition } from '../../../core/resources/prometheus.js';

/** A server of metrics. @returns its host and port */
async function serve(context: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return `127.0.0.1:${port}`;
}

/** What a person reads when an address gives no metrics. */
async function said(url: string, timeoutMs = 5000, signal?: AbortSignal): Promise<string> {
  try {
    await fetchMetrics({ url, timeoutMs, signal });
  } catch (error) {
    if (error instanceof BenchError) return error.format();
    throw error;
  }
  return assert.fail('nothing was thrown');
}

test('metrics are fetched, with user and password as the server wants them', async (context) => {
  let asked: unknown;
  const host = await serve(context, ({ headers, url }, reply) => {
    asked = [url, headers.authorization];
    reply.setHeader('content-type', 'text/plain; version=0.0.4').end('a{b="c"} 1\na 2\n');
  });
  const samples = await fetchMetrics({
    url: `http://us%65r:p%40ss@${host}/m?x=1`,
    timeoutMs: 5000,
  });
  assert.deepEqual(asked, ['/m?x=1', `Basic ${btoa('user:p@ss')}`]);
  assert.deepEqual(
    samples.map(({ value }) => value),
    [1, 2],
  );
});

test('HTML is told with what came and where metrics are', async (context) => {
  const page = '<!doctype html><html><title>Qdrant | Dashboard</title>';
  const host = await serve(context, ({ url }, reply) => {
    if (url === '/typed') reply.setHeader('content-type', 'text/html; charset=utf-8');
    reply.end(` ${page}`);
  });
  const text = await said(`http://user:secret@${host}/typed`);
  assert.equal(
    text,
    `error METRICS_FAILED: metrics of http://${host}/typed: HTML came, a page ` +
      `("Qdrant | Dashboard") for browsers, not metrics\nhint: try http://${host}/metrics`,
  );
  assert.match(await said(`http://${host}/`), /markup came/);
  assert.match(await said(`http://${host}/metrics`), /hint: .* most stores do at \/metrics/);
});

test('another status, compression and unreadable text are told', async (context) => {
  const host = await serve(context, ({ url }, reply) => {
    if (url === '/moved') reply.writeHead(302, { location: '/there?token=secret' }).end();
    else if (url === '/closed') reply.writeHead(401).end();
    else if (url === '/zipped') reply.writeHead(200, { 'content-encoding': 'gzip' }).end('x');
    else if (url?.startsWith('/json')) reply.end('{"status": "ok"}');
    else reply.writeHead(404).end('<html>');
  });
  const of = `error METRICS_FAILED: metrics of http://${host}`;
  const lost = await said(`http://u:secret@${host}/x?token=secret`);
  assert.ok(lost.startsWith(`${of}/x: status 404, expected 200\nhint: `), lost);
  const moved = await said(`http://${host}/moved`);
  assert.ok(moved.startsWith(`${of}/moved: status 302 leads to http://${host}/there, `), moved);
  assert.match(await said(`http://${host}/closed`), /401.*\nhint: write http:\/\/USER:PASSWORD@/);
  assert.match(await said(`http://${host}/zipped`), /compressed \(gzip\), unasked/);
  const json = await said(`http://u:secret@${host}/json?token=secret`);
  assert.ok(
    json.startsWith(`${of}/json: line 1, column 10: expected , or }, found ": "ok"}"`),
    json,
  );
  assert.ok(![lost, moved, json].join('').includes('secret'));
});

test('more than 16 MiB are not taken', async (context) => {
  // It says no length, and has no end.
  const host = await serve(context, (_, reply) => reply.write(Buffer.alloc(2 ** 24 + 1, '#')));
  assert.match(await said(`http://${host}/`), /METRICS_FAILED.*more than 16 MiB came/);
});

test('no connection, no HTTP and no answer in time are told apart', async (context) => {
  const silent = await serve(context, ({ url }, reply) => {
    if (url === '/half') reply.write('a 1\n');
  });
  for (const path of ['none', 'half']) {
    const late = await said(`http://${silent}/${path}`, 50);
    assert.match(late, /^error TIMEOUT: metrics of .*: no whole answer within 50 ms\nhint: /);
  }
  const other = createTcpServer((socket) => socket.resume().end('-ERR what\r\n'));
  other.listen(0, '127.0.0.1');
  context.after(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const strange = await said(`http://127.0.0.1:${port}/`);
  assert.match(strange, /METRICS_FAILED.*what answers there does not speak HTTP/);
  other.close();
  await once(other, 'close');
  const refused = await said(`http://u:secret@127.0.0.1:${port}/`);
  assert.match(refused, /METRICS_FAILED.*nothing listens there \(ECONNREFUSED\)\nhint: start/);
});

test('a signal ends it', async (context) => {
  const silent = await serve(context, () => undefined);
  assert.match(await said(`http://${silent}/`, 5000, AbortSignal.abort()), /^error INTERRUPTED/);
  const text = await said(`http://${silent}/`, 5000, AbortSignal.timeout(20));
  assert.match(text, /^error INTERRUPTED: metrics of http/);
});

test('an address that is none is refused without showing what is in it', async () => {
  for (const url of ['localhost:9090', 'ftp://u:secret@h/', 'http://u:secret@:99999/', '']) {
    const text = await said(url);
    assert.match(text, /^error BAD_TARGET: metrics: .* must be http or https\nhint: write http/);
    assert.ok(!text.includes('secret'), text);
  }
});

const samples = parseExposition(`mem{collection="a",kind="heap"} 5
mem{collection="b",kind="heap"} 7
mem{collection="b",kind="stack"} NaN
limit +Inf
nothing NaN
plain 3`);

test('the series that match are added up, those without a value left out', () => {
  assert.equal(metricValue(samples, 'mem'), 12);
  assert.equal(metricValue(samples, 'mem{collection="b"}'), 7);
  assert.equal(metricValue(samples, 'mem{kind="heap",collection="a"}'), 5);
  assert.equal(metricValue(samples, 'plain{collection=""}'), 3);
  for (const none of ['mem{kind="disk"}', 'mem{collection="b",kind="stack"}', 'memory', 'limit']) {
    assert.equal(metricValue(samples, none), undefined, none);
  }
  assert.equal(metricValue(samples, 'nothing'), undefined);
});
