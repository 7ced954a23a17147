import { connect as connectSocket } from 'node:net';
import { BenchError, messageOf } from '../../core/errors.js';
import {
  connectionError,
  endedServer,
  lostServer,
  type ServerAt,
  shownUrl,
} from '../../core/server/connection-error.js';
import { within } from '../../core/time-limit.js';
import type { Argument, Client, ClientOptions, Package, Pipeline, Reply } from './package.js';
import { replyError } from './reply-error.js';

/** What connections are opened with. */
export interface ConnectionOptions {
  readonly count: number;
  readonly timeoutNs: number;
  readonly url: string;
  readonly client: ClientOptions;
}

interface Connection {
  readonly client: Client;
  /** Commands that were sent on it and are not over. */
  open: number;
}

/** Connections to one server; the one that was free last is taken. */
export class Connections {
  readonly #all: readonly Connection[];
  readonly #free: Connection[];
  readonly #options: ConnectionOptions;
  #turn = 0;

  private constructor(clients: readonly Client[], options: ConnectionOptions) {
    this.#all = clients.map((client) => ({ client, open: 0 }));
    this.#free = [...this.#all];
    this.#options = options;
  }

  /**
   * Opens connections ahead of the clock.
   *
   * @throws BenchError UNREACHABLE, TLS_FAILED, AUTH_FAILED, TIMEOUT, STORE_FAILED
   */
  static async open({ Redis }: Package, options: ConnectionOptions): Promise<Connections> {
    const clients = Array.from({ length: options.count }, () => new Redis(options.client));
    const opened = await Promise.allSettled(clients.map((client) => ready(client, options)));
    const failed = opened.find(({ status }) => status === 'rejected');
    if (failed?.status !== 'rejected') return new Connections(clients, options);
    for (const client of clients) client.disconnect();
    throw failed.reason;
  }

  /** How many there are. */
  get count(): number {
    return this.#all.length;
  }

  /** Sends one command; bulk strings of the answer come as bytes. */
  call(command: string, args: readonly Argument[]): Promise<Reply> {
    const connection = this.#take();
    return connection.client.callBuffer(command, args).then(
      (reply) => {
        this.#leave(connection);
        return reply;
      },
      (thrown: unknown) => {
        this.#leaveLast(connection);
        return this.#fail(thrown, connection);
      },
    );
  }

  /**
   * Sends commands together on one connection.
   *
   * @throws what the first that failed was refused with
   */
  async callAll(fill: (pipeline: Pipeline) => void): Promise<readonly Reply[]> {
    const connection = this.#take();
    try {
      const pipeline = connection.client.pipeline();
      fill(pipeline);
      const answers = (await pipeline.exec()) ?? [];
      const failed = answers.find(([error]) => error !== null);
      if (failed !== undefined) throw failed[0];
      this.#leave(connection);
      return answers.map(([, reply]) => reply);
    } catch (thrown) {
      this.#leaveLast(connection);
      return await this.#fail(thrown, connection);
    }
  }

  /** Closes all connections; commands in flight are rejected. */
  close(): void {
    for (const { client } of this.#all) client.disconnect();
  }

  /** One that is free, else one that is open; one that has ended where no other is left. */
  #take(): Connection {
    let connection = this.#free.pop();
    while (connection !== undefined && !isOpen(connection)) connection = this.#free.pop();
    connection ??= this.#busy();
    connection.open += 1;
    return connection;
  }

  /** Where all connections have something to do: one in turn. */
  #busy(): Connection {
    for (let tried = 0; tried < this.#all.length; tried++) {
      this.#turn = (this.#turn + 1) % this.#all.length;
      const connection = this.#all[this.#turn] as Connection;
      if (isOpen(connection)) return connection;
    }
    return this.#all[0] as Connection;
  }

  #leave(connection: Connection): void {
    connection.open -= 1;
    if (connection.open === 0) this.#free.push(connection);
  }

  /** What failed may still be in front of the next answer: others are taken before it. */
  #leaveLast(connection: Connection): void {
    connection.open -= 1;
    if (connection.open === 0) this.#free.unshift(connection);
  }

  /** Says why: the client itself does not say whether anybody listens any more. */
  async #fail(thrown: unknown, connection: Connection): Promise<never> {
    const { url } = this.#options;
    const at = serverAt(url);
    const told = replyError(thrown, url);
    if (told instanceof BenchError || !(isClosed(thrown) || !isOpen(connection))) throw told;
    const refusal = await listening(this.#options);
    const lost = refusal === undefined ? undefined : lostServer(refusal, at);
    if (lost instanceof BenchError && lost.code === 'HOST_DIED') throw lost;
    if (!this.#all.some(isOpen)) throw endedServer(thrown, at);
    throw lostServer(cutOff(thrown), at);
  }
}

function isOpen({ client }: Connection): boolean {
  return client.status === 'ready';
}

/** Whether the client says that the other side ended the connection; it says no more than this. */
function isClosed(thrown: unknown): boolean {
  return /Connection is closed|isn't writeable/.test(messageOf(thrown));
}

/** The error of the system that it stands for. */
function cutOff(thrown: unknown): Error {
  return Object.assign(new Error(messageOf(thrown)), { code: 'EPIPE' });
}

function serverAt(url: string): ServerAt {
  return { store: 'redis', url, service: 'redis' };
}

async function ready(client: Client, options: ConnectionOptions): Promise<void> {
  const { timeoutNs, url } = options;
  let seen: unknown;
  client.on('error', (error) => {
    seen ??= error;
  });
  const saysHello = async (): Promise<void> => {
    await client.connect();
    await client.callBuffer('PING', []);
    // A database that is not there only makes the client emit an error; it would go on in another.
    if (seen !== undefined) throw seen;
  };
  try {
    await within(timeoutNs, `redis at ${shownUrl(url)}: no answer`, saysHello());
  } catch (thrown) {
    client.disconnect();
    throw understood(seen ?? thrown, url);
  }
}

/** What a connection could not be opened for. */
function understood(thrown: unknown, url: string): unknown {
  const found = connectionError(replyError(thrown, url), serverAt(url));
  if (found instanceof BenchError && found.code === 'TIMEOUT') {
    const hint = 'is it a Redis server that listens there, and does it want TLS, or none?';
    return new BenchError('TIMEOUT', found.message, { hint });
  }
  if (found instanceof BenchError) return found;
  return isClosed(found) ? connectionError(cutOff(found), serverAt(url)) : found;
}

/** What a new connection is refused with; undefined where somebody listens. */
function listening({ client, timeoutNs }: ConnectionOptions): Promise<unknown> {
  return new Promise((resolve) => {
    const socket = connectSocket({ host: client.host, port: client.port });
    const end = (error?: Error): void => {
      socket.destroy();
      resolve(error);
    };
    socket.setTimeout(timeoutNs / 1e6, () => end());
    socket.once('connect', () => end());
    socket.once('error', end);
  });
}
