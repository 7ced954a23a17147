import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { ConnectContext } from '../../core/adapter.js';
import { realClock } from '../../core/clock.js';
import { seededRandom } from '../../core/random.js';
import { createServiceLog, ServiceLogWriter, usedBytes } from '../../core/selftest/service-log.js';
import { type AskedRows, answerRows } from '../null/answers.js';
import { failureCode, Service } from '../null/service.js';
import type { HttpOptions } from './options.js';

// A batch names its rows in the path.
const maxHeaderBytes = 16 * 1024 * 1024;

/** What the server holds. */
interface State {
  readonly options: HttpOptions;
  readonly service: Service;
  readonly log: SharedArrayBuffer | undefined;
  /** Encoded answers by their paths. */
  readonly answers: Map<string, Buffer>;
  truth: ConnectContext['truth'];
}

/**
 * The HTTP server of a null store. The body of an answer other than 200 is its code.
 *
 * | request | answer |
 * | --- | --- |
 * | `GET /` | nothing |
 * | `POST /truth?k=100`, int32 ids, k a query | nothing |
 * | `GET /search?row=12&k=10`, rows of a batch with commas between | int32 ids, k a query |
 * | `GET /log` | the used bytes of the service log |
 *
 * Numbers are little-endian.
 */
export function createNullServer(options: HttpOptions): Server {
  const log = options.logCapacity > 0 ? createServiceLog(options.logCapacity) : undefined;
  const service = new Service(options, {
    clock: realClock,
    random: seededRandom(options.seed),
    log: log && new ServiceLogWriter(log),
  });
  const state: State = { options, service, log, answers: new Map(), truth: undefined };
  const server = createServer({ maxHeaderSize: maxHeaderBytes }, (request, response) => {
    const { url = '/' } = request;
    response.sendDate = false;
    if (url.startsWith('/search?')) search(state, url, response);
    else void control(state, request, response);
  });
  // A client's idle connections stay open.
  server.keepAliveTimeout = 0;
  return server;
}

function search(state: State, path: string, response: ServerResponse): void {
  const answer = state.answers.get(path) ?? encode(state, path);
  if (answer === undefined) {
    refuse(response, 400, 'BAD_REQUEST');
    return;
  }
  const served = state.service.serve();
  if (typeof served === 'boolean') answerOrFail(response, answer, served);
  else void served.then((ok) => answerOrFail(response, answer, ok));
}

function encode({ answers, options, truth }: State, path: string): Buffer | undefined {
  const asked = askedOf(path);
  if (asked === undefined) return undefined;
  const answer = Buffer.from(answerRows(asked, truth, options.answers).buffer);
  answers.set(path, answer);
  return answer;
}

function askedOf(path: string): AskedRows | undefined {
  const query = new URLSearchParams(path.slice(path.indexOf('?')));
  const k = Number(query.get('k'));
  const rows = (query.get('row') ?? 'none').split(',').map(Number);
  const good = Number.isInteger(k) && k >= 1 && rows.every((row) => Number.isInteger(row));
  return good ? { k, rows } : undefined;
}

async function control(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method, url = '/' } = request;
  if (method === 'GET' && url === '/') send(response, Buffer.alloc(0));
  else if (method === 'GET' && url === '/log' && state.log !== undefined) {
    send(response, usedBytes(state.log));
  } else if (method === 'POST' && url.startsWith('/truth?k=')) {
    const ids = new Int32Array(new Uint8Array(await buffer(request)).buffer);
    state.truth = { k: Number(url.slice('/truth?k='.length)), ids };
    state.answers.clear();
    send(response, Buffer.alloc(0));
  } else refuse(response, 404, 'NOT_FOUND');
}

function answerOrFail(response: ServerResponse, answer: Buffer, ok: boolean): void {
  if (ok) send(response, answer);
  else refuse(response, 500, failureCode);
}

function send(response: ServerResponse, body: Uint8Array): void {
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': body.byteLength,
  });
  response.end(body);
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', 'content-length': code.length });
  response.end(code);
}
