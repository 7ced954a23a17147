import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/**
 * How it answers: with a refusal, a failure or nonsense at once, or, as `greets`, as a store does
 * until something is made.
 */
export type Manner = 'refuses' | 'breaks' | 'babbles' | 'greets';

/** A server of several protocols that repeats in its answers what it was sent. */
export interface EchoingServer {
  readonly port: number;
  manner: Manner;
  /** All that it was sent, as text. */
  heard: string;
}

/** Starts one on loopback that speaks as it is spoken to: HTTP, gRPC, RESP or PostgreSQL's. */
export async function startEchoing(context: TestContext): Promise<EchoingServer> {
  const echo = { port: 0, manner: 'refuses' as Manner, heard: '' };
  const web = createHttp((request, response) => void answerHttp(echo, request, response));
  const grpc = createHttp2();
  grpc.on('stream', (stream, headers) => answerGrpc(echo, stream, JSON.stringify(headers)));
  const behind = { web: await listen(context, web), grpc: await listen(context, grpc) };
  const front = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (first: Buffer) => {
      const text = first.toString('latin1');
      // A handshake of TLS is not understood.
      if (first[0] === 0x16) socket.destroy();
      else if (text.startsWith('*')) serve(socket, first, new RedisEcho(echo));
      else if (first.length >= 8 && first.readInt32BE(0) === first.length) {
        serve(socket, first, new PostgresEcho(echo));
      } else pass(socket, first, text.startsWith('PRI * HTTP/2') ? behind.grpc : behind.web);
    });
  });
  echo.port = await listen(context, front);
  return echo;
}

/** Listens on loopback until the end of a test, and gives the port. */
async function listen(context: TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Passes a connection on to a server that listens here. */
function pass(socket: Socket, first: Buffer, port: number): void {
  const inner = connect(port, '127.0.0.1');
  inner.on('error', () => socket.destroy());
  inner.write(first);
  socket.pipe(inner).pipe(socket);
}

const greetings: Readonly<Record<string, unknown>> = {
  '/': { title: 'qdrant', version: '1.15.0' },
  '/collections': { result: { collections: [] }, status: 'ok', time: 0.1 },
  '/api/v2/heartbeat': { 'nanosecond heartbeat': 1 },
  '/api/v2/version': '1.0.0',
  '/api/v2/pre-flight-checks': { max_batch_size: 1000 },
  '/api/v2/tenants/default_tenant/databases/default_database': { name: 'default_database' },
  '/v1/meta': { version: '1.35.2', modules: {} },
  '/v1/schema': { classes: [] },
  '/v1/nodes': { nodes: [{ name: 'one', status: 'HEALTHY' }] },
};

async function answerHttp(
  echo: EchoingServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method, url = '', rawHeaders } = request;
  let body = '';
  for await (const part of request) body += String(part);
  const text = `${rawHeaders.join(' ')} ${method} ${url} ${body}`;
  echo.heard += `${text}\n`;
  const greeting = greetings[url.split('?')[0] ?? ''];
  if (echo.manner === 'greets' && method === 'GET' && greeting !== undefined) {
    response.end(JSON.stringify(greeting));
    return;
  }
  if (echo.manner === 'breaks') response.writeHead(500).end(text);
  else if (echo.manner === 'babbles') response.writeHead(200).end(text);
  else {
    const all = { error: text, message: text, detail: text, status: { error: text } };
    response.writeHead(echo.manner === 'greets' ? 500 : 401).end(JSON.stringify(all));
  }
}

function answerGrpc(echo: EchoingServer, stream: ServerHttp2Stream, headers: string): void {
  echo.heard += `${headers}\n`;
  stream.on('error', () => undefined);
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-status': echo.manner === 'refuses' ? '16' : '13',
      'grpc-message': encodeURIComponent(headers),
    },
    { endStream: true },
  );
}

/** What answers the bytes of one connection. */
interface Speaker {
  take(bytes: Buffer): Buffer;
}

function serve(socket: Socket, first: Buffer, speaker: Speaker): void {
  const take = (bytes: Buffer): void => void socket.write(speaker.take(bytes));
  socket.on('data', take);
  take(first);
}

