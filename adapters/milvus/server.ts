import type { ConnectContext } from '../../core/adapter.js';
import { BenchError, messageOf } from '../../core/errors.js';
import { type ServerAt, shownUrl } from '../../core/server/connection-error.js';
import { within } from '../../core/time-limit.js';
import {
  connectFailure,
  failure,
  isSuccess,
  isUnavailable,
  notMilvus,
  refusal,
} from './failure.js';
import { refusedConnection } from './listening.js';
import { clientConfig, type MilvusOptions } from './options.js';
import {
  type Answer,
  type LoadedPackage,
  loadPackage,
  type MilvusClient,
  type Status,
} from './package.js';

const oldest = '2.3';

/** A client that is open, and what the server said of itself. */
export interface ServerParts {
  readonly client: MilvusClient;
  readonly package: Pick<LoadedPackage, 'name' | 'version'>;
  readonly options: MilvusOptions;
  readonly context: ConnectContext;
  readonly version: string;
}

/** A server that answered as Milvus does. */
export class MilvusServer {
  readonly at: ServerAt;
  readonly parts: ServerParts;

  constructor(parts: ServerParts) {
    this.parts = parts;
    this.at = serverAt(parts.options);
  }

  /**
   * Opens the client and asks who is there.
   *
   * @throws BenchError NO_PACKAGE, UNREACHABLE, TLS_FAILED, AUTH_FAILED, TIMEOUT, TOO_OLD;
   * BAD_TARGET when the database is not there; UNSUPPORTED for Milvus Lite; STORE_FAILED when
   * something else answers
   */
  static async connect(options: MilvusOptions, context: ConnectContext): Promise<MilvusServer> {
    const loaded = await loadPackage();
    const client = openClient(loaded, options, context);
    const { name, version: own } = loaded;
    const { timeoutNs } = context;
    const at = serverAt(options);
    try {
      const meeting = meet(client, options);
      const version = await within(timeoutNs, `${where(at)}: no answer`, meeting);
      requireVersion(version, options);
      return new MilvusServer({
        ...{ client, options, context, version },
        package: { name, version: own },
      });
    } catch (error) {
      // What did not answer may not end either.
      void client.closeConnection().catch(() => undefined);
      throw connectFailure(error, at);
    }
  }

  /** For messages. */
  get where(): string {
    return where(this.at);
  }

  /**
   * Makes a call and gives its answer.
   *
   * @throws BenchError with what the server said, if it did not do what was asked
   */
  async ask<T extends Answer | Status>(
    what: string,
    call: (client: MilvusClient) => Promise<T>,
  ): Promise<T> {
    const answer = await this.tryTo(what, call);
    const status = statusOf(answer);
    if (!isSuccess(status)) throw refusal(status, what, this.at);
    return answer;
  }

  /** Makes a call and gives its answer, which may be a refusal. */
  async tryTo<T>(what: string, call: (client: MilvusClient) => Promise<T>): Promise<T> {
    try {
      return await call(this.parts.client);
    } catch (error) {
      const refused = isUnavailable(error) ? await refusedConnection(this.at.url) : undefined;
      throw failure(refused ?? error, what, this.at);
    }
  }

  async close(): Promise<void> {
    await this.parts.client.closeConnection();
  }
}

/** How a call went, wherever its answer says so. */
export function statusOf(answer: Answer | Status): Status {
  if ('status' in answer && answer.status !== undefined) return answer.status;
  if ('error_code' in answer) return answer;
  return { error_code: 'Unimplemented', reason: 'the server does not know this call' };
}

function openClient(
  { loaded }: LoadedPackage,
  options: MilvusOptions,
  { connections, timeoutNs }: ConnectContext,
): MilvusClient {
  const config = clientConfig(options, { connections, timeoutNs });
  try {
    return new loaded.MilvusClient(config);
  } catch (cause) {
    if (config.tls === undefined) throw cause;
    const message = `milvus: options.tls: the client cannot use it: ${messageOf(cause)}`;
    throw new BenchError('BAD_TARGET', message, { hint: 'are these PEM texts?', cause });
  }
}

function serverAt({ url }: MilvusOptions): ServerAt {
  return { store: 'milvus', url, service: 'milvus' };
}

function where({ store, url }: ServerAt): string {
  return `${store} at ${shownUrl(url)}`;
}

/** @returns the version, without the letter before it */
async function meet(client: MilvusClient, options: MilvusOptions): Promise<string> {
  const at = serverAt(options);
  const first = ((await client.connectPromise) ?? {}) as Answer;
  const { status } = first;
  if (status !== undefined && !isSuccess(status)) throw refusal(status, 'connecting', at);
  const { version } = await client.getVersion();
  if (version === undefined || version === '') throw notMilvus('it tells no version', at);
  const found = version.replace(/^v(?=\d)/, '');
  // The call is as old as 2.2.9.
  if (status === undefined) throw tooOld(found, at);
  return found;
}

function requireVersion(version: string, options: MilvusOptions): void {
  const at = serverAt(options);
  if (/milvus.?lite/i.test(version)) {
    throw new BenchError('UNSUPPORTED', `${where(at)}: Milvus Lite (${version}) is a stand-in`, {
      hint: 'it searches with other code than Milvus does: measure a Milvus server',
    });
  }
  if (isOlder(version, oldest)) throw tooOld(version, at);
  if (options.mmap !== undefined && isOlder(version, '2.4')) {
    const message = `${where(at)}: version ${version} has no mmap of a collection`;
    throw new BenchError('TOO_OLD', message, { hint: 'options.mmap needs Milvus 2.4 or newer' });
  }
}

/** Whether a version is older than another; one without numbers is not. */
function isOlder(version: string, than: string): boolean {
  const numbers = /(\d+)\.(\d+)/;
  const [own, other] = [version, than].map((text) => numbers.exec(text)?.slice(1).map(Number));
  if (own === undefined || other === undefined) return false;
  const [major = 0, minor = 0] = own;
  const [wantedMajor = 0, wantedMinor = 0] = other;
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}

function tooOld(version: string, at: ServerAt): BenchError {
  return new BenchError('TOO_OLD', `${where(at)}: version ${version} is too old`, {
    hint: `Milvus ${oldest} or newer is needed`,
  });
}
