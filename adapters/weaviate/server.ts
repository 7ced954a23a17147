import type { ConnectContext } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import { connectionError, type ServerAt, shownUrl } from '../../core/server/connection-error.js';
import {
  type ConnectingOptions,
  type HttpAnswer,
  type HttpRequest,
  jsonRequest,
  type PlainConnections,
  plainConnections,
} from '../../core/server/http-connections.js';
import { nodeTls } from '../../core/server/options.js';
import { within } from '../../core/time-limit.js';
import { headersOf, type WeaviateOptions } from './options.js';

// A server closes what was idle for 10 s (cleanup-timeout): a request then would be lost.
const keptOpenMs = 8000;

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A server that answered as Weaviate does, and connections to its REST. */
export class WeaviateServer {
  readonly at: ServerAt;
  readonly options: WeaviateOptions;
  readonly timeoutNs: number;
  readonly #connections: PlainConnections;
  readonly #count: number;
  #version = '';

  private constructor(
    options: WeaviateOptions,
    { count, timeoutNs }: ConnectingOptions,
    connections: PlainConnections,
  ) {
    this.options = options;
    this.timeoutNs = timeoutNs;
    this.#connections = connections;
    this.#count = count;
    this.at = { store: 'weaviate', url: options.url, service: 'weaviate' };
  }

  /**
   * Opens connections and asks who is there.
   *
   * @throws BenchError UNREACHABLE, TLS_FAILED, AUTH_FAILED, TIMEOUT, TOO_OLD, STORE_FAILED when
   * something else answers
   */
  static async connect(
    options: WeaviateOptions,
    { connections: inFlight, timeoutNs }: ConnectContext,
  ): Promise<WeaviateServer> {
    const tls = options.tls === undefined ? {} : nodeTls('weaviate', options.tls);
    // What is timed goes by the client's own connection, or by these.
    const count = options.transport === 'raw' ? inFlight : 1;
    const connecting = { count, timeoutNs, tls, keptOpenMs };
    const connections = await plainConnections(new URL(options.url).origin, connecting);
    const server = new WeaviateServer(options, connecting, connections);
    try {
      await within(timeoutNs, `${server.where}: no answer`, server.#meet());
      return server;
    } catch (error) {
      await connections.close();
      throw connectionError(error, server.at);
    }
  }

  /** For messages. */
  get where(): string {
    return `weaviate at ${shownUrl(this.at.url)}`;
  }

  get version(): string {
    return this.#version;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#count;
  }

  /** @throws BenchError TOO_OLD where the server is older */
  require(major: number, minor: number, what: string): void {
    const [isMajor = 0, isMinor = 0] = this.#version.split('.').map(Number);
    if (isMajor > major || (isMajor === major && isMinor >= minor)) return;
    const message = `${this.where} is ${this.#version}; ${what} needs ${major}.${minor} or newer`;
    throw new BenchError('TOO_OLD', message, { hint: 'start a newer Weaviate' });
  }

  /** A request, encoded ahead of the clock. */
  request(method: Method, path: string, body?: string): HttpRequest {
    return jsonRequest({ path, method, headers: headersOf(this.options) }, body);
  }

  send(request: HttpRequest): Promise<HttpAnswer> {
    return this.#connections.send(request);
  }

  /**
   * Sends a request and gives its answer, whatever its status.
   *
   * @throws BenchError TIMEOUT, UNREACHABLE, TLS_FAILED
   */
  async call(method: Method, path: string, body?: object): Promise<HttpAnswer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const sent = this.send(this.request(method, path, text)).catch((error: unknown) => {
      throw connectionError(error, this.at);
    });
    return within(this.timeoutNs, `${this.where}: no answer`, sent);
  }

  /**
   * Sends a request and reads its answer, which is undefined where the server says 404.
   *
   * @throws BenchError as `call`; STORE_FAILED, AUTH_FAILED or READ_ONLY with what the server said
   */
  async ask(method: Method, path: string, body?: object): Promise<unknown> {
    const answer = await this.call(method, path, body);
    if (answer.status === 404 && !isPage(answer.body)) return undefined;
    this.check(answer, `${method} ${path}`);
    return answer.body.length === 0 ? undefined : this.read(answer);
  }