const redisGreetings: Readonly<Record<string, string>> = {
  PING: '+PONG\r\n',
  INFO: '$31\r\n# Server\r\nredis_version:8.0.2\r\n\r\n',
  AUTH: '+OK\r\n',
  SELECT: '+OK\r\n',
  SCAN: '*2\r\n$1\r\n0\r\n*0\r\n',
};

class RedisEcho implements Speaker {
  readonly #echo: EchoingServer;
  #text = '';
  #waiting = '';

  constructor(echo: EchoingServer) {
    this.#echo = echo;
  }

  take(bytes: Buffer): Buffer {
    this.#waiting += bytes.toString('latin1');
    let answers = '';
    for (let words = this.#next(); words !== undefined; words = this.#next()) {
      this.#text += `${words.join(' ')} `;
      this.#echo.heard += `${words.join(' ')}\n`;
      const [name = ''] = words;
      const known = this.#echo.manner === 'greets' && redisGreetings[name.toUpperCase()];
      answers += known || `-ERR ${this.#text.replaceAll(/[\r\n]/g, ' ')}\r\n`;
    }
    return Buffer.from(answers, 'latin1');
  }

  /** The next whole command: an array of strings with their lengths. */
  #next(): string[] | undefined {
    const [head, count] = /^\*(\d+)\r\n/.exec(this.#waiting) ?? [];
    if (head === undefined) return undefined;
    let at = head.length;
    const words: string[] = [];
    for (let word = 0; word < Number(count); word++) {
      const [size, length] = /^\$(\d+)\r\n/.exec(this.#waiting.slice(at)) ?? [];
      if (size === undefined) return undefined;
      at += size.length;
      words.push(this.#waiting.slice(at, at + Number(length)));
      at += Number(length) + 2;
    }
    if (at > this.#waiting.length) return undefined;
    this.#waiting = this.#waiting.slice(at);
    return words;
  }
}

const cleartext = message('R', int32(3));
const ready = message('Z', Buffer.from('I'));
const encryption = 80_877_103;

/** @see PostgreSQL 17, "Message Formats" */
class PostgresEcho implements Speaker {
  readonly #echo: EchoingServer;
  #text = '';
  #isStarted = false;

  constructor(echo: EchoingServer) {
    this.#echo = echo;
  }

  take(bytes: Buffer): Buffer {
    if (bytes.length >= 8 && bytes.readInt32BE(4) === encryption) return Buffer.from('N');
    const text = bytes.toString('latin1').replaceAll(/[^\x20-\x7e]+/g, ' ');
    this.#text += text;
    this.#echo.heard += `${text}\n`;
    if (!this.#isStarted) {
      this.#isStarted = true;
      return cleartext;
    }
    if (this.#echo.manner !== 'greets') return this.#refusal('28P01');
    if (text.startsWith('p ')) return Buffer.concat([message('R', int32(0)), ready]);
    if (/^Q \W*set /.test(text)) return Buffer.concat([message('C', cString('SET')), ready]);
    if (/^Q .*server_version/.test(text)) return versions();
    return Buffer.concat([this.#refusal('XX000'), ready]);
  }

  #refusal(code: string): Buffer {
    const fields = [`SFATAL`, `C${code}`, `M${this.#text}`].map(cString);
    return message('E', Buffer.concat([...fields, Buffer.alloc(1)]));
  }
}

/** One row of two texts: the versions of server and extension. */
function versions(): Buffer {
  const columns = ['version', 'available'].map((name) =>
    Buffer.concat([
      cString(name),
      Buffer.alloc(6),
      int32(25),
      Buffer.from('ffffffffffff0000', 'hex'),
    ]),
  );
  const values = ['17.1', '0.8.0'].map((value) =>
    Buffer.concat([int32(value.length), Buffer.from(value)]),
  );
  const two = Buffer.from([0, 2]);
  return Buffer.concat([
    message('T', Buffer.concat([two, ...columns])),
    message('D', Buffer.concat([two, ...values])),
    message('C', cString('SELECT 1')),
    ready,
  ]);
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function cString(text: string): Buffer {
  return Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(1)]);
}
