import {
  type HttpAnswer,
  type HttpRequest,
  jsonRequest,
  type PlainConnections,
  plainConnections,
} from '../../core/server/http-connections.js';
import type { NodeTls } from '../../core/server/options.js';

/** A request, encoded ahead of the clock. */
export type WireRequest = HttpRequest;

/** What came back. */
export type WireAnswer = HttpAnswer;

/** What connections are opened with. */
export interface WireOptions {
  readonly url: string;
  readonly count: number;
  readonly timeoutNs: number;
  readonly tls: NodeTls;
  readonly headers: Readonly<Record<string, string>>;
}

/** Plain connections to one server. */
export class Wire {
  readonly url: string;
  readonly #connections: PlainConnections;
  readonly #prefix: string;
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(connections: PlainConnections, { url, headers }: WireOptions) {
    this.url = url;
    this.#prefix = new URL(url).pathname.replace(/\/$/, '');
    this.#headers = { accept: 'application/json', ...headers };
    this.#connections = connections;
  }

  /** Connects when the first request is sent. */
  static async make(options: WireOptions): Promise<Wire> {
    const { url, count, timeoutNs, tls } = options;
    const connecting = { count, timeoutNs, tls, givenUpNs: timeoutNs };
    return new Wire(await plainConnections(new URL(url).origin, connecting), options);
  }

  /**
   * Encodes a request.
   *
   * @param path behind the prefix of the address
   */
  encode(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: object): WireRequest {
    const place = { method, path: this.#prefix + path, headers: this.#headers };
    return jsonRequest(place, body === undefined ? undefined : JSON.stringify(body));
  }

  /** Sends a request once on each connection, so that all are open. */
  open(request: WireRequest): Promise<void> {
    return this.#connections.warm(request);
  }

  /** Sends a request; rejects only where no answer came. */
  send(request: WireRequest): Promise<WireAnswer> {
    return this.#connections.send(request);
  }

  /** Closes all connections; requests in flight are rejected. */
  close(): Promise<void> {
    return this.#connections.close();
  }
}
