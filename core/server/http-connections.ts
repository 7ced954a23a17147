import type { Client, Dispatcher } from 'undici';

const keptOpenByDefaultMs = 3_600_000;

/** A request, encoded ahead of the clock. */
export type HttpRequest = Dispatcher.DispatchOptions;

/** A request of JSON, or without a body, encoded ahead of the clock. */
export function jsonRequest(
  place: Pick<HttpRequest, 'path' | 'method'> & {
    readonly headers: Readonly<Record<string, string>>;
  },
  body?: string,
): HttpRequest {
  if (body === undefined) return place;
  const headers = { ...place.headers, 'content-type': 'application/json' };
  return { ...place, headers, body: Buffer.from(body) };
}

/** An answer as it came. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** How connections are opened. */
export interface ConnectingOptions {
  readonly count: number;
  /** Of one request. */
  readonly timeoutNs: number;
  /** When its connection is freed: after twice `timeoutNs`, as the harness gives it up before. */
  readonly givenUpNs?: number;
  /** As `tls.connect` takes them. */
  readonly tls?: object;
  /** How long an idle connection is kept; a server that closes it earlier would lose a request. */
  readonly keptOpenMs?: number;
}

/** What connections make of answers. */
export interface Reading<Answer> {
  /** What it throws rejects the request. @param body undefined where it is empty */
  readonly answer: (status: number, body: Buffer | undefined) => Answer;
  /** Of undici, where no whole answer came. */
  readonly failure?: (error: Error) => Error;
}

interface Connection {
  readonly client: Client;
  /** Takes it when it has nothing more to do. */
  readonly free: Connection[];
  /** Requests that were sent on it and are not over. */
  open: number;
}

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

const nothing = Buffer.alloc(0);

const asItCame: Reading<HttpAnswer> = {
  answer: (status, body = nothing) => ({ status, body }),
};

/** Connections whose answers are given as they came. Contacts nobody yet. */
export function plainConnections(
  origin: string,
  options: ConnectingOptions,
): Promise<PlainConnections> {
  return HttpConnections.to(origin, options, asItCame);
}

/** Connections whose answers are given as they came. */
export type PlainConnections = HttpConnections<HttpAnswer>;

/** The settings of undici for connections that have one request at a time. */
export function clientOptions(options: ConnectingOptions) {
  const { timeoutNs, tls = {}, keptOpenMs = keptOpenByDefaultMs } = options;
  const givenUpMs = Math.ceil((options.givenUpNs ?? 2 * timeoutNs) / 1e6);
  return {
    pipelining: 1,
    headersTimeout: givenUpMs,
    bodyTimeout: givenUpMs,
    keepAliveTimeout: keptOpenMs,
    keepAliveMaxTimeout: keptOpenMs,
    connect: { ...tls, timeout: Math.ceil(timeoutNs / 1e6) },
  };
}

/**
 * Connections to one server, as many as requests will be in flight. The one that was free last is
 * taken; a pool of undici asks all of them for each request.
 */
export class HttpConnections<Answer> {
  readonly #all: readonly Connection[];
  readonly #free: Connection[];
  readonly #reading: Reading<Answer>;
  #turn = 0;

  private constructor(clients: readonly Client[], reading: Reading<Answer>) {
    const free: Connection[] = [];
    this.#all = clients.map((client) => ({ client, free, open: 0 }));
    free.push(...this.#all);
    this.#free = free;
    this.#reading = reading;
  }

  /** Contacts nobody yet. @param origin protocol, host and port */
  static async to<Answer>(
    origin: string,
    options: ConnectingOptions,
    reading: Reading<Answer>,
  ): Promise<HttpConnections<Answer>> {
    const { Client } = await import('undici');
    const settings = clientOptions(options);
    const make = (): Client => new Client(origin, settings);
    return new HttpConnections(Array.from({ length: options.count }, make), reading);
  }

  /** Sends a request once on each connection, so that all are open. */
  async warm(request: HttpRequest): Promise<void> {
    await Promise.all(this.#all.map(() => this.send(request)));
  }

  /** Rejects when no whole answer came: with the error of undici, or what is made of it. */
  send(request: HttpRequest): Promise<Answer> {
    return new Promise((resolve, reject) => this.dispatch(request, { resolve, reject }));
  }

  /** As `send`, for callers with a promise of their own. */
  dispatch(request: HttpRequest, waiting: Waiting<Answer>): void {
    const connection = this.#free.pop() ?? this.#busy();
    connection.open += 1;
    connection.client.dispatch(request, new Reply(waiting, this.#reading, connection));
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
class Reply<Answer> implements Dispatcher.DispatchHandler {
  readonly #waiting: Waiting<Answer>;
  readonly #reading: Reading<Answer>;
  readonly #connection: Connection;
  #body: Buffer | undefined;
  #status = 0;

  constructor(waiting: Waiting<Answer>, reading: Reading<Answer>, connection: Connection) {
    this.#waiting = waiting;
    this.#reading = reading;
    this.#connection = connection;
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
    const { resolve, reject } = this.#waiting;
    try {
      resolve(this.#reading.answer(this.#status, this.#body));
    } catch (error) {
      reject(error);
    }
  }

  onResponseError(_: unknown, error: Error): void {
    this.#leave();
    this.#waiting.reject(this.#reading.failure?.(error) ?? error);
  }

  #leave(): void {
    const connection = this.#connection;
    connection.open -= 1;
    if (connection.open === 0) connection.free.push(connection);
  }
}
