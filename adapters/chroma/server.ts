import type { ConnectContext } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import {
  answeredWithin,
  connectionError,
  lostServer,
  type ServerAt,
  shownUrl,
} from '../../core/server/connection-error.js';
import {
  type ConnectingOptions,
  type HttpAnswer,
  type HttpRequest,
  jsonRequest,
  type PlainConnections,
  plainConnections,
} from '../../core/server/http-connections.js';
import { nodeTls } from '../../core/server/options.js';
import { Liveness } from './liveness.js';
import { type ChromaOptions, headersOf } from './options.js';

/** What the server says of itself. */
export interface ServerFacts {
  /** What /api/v2/version says, which is not the version of the package. */
  readonly version: string;
  /** Rows of one upsert. */
  readonly maxBatchSize: number;
}

const heartbeatPath = '/api/v2/heartbeat';

/** A server that answered as Chroma does, and connections to it. */
export class ChromaServer {
  readonly at: ServerAt;
  readonly options: ChromaOptions;
  readonly connecting: ConnectingOptions;
  readonly liveness: Liveness;
  readonly #connections: PlainConnections;
  #facts: ServerFacts | undefined;

  private constructor(
    options: ChromaOptions,
    connecting: ConnectingOptions,
    [connections, aside]: readonly [PlainConnections, PlainConnections],
  ) {
    this.options = options;
    this.connecting = connecting;
    this.at = { store: 'chroma', url: options.url, service: 'chroma' };
    this.#connections = connections;
    const { timeoutNs } = connecting;
    const request = this.request('GET', heartbeatPath);
    this.liveness = new Liveness(aside, { at: this.at, request, timeoutNs });
  }

  /**
   * Opens connections and asks who is there.
   *
   * @throws BenchError UNREACHABLE, TLS_FAILED, AUTH_FAILED, TIMEOUT, TOO_OLD, BAD_TARGET when the
   * database is not there, STORE_FAILED when something else answers
   */
  static async connect(options: ChromaOptions, context: ConnectContext): Promise<ChromaServer> {
    const { connections: count, timeoutNs } = context;
    const tls = options.tls === undefined ? {} : nodeTls('chroma', options.tls);
    const connecting = { count, timeoutNs, tls };
    const { origin } = new URL(options.url);
    const connections = await plainConnections(origin, connecting);
    const aside = await plainConnections(origin, { ...connecting, count: 1 });
    const server = new ChromaServer(options, connecting, [connections, aside]);
    try {
      await answeredWithin(timeoutNs, server.at, server.#meet());
      return server;
    } catch (error) {
      await server.close();
      throw connectionError(error, server.at);
    }
  }

  /** For messages. */
  get where(): string {
    return `chroma at ${shownUrl(this.at.url)}`;
  }

  get facts(): ServerFacts {
    return this.#facts as ServerFacts;
  }

  /** The path of the collections of the database. */
  get collections(): string {
    const { tenant, database } = this.options;
    const [one, other] = [tenant, database].map(encodeURIComponent);
    return `/api/v2/tenants/${one}/databases/${other}/collections`;
  }

  /** A request, encoded ahead of the clock. */
  request(method: 'GET' | 'POST' | 'DELETE', path: string, body?: string): HttpRequest {
    return jsonRequest({ path, method, headers: headersOf(this.options) }, body);
  }

  send(request: HttpRequest): Promise<HttpAnswer> {
    return this.#connections.send(request);
  }

  /**
   * Sends a request and reads its answer, which is undefined where the server says 404.
   *
   * @throws BenchError STORE_FAILED or AUTH_FAILED with what the server said, TIMEOUT, UNREACHABLE
   */
  async ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const answer = await this.sendInTime(method, path, body);
    if (answer.status === 404 && isJson(answer.body)) return undefined;
    this.require(answer, `${method} ${path}`);
    return this.read(answer);
  }

  /** @throws BenchError TIMEOUT, UNREACHABLE, HOST_DIED when no answer came */
  sendInTime(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<HttpAnswer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const sent = this.send(this.request(method, path, text)).catch((error: unknown) => {
      const hasMet = this.#facts !== undefined;
      throw hasMet ? lostServer(error, this.at) : connectionError(error, this.at);
    });
    return answeredWithin(this.connecting.timeoutNs, this.at, sent);
  }

  /** @throws BenchError STORE_FAILED when an answer is no JSON */
  read({ body }: HttpAnswer): unknown {
    try {
      return JSON.parse(body.toString());
    } catch {
      throw notChroma(`${this.where}: expected JSON, got ${saidBy(body)}`);
    }
  }

  /** @throws BenchError when an answer is not one of success */
  require({ status, body }: HttpAnswer, what: string): void {
    if (status >= 200 && status < 300) return;
    if (status === 401 || status === 403) throw this.#refused(status);
    const message = `${this.where}: ${what}: ${status} ${saidBy(body)}`;
    throw isJson(body) ? new BenchError('STORE_FAILED', message) : notChroma(message);
  }

  async close(): Promise<void> {
    await Promise.all([this.#connections.close(), this.liveness.close()]);
  }

  async #meet(): Promise<void> {
    // Each of the connections is opened ahead of the clock.
    const hello = (): Promise<HttpAnswer> => this.send(this.request('GET', heartbeatPath));
    const answers = await Promise.all(Array.from({ length: this.connecting.count }, hello));
    const [first] = answers as [HttpAnswer];
    if (first.status === 401 || first.status === 403) throw this.#refused(first.status);
    if (first.status !== 200 || !saidBy(first.body).includes('nanosecond heartbeat')) {
      throw await this.#stranger(first);
    }
    const version = String(await this.ask('GET', '/api/v2/version'));
    const checks = (await this.ask('GET', '/api/v2/pre-flight-checks')) as {
      readonly max_batch_size?: number;
    };
    this.#facts = { version, maxBatchSize: checks?.max_batch_size ?? 1000 };
    const found = await this.ask('GET', this.collections.replace(/\/collections$/, ''));
    if (found !== undefined) return;
    const { tenant, database } = this.options;
    const message = `${this.where}: there is no database ${database} of tenant ${tenant}`;
    throw new BenchError('BAD_TARGET', message, { hint: 'see options.tenant, options.database' });
  }

  #refused(status: number): BenchError {
    return new BenchError('AUTH_FAILED', `${this.where}: refused (${status})`, {
      hint: 'see options.token and options.tokenHeader; may it use this tenant and database?',
    });
  }

  /** What listens there, where it is no Chroma that is new enough. */
  async #stranger({ status, body }: HttpAnswer): Promise<BenchError> {
    const old = await this.send(this.request('GET', '/api/v1/version'));
    if (old.status === 200 && isJson(old.body)) {
      const found = saidBy(old.body).slice(0, 40);
      return new BenchError('TOO_OLD', `${this.where}: version ${found} has no API v2`, {
        hint: 'Chroma 1.0 or newer is needed',
      });
    }
    const message = `${this.where}: ${status} ${saidBy(body)}, expected a heartbeat of API v2`;
    return notChroma(message);
  }
}

/** An answer that Chroma does not give. */
export function notChroma(message: string): BenchError {
  const hint = 'is it Chroma that listens there, or a proxy before it?';
  return new BenchError('STORE_FAILED', message, { hint });
}

/** What a server said, short enough for a message. */
export function saidBy(body: Buffer): string {
  return body.toString().replace(/\s+/g, ' ').trim().slice(0, 300);
}

/** Whether an answer is one of the API, and not of a proxy. */
export function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString());
    return true;
  } catch {
    return false;
  }
}
