import { z } from 'zod';
import { BenchError, codeOf, messageOf } from '../../errors.js';
import { importOptional, packageName, placeOfOptional } from '../../optional-package.js';
import type { Target } from '../../plan.js';
import { connectionError, shownUrl } from '../../server/connection-error.js';
import { type NodeTls, nodeTls, tlsSchema } from '../../server/options.js';
import { nsPerMs } from '../../units.js';
import { asStoreFailure } from './key-values.js';

/** Where a PostgreSQL server is, of what the options of its target say; and the client for it. */
export const pgPlaceSchema = z.object({
  /** The packages of the adapter. */
  npm: z.array(z.string()),
  url: z.string(),
  user: z.string().optional(),
  password: z.string().optional(),
  tls: tlsSchema.optional(),
});

/** Where a PostgreSQL server is; structured-cloneable. */
export type PgPlace = z.infer<typeof pgPlaceSchema>;

/** Where the service of docker-compose.bench.yml is. */
const standardUrl = 'postgres://postgres@127.0.0.1:15432/postgres';

/** Where the server of a target is, by its options: without an address that of its service. */
export function pgPlaceOf({ adapter, options }: Pick<Target, 'adapter' | 'options'>): PgPlace {
  const given = options as Readonly<Record<string, unknown>>;
  const npm = adapter.install?.npm ?? [];
  return pgPlaceSchema.parse({ ...given, url: given.url ?? standardUrl, npm });
}

/** A statement with its values; under a name it is parsed once a connection. */
export interface PgStatement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly string[];
  readonly rowMode: 'array';
}

/** What came for a statement. */
export interface PgAnswer {
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Takes an answer, or why there is none. */
export type PgDone = (error: Error | null, answer: PgAnswer) => void;

/** One connection of pg: the part that is used here. */
export interface PgClient {
  connect(): Promise<unknown>;
  query(text: string): Promise<{ readonly rows: readonly Readonly<Record<string, string>>[] }>;
  query(statement: PgStatement, done: PgDone): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  end(): Promise<void>;
}

interface PgPackage {
  readonly Client: new (config: object) => PgClient;
}

/** How the server is reached, as text and numbers. */
export interface PgAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly ssl: NodeTls | false;
}

const standardPort = 5432;

/** The parts of an address, with the options that stand above them, as the adapter reads them. */
export function pgAddress(place: PgPlace): PgAddress {
  const url = new URL(place.url);
  const user = place.user ?? (decodeURIComponent(url.username) || 'postgres');
  return {
    host: decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1') || '127.0.0.1',
    port: Number(url.port || standardPort),
    database: decodeURIComponent(url.pathname.slice(1)) || user,
    user,
    password: place.password ?? (decodeURIComponent(url.password) || undefined),
    ssl: sslOf(place, url),
  };
}

function sslOf({ tls }: PgPlace, { searchParams }: URL): PgAddress['ssl'] {
  if (tls !== undefined) return nodeTls('pgvector', tls);
  return (searchParams.get('sslmode') ?? 'disable') === 'disable' ? false : {};
}

/** The version of the client. @throws BenchError NO_PACKAGE */
export function pgClientVersion({ npm }: PgPlace): string {
  return placeOfOptional(specOf(npm), { name: 'pgvector', npm }).version;
}

function specOf(npm: readonly string[]): string {
  return npm.find((spec) => packageName(spec) === 'pg') ?? 'pg';
}

/**
 * Opens connections ahead of the clock.
 *
 * @throws BenchError NO_PACKAGE, UNREACHABLE, TLS_FAILED, AUTH_FAILED or STORE_FAILED
 */
export async function openPg(
  place: PgPlace,
  count: number,
  timeoutNs: number,
): Promise<readonly PgClient[]> {
  const { npm } = place;
  const { Client } = await importOptional<PgPackage>(specOf(npm), { name: 'pgvector', npm });
  const { password, ...address } = pgAddress(place);
  const open = async (): Promise<PgClient> => {
    const client = new Client({
      ...address,
      // A function keeps the client from looking for one in the environment and in files.
      password: password ?? (() => ''),
      connectionTimeoutMillis: Math.ceil(timeoutNs / nsPerMs),
      application_name: 'bench',
      keepAlive: true,
    });
    // What a request ends with is said where it was sent.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (thrown) {
      client.end().catch(() => undefined);
      throw notOpened(thrown, place);
    }
  };
  const opened = await Promise.allSettled(Array.from({ length: count }, open));
  const clients = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = opened.find(({ status }) => status === 'rejected');
  if (failed?.status !== 'rejected') return clients;
  await Promise.all(clients.map((client) => client.end()));
  throw failed.reason;
}

function notOpened(thrown: unknown, { url }: PgPlace): BenchError {
  const where = `pgvector at ${shownUrl(url)}`;
  const isRefused = /^28/.test(codeOf(thrown)) || /^SASL|assword must be/.test(messageOf(thrown));
  if (isRefused) {
    return new BenchError('AUTH_FAILED', `${where}: ${messageOf(thrown)}`, {
      hint: 'name the target in a file (--targets) with user and password from the environment',
    });
  }
  const at = { store: 'pgvector', url, service: 'pgvector' };
  return asStoreFailure(connectionError(coded(thrown), at), where);
}

/** The client gives its own errors no code: they get the one of the system that they stand for. */
function coded(thrown: unknown): unknown {
  const message = messageOf(thrown);
  if (codeOf(thrown) !== 'ERROR') return thrown;
  const code = /^Connection terminated/.test(message)
    ? 'ECONNRESET'
    : /^timeout expired/.test(message)
      ? 'ETIMEDOUT'
      : undefined;
  return code === undefined ? thrown : Object.assign(new Error(message), { code });
}
