import type { Client, Dispatcher } from 'undici';
import type { Hits } from '../../core/adapter.js';
import { nowNs } from '../../core/clock.js';
import { BenchError, codeOf } from '../../core/errors.js';
import { ServiceLogWriter } from '../../core/selftest/service-log.js';

const keptOpenMs = 3_600_000;

/** The path of a request, as undici takes it. */
export type Prepared = Dispatcher.DispatchOptions;

/** The request of a path, encoded ahead of the clock. */
export function prepareGet(path: string): Prepared {
  return { path, method: 'GET' };
}

/** What connections are opened with. */
export interface ConnectionOptions {
  readonly count: number;
  readonly timeoutNs: number;
  /** Takes the times of every request. */
  readonly log: SharedArrayBuffer | undefined;
}

interface Connection {
  readonly client: Client;
  /** Requests that were sent on it and are not over. */
  open: number;
}

/** Who waits for an answer. */
interface Waiting {
  readonly resolve: (hits: Hits) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Connections to one server, as many as requests will be in flight. The one that was free last is
 * taken; a pool of undici asks all of them for each request.
 */
export class Connections {
  readonly #all: readonly Connection[];
  readonly #free: Connection[];
  readonly #log: ServiceLogWriter | undefined;
  #turn = 0;

  private constructor(clients: readonly Client[], log: SharedArrayBuffer | undefined) {
    this.#all = clients.map((client) => ({ client, open: 0 }));
    this.#free = [...this.#all];
    this.#log = log && new ServiceLogWriter(log);
  }

  /**
   * Opens connections ahead of the clock.
   *
   * @throws BenchError HOST_DIED when nobody listens there
   */
  static async open(origin: string, options: ConnectionOptions): Promise<Connections> {
    const { Client } = await import('undici');
    // The harness gives a request up before; this frees its connection.
    const givenUpMs = Math.ceil(2 * options.timeoutNs) / 1e6;
    const open = (): Client =>
      new Client(origin, {
        pipelining: 1,
        headersTimeout: givenUpMs,
        bodyTimeout: givenUpMs,
        keepAliveTimeout: keptOpenMs,
        keepAliveMaxTimeout: keptOpenMs,
      });
    const opened = new Connections(Array.from({ length: options.count }, open), options.log);
    const hello = prepareGet('/');
    await Promise.all(Array.from({ length: options.count }, () => opened.#send(hello)));
    return opened;
  }

  /**
   * Sends a request and takes the int32 values of its answer as ids.
   *
   * @throws BenchError HOST_DIED when nobody listens any more; else an error as it came, or with
   * the code that the server gave
   */
  get(prepared: Prepared): Promise<Hits> {
    return this.#log === undefined ? this.#send(prepared) : this.#sendLogged(prepared, this.#log);
  }

  #send(prepared: Prepared): Promise<Hits> {
    return new Promise((resolve, reject) => this.#dispatch(prepared, { resolve, reject }));
  }

  #sendLogged(prepared: Prepared, log: ServiceLogWriter): Promise<Hits> {
    const beganNs = nowNs();
    const place = log.arrive(beganNs);
    const note = (ok: boolean): void => log.end(place, { beganNs, endedNs: nowNs(), ok });
    return new Promise((resolve, reject) => {
      this.#dispatch(prepared, {
        resolve: (hits) => {
          note(true);
          resolve(hits);
        },
        reject: (error) => {
          note(false);
          reject(error);
        },
      });
    });
  }

  #dispatch(prepared: Prepared, waiting: Waiting): void {
    const connection = this.#free.pop() ?? this.#busy();
    connection.open += 1;
    connection.client.dispatch(prepared, new Reply(waiting, connection, this.#free));
  }

  /** Where requests that the harness gave up still hold connections: one in turn. */
  #busy(): Connection {
    this.#turn = (this.#turn + 1) % this.#all.length;
    return this.#all[this.#turn] as Connection;
  }

  /** Closes all connections; requests in flight are rejected. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map(({ client }) => client.destroy()));
  }
}

/** One answer as it comes in. */
class Reply implements Dispatcher.DispatchHandler {
  readonly #waiting: Waiting;
  readonly #connection: Connection;
  readonly #free: Connection[];
  #body: Buffer | undefined;
  #status = 0;

  /** @param free takes the connection when it has nothing more to do */
  constructor(waiting: Waiting, connection: Connection, free: Connection[]) {
    this.#waiting = waiting;
    this.#connection = connection;
    this.#free = free;
  }

  onRequestStart(): void {}

  onResponseStart(_: unknown, status: number): void {
    this.#status = status;
  }

  onResponseData(_: unknown, part: Buffer): void {
    // As a rule all comes at once.
    this.#body = this.#body === undefined ? part : Buffer.concat([this.#body, part]);
  }

  onResponseEnd(): void {
    this.#leave();
    if (this.#status === 200) this.#waiting.resolve({ ids: idsOf(this.#body) });
    else this.#waiting.reject(refusal(this.#status, String(this.#body ?? '')));
  }

  onResponseError(_: unknown, error: Error): void {
    this.#leave();
    const { reject } = this.#waiting;
    if (codeOf(error) !== 'ECONNREFUSED') reject(error);
    else {
      const message = `null-http: nobody listens any more: ${error.message}`;
      reject(new BenchError('HOST_DIED', message, { cause: error }));
    }
  }

  #leave(): void {
    this.#connection.open -= 1;
    if (this.#connection.open === 0) this.#free.push(this.#connection);
  }
}

const none = new Int32Array(0);
// Arrays of up to so many lie on the heap and cost little; above it one copy is faster.
const mostOneByOne = 16;

/** The values of a body, in memory of their own, where they are aligned. */
function idsOf(body: Buffer | undefined): Int32Array {
  if (body === undefined) return none;
  if (body.length > 4 * mostOneByOne) return new Int32Array(new Uint8Array(body).buffer);
  const ids = new Int32Array(body.length / 4);
  for (let index = 0; index < ids.length; index++) ids[index] = body.readInt32LE(4 * index);
  return ids;
}

function refusal(status: number, code: string): Error {
  return Object.assign(new Error(`null-http: the server answered ${status} ${code}`), { code });
}
