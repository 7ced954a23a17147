import { createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import adapter from '../../adapters/redis.js';
import type { CollectionSpec, ConnectContext, Store } from '../../core/adapter.js';

/** A text and what a server made of it, as the Redis protocol (RESP2) writes it. */
export type FakeReply = string | number | null | Error | readonly FakeReply[];

/** What a fake server answers a command with. */
export type Answer = (args: readonly string[]) => FakeReply | undefined;

/** A server on loopback, and what it was sent. */
export interface FakeServer {
  readonly url: string;
  readonly port: number;
  readonly commands: string[][];
  close(): Promise<void>;
}

/** A reply on the wire. */
export function encodeReply(reply: FakeReply): string {
  if (reply === null) return '$-1\r\n';
  if (typeof reply === 'number') return `:${reply}\r\n`;
  if (reply instanceof Error) return `-${reply.message}\r\n`;
  if (typeof reply !== 'string') return `*${reply.length}\r\n${reply.map(encodeReply).join('')}`;
  return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`;
}

/** The commands in some bytes, each a list of bulk strings, and what is left. */
function takeCommands(bytes: Buffer): { commands: string[][]; rest: Buffer } {
  const commands: string[][] = [];
  let from = 0;
  for (;;) {
    const one = takeCommand(bytes, from);
    if (one === undefined) return { commands, rest: bytes.subarray(from) };
    commands.push(one.args);
    from = one.end;
  }
}

function takeCommand(bytes: Buffer, from: number): { args: string[]; end: number } | undefined {
  let at = from;
  const number = (): number | undefined => {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const value = Number(bytes.toString('latin1', at + 1, end));
    at = end + 2;
    return value;
  };
  const count = number();
  if (count === undefined) return undefined;
  const args: string[] = [];
  for (let index = 0; index < count; index++) {
    const length = number();
    if (length === undefined || bytes.length < at + length + 2) return undefined;
    const text = bytes.toString('latin1', at, at + length);
    // The client writes what it knows in small letters.
    args.push(index === 0 ? text.toUpperCase() : text);
    at += length + 2;
  }
  return { args, end: at };
}

/** Listens on loopback until the test is over. */
export async function listen(
  test: TestContext,
  take: (socket: Socket) => void,
): Promise<{ server: Server; port: number; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    take(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  test.after(close);
  return { server, port: (server.address() as { port: number }).port, close };
}

const standard: Answer = ([name]) => {
  if (name === 'PING') return 'PONG';
  if (name === 'INFO') return '# Server\r\nredis_version:8.2.1\r\n';
  return undefined;
};

/** A server that speaks the Redis protocol; what it is not told to know is an unknown command. */
export async function fakeServer(test: TestContext, answer: Answer): Promise<FakeServer> {
  const commands: string[][] = [];
  const { port, close } = await listen(test, (socket) => {
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (part) => {
      const taken = takeCommands(Buffer.concat([rest, part]));
      rest = taken.rest;
      for (const args of taken.commands) {
        commands.push(args);
        const unknown = new Error(`ERR unknown command '${args[0]}', with args beginning with: `);
        const told = [answer(args), standard(args), unknown].find((one) => one !== undefined);
        socket.write(encodeReply(told as FakeReply));
      }
    });
  });
  return { url: `redis://127.0.0.1:${port}`, port, commands, close };
}

/** What stores are opened with. */
export function contextOf(change: Partial<ConnectContext> = {}): ConnectContext {
  return {
    namespace: 'bench_redis_test',
    connections: 2,
    timeoutNs: 2e9,
    signal: new AbortController().signal,
    log: () => undefined,
    ...change,
  };
}

/** Opens a store that is closed after the test. */
export async function openRedis(
  test: TestContext,
  options: Readonly<Record<string, unknown>>,
  change: Partial<ConnectContext> = {},
): Promise<Store & { readonly vectors: NonNullable<Store['vectors']> }> {
  const store = await adapter.connect(options, contextOf(change));
  test.after(() => store.close());
  return store as Store & { readonly vectors: NonNullable<Store['vectors']> };
}

/** Two dimensions under cosine. */
export const smallSpec: CollectionSpec = {
  name: 'films',
  rows: 2,
  dimensions: 2,
  metric: 'cosine',
  elements: 'f32',
  family: 'hnsw',
  params: {},
  buildThreads: 1,
  searchThreads: 1,
  seed: 1,
};