  /**
   * Asks by GraphQL.
   *
   * @throws BenchError as `ask`, and STORE_FAILED with the errors of the answer
   */
  async query(text: string): Promise<Readonly<Record<string, unknown>>> {
    const answer = (await this.ask('POST', '/v1/graphql', { query: text })) as GraphqlAnswer;
    return this.dataOf(answer);
  }

  /** @throws BenchError STORE_FAILED with the errors of an answer of GraphQL */
  dataOf({ data, errors }: GraphqlAnswer): Readonly<Record<string, unknown>> {
    const [first] = errors ?? [];
    if (first !== undefined) throw this.failure(first.message ?? 'no reason given');
    if (data !== undefined && data !== null) return data;
    throw this.failure('expected data of GraphQL, got none');
  }

  /** @throws BenchError when an answer is not one of success */
  check({ status, body }: HttpAnswer, what: string): void {
    if (status >= 200 && status < 300) return;
    if (status === 401 || status === 403) throw this.#refused(status, saidBy(body));
    throw this.failure(`${what}: ${status} ${saidBy(body)}`);
  }

  /** @throws BenchError STORE_FAILED where a body is no JSON */
  read({ body }: HttpAnswer): unknown {
    try {
      return JSON.parse(body.toString());
    } catch (cause) {
      const message = `${this.where}: expected JSON, got ${saidBy(body)}`;
      throw new BenchError('STORE_FAILED', message, { cause });
    }
  }

  /** What the server said in place of doing it. */
  failure(said: string): BenchError {
    const message = `${this.where}: ${said}`;
    if (!/read-?only/i.test(said)) return new BenchError('STORE_FAILED', message);
    return new BenchError('READ_ONLY', message, {
      hint: 'is its disk full, or does it run with OPERATIONAL_MODE=ReadOnly?',
    });
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  async #meet(): Promise<void> {
    // Each of the connections is opened ahead of the clock.
    const hello = (): Promise<HttpAnswer> => this.send(this.request('GET', '/v1/meta'));
    const answers = await Promise.all(Array.from({ length: this.#count }, hello));
    const [first] = answers as [HttpAnswer];
    if (first.status === 401 || first.status === 403) {
      throw this.#refused(first.status, saidBy(first.body));
    }
    const version = first.status === 200 ? versionIn(first.body) : undefined;
    if (version === undefined) throw this.#stranger(first);
    this.#version = version;
    this.require(1, 29, 'bench');
  }

  #refused(status: number, said: string): BenchError {
    return new BenchError('AUTH_FAILED', `${this.where}: refused (${status}): ${said}`, {
      hint: 'give the API key as options.apiKey; may its user make collections of any name?',
    });
  }

  #stranger({ status, body }: HttpAnswer): BenchError {
    const found = `${this.where}: ${status} ${saidBy(body)}`;
    return new BenchError('STORE_FAILED', `${found}, expected what Weaviate says of itself`, {
      hint: 'is it Weaviate that listens there, or a proxy before it?',
    });
  }
}

/** An answer of GraphQL. */
export interface GraphqlAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message?: string }[] | null;
}

const mostSaid = 400;

/** What a server said, short enough for a message: the reasons of its JSON, else the text. */
export function saidBy(body: Buffer): string {
  const text = body.toString();
  const reasons = [...text.matchAll(/"message":\s*("(?:[^"\\]|\\.)*")/g)].map(([, one]) => {
    return String(JSON.parse(one as string));
  });
  const said = reasons.length > 0 ? reasons.join('; ') : text;
  return said.replace(/\s+/g, ' ').trim().slice(0, mostSaid);
}

function isPage(body: Buffer): boolean {
  return body.toString().trimStart().startsWith('<');
}

function versionIn(body: Buffer): string | undefined {
  try {
    const { version } = JSON.parse(body.toString()) as { readonly version?: unknown };
    return typeof version === 'string' && /^\d+\.\d+/.test(version) ? version : undefined;
  } catch {
    return undefined;
  }
}
