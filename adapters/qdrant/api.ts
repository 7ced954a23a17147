import { BenchError } from '../../core/errors.js';
import { connectionError, lostServer, shownUrl } from '../../core/server/connection-error.js';
import { notQdrant, refusal } from './refusal.js';
import type { Wire, WireAnswer, WireRequest } from './wire.js';

/** What every good answer of Qdrant has. */
export interface Envelope<T> {
  readonly result: T;
  /** Seconds that the server worked on it, HTTP left out. */
  readonly time: number;
}

/** A point of an answer. */
export interface ScoredPoint {
  readonly id: number | string;
  readonly payload?: Readonly<Record<string, unknown>> | null;
}

/** What `GET /collections/NAME` tells, as far as it is looked at. */
export interface CollectionInfo {
  readonly status: string;
  readonly optimizer_status: 'ok' | { readonly error: string };
  readonly indexed_vectors_count?: number | null;
  readonly points_count?: number | null;
  readonly segments_count?: number;
  readonly update_queue?: { readonly length?: number };
  readonly config: {
    readonly params: {
      readonly vectors?: VectorParams | Readonly<Record<string, VectorParams>>;
      readonly shard_number?: number;
      readonly replication_factor?: number;
    };
    readonly hnsw_config: Readonly<Record<string, unknown>>;
    readonly optimizer_config: Readonly<Record<string, unknown>>;
  };
}

/** What is told of the vectors of a collection. */
export interface VectorParams {
  readonly size: number;
  readonly distance: string;
  readonly datatype?: string;
}

/** An answer as Qdrant's envelope, or what it was in its place. */
export function envelopeOf<T>({ status, body }: WireAnswer, url: string): Envelope<T> {
  const decoded = decode(body);
  if (status !== 200) throw refusal({ status, body: decoded }, url);
  return checkedEnvelope<T>(decoded, url);
}

/** @throws BenchError STORE_FAILED where a body is none of Qdrant's */
export function checkedEnvelope<T>(decoded: unknown, url: string): Envelope<T> {
  const { result } = (decoded ?? {}) as { result?: unknown };
  if (result === undefined || result === null) throw notQdrant({ status: 200, body: decoded }, url);
  return decoded as Envelope<T>;
}

function decode(body: Buffer): unknown {
  const text = body.toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Everything that is not timed, over plain REST whatever the transport. */
export class Api {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** The address of the server. */
  get url(): string {
    return this.#wire.url;
  }

  /**
   * Reaches the server and shows it the credentials.
   *
   * @returns its version
   * @throws BenchError UNREACHABLE, TLS_FAILED, AUTH_FAILED, TOO_OLD, STORE_FAILED
   */
  async hello(): Promise<string> {
    try {
      const { status, body } = await this.#wire.send(this.#wire.encode('GET', '/'));
      const decoded = decode(body);
      if (status !== 200) throw refusal({ status, body: decoded }, this.url);
      const { version } = (decoded ?? {}) as { version?: unknown };
      if (typeof version !== 'string') throw notQdrant({ status, body: decoded }, this.url);
      requireVersion(version, this.url);
      // The greeting is given without credentials.
      await this.collections();
      return version;
    } catch (error) {
      throw connectionError(error, { store: 'qdrant', url: this.url, service: 'qdrant' });
    }
  }

  /** The names of all collections. */
  async collections(): Promise<string[]> {
    const { collections } = await this.#call<{ collections: { name: string }[] }>(
      this.#wire.encode('GET', '/collections'),
    );
    return collections.map(({ name }) => name);
  }

  /** Makes a collection; whatever had its name is gone. */
  async create(name: string, body: object): Promise<void> {
    await this.drop(name);
    await this.#call(this.#wire.encode('PUT', pathOf(name), body));
  }

  async createIndex(name: string, field: string, type: string): Promise<void> {
    const body = { field_name: field, field_schema: type };
    await this.#call(this.#wire.encode('PUT', `${pathOf(name)}/index?wait=true`, body));
  }

  /** Removes a collection; one that is not there is none. */
  async drop(name: string): Promise<void> {
    await this.#call(this.#wire.encode('DELETE', pathOf(name)));
  }

  info(name: string): Promise<CollectionInfo> {
    return this.#call<CollectionInfo>(this.#wire.encode('GET', pathOf(name)));
  }

  async count(name: string): Promise<number> {
    const request = this.#wire.encode('POST', `${pathOf(name)}/points/count`, { exact: true });
    return (await this.#call<{ count: number }>(request)).count;
  }

  async remove(name: string, ids: readonly number[]): Promise<void> {
    const path = `${pathOf(name)}/points/delete?wait=true`;
    await this.#call(this.#wire.encode('POST', path, { points: ids }));
  }

  close(): Promise<void> {
    return this.#wire.close();
  }

  async #call<T>(request: WireRequest): Promise<T> {
    const answer = await this.#wire.send(request).catch((error: unknown) => {
      throw lostServer(error, { store: 'qdrant', url: this.url });
    });
    return envelopeOf<T>(answer, this.url).result;
  }
}

/** The path of a collection. */
export function pathOf(name: string): string {
  return `/collections/${encodeURIComponent(name)}`;
}

const needed = { major: 1, minor: 10 };

function requireVersion(version: string, url: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > needed.major || (major === needed.major && minor >= needed.minor)) return;
  const least = `${needed.major}.${needed.minor}`;
  const message = `qdrant at ${shownUrl(url)} is ${version}; its query API needs ${least} or newer`;
  throw new BenchError('TOO_OLD', message, { hint: 'start a newer Qdrant' });
}
