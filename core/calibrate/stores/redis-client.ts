import { z } from 'zod';
import { BenchError, messageOf } from '../../errors.js';
import { importOptional, packageName, placeOfOptional } from '../../optional-package.js';
import type { Target } from '../../plan.js';
import { connectionError, type ServerAt, shownUrl } from '../../server/connection-error.js';
import { type NodeTls, nodeTls, tlsSchema } from '../../server/options.js';
import { within } from '../../time-limit.js';
import { nsPerMs } from '../../units.js';
import { asStoreFailure } from './key-values.js';

/** Where a Redis server is, of what the options of its target say; and the client for it. */
export const redisPlaceSchema = z.object({
  /** The packages of the adapter. */
  npm: z.array(z.string()),
  url: z.string(),
  user: z.string().optional(),
  password: z.string().optional(),
  database: z.number().default(0),
  tls: tlsSchema.optional(),
});

/** Where a Redis server is; structured-cloneable. */
export type RedisPlace = z.infer<typeof redisPlaceSchema>;

/** Where the services of docker-compose.bench.yml are, by what they are asked for. */
const standardUrls: Readonly<Record<string, string>> = { search: 'redis://127.0.0.1:16380' };
const standardUrl = 'redis://127.0.0.1:16379';

/** Where the server of a target is, by its options: without an address that of its service. */
export function redisPlaceOf({
  adapter,
  options,
}: Pick<Target, 'adapter' | 'options'>): RedisPlace {
  const given = options as Readonly<Record<string, unknown>>;
  const url = given.url ?? standardUrls[String(given.index)] ?? standardUrl;
  return redisPlaceSchema.parse({ ...given, url, npm: adapter.install?.npm ?? [] });
}

/** Commands that are sent together. */
export interface RedisPipeline {
  set(key: string, value: string): RedisPipeline;
  exec(): Promise<readonly (readonly [Error | null, unknown])[] | null>;
}

/** One connection of ioredis: the part that is used here. */
export interface RedisClient {
  connect(): Promise<void>;
  callBuffer(command: string, args: readonly string[]): Promise<unknown>;
  getBuffer(key: string): Promise<Buffer | null>;
  pipeline(): RedisPipeline;
  exists(keys: readonly string[]): Promise<number>;
  unlink(keys: readonly string[]): Promise<number>;
  info(section: string): Promise<string>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  disconnect(): void;
}

interface RedisPackage {
  readonly Redis: new (options: object) => RedisClient;
}

/** How the server is reached, as text and numbers. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: NodeTls;
}

const standardPort = 6379;

/** The parts of an address, with the options that stand above them, as the adapter reads them. */
export function redisAddress(place: RedisPlace): RedisAddress {
  const url = new URL(place.url);
  const inPath = Number(url.pathname.slice(1));
  const isEncrypted = url.protocol === 'rediss:' || place.tls !== undefined;
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? standardPort : Number(url.port),
    db: place.database === 0 && Number.isInteger(inPath) ? inPath : place.database,
    ...credentials(place, url),
    ...(isEncrypted && { tls: nodeTls('redis', place.tls ?? {}) }),
  };
}

function credentials(place: RedisPlace, url: URL): Pick<RedisAddress, 'username' | 'password'> {
  const username = place.user ?? decodeURIComponent(url.username);
  const password = place.password ?? decodeURIComponent(url.password);
  return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
}

/** The version of the client. @throws BenchError NO_PACKAGE */
export function redisClientVersion({ npm }: RedisPlace): string {
  return placeOfOptional(specOf(npm), { name: 'redis', npm }).version;
}

function specOf(npm: readonly string[]): string {
  return npm.find((spec) => packageName(spec) === 'ioredis') ?? 'ioredis';
}

/**
 * Opens connections ahead of the clock, as the adapter does: RESP2, nothing tried again, nothing
 * kept back.
 *
 * @throws BenchError NO_PACKAGE, UNREACHABLE, TLS_FAILED, AUTH_FAILED, TIMEOUT or STORE_FAILED
 */
export async function openRedis(
  place: RedisPlace,
  count: number,
  timeoutNs: number,
): Promise<readonly RedisClient[]> {
  const { npm } = place;
  const { Redis } = await importOptional<RedisPackage>(specOf(npm), { name: 'redis', npm });
  const timeoutMs = Math.ceil(timeoutNs / nsPerMs);
  const options = {
    ...redisAddress(place),
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    protocol: 2,
    lazyConnect: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    enableAutoPipelining: false,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
  };
  const clients = Array.from({ length: count }, () => new Redis(options));
  const opened = await Promise.allSettled(clients.map((one) => ready(one, place, timeoutNs)));
  const failed = opened.find(({ status }) => status === 'rejected');
  if (failed?.status !== 'rejected') return clients;
  for (const client of clients) client.disconnect();
  throw failed.reason;
}

async function ready(client: RedisClient, { url }: RedisPlace, timeoutNs: number): Promise<void> {
  const at: ServerAt = { store: 'redis', url, service: 'redis' };
  let seen: unknown;
  client.on('error', (error) => {
    seen ??= error;
  });
  const saysHello = async (): Promise<void> => {
    await client.connect();
    await client.callBuffer('PING', []);
    if (seen !== undefined) throw seen;
  };
  const where = `redis at ${shownUrl(url)}`;
  try {
    await within(timeoutNs, `${where}: no answer`, saysHello());
  } catch (thrown) {
    client.disconnect();
    // The client itself says no more than that the connection is closed.
    const why = seen ?? thrown;
    if (/^(NOAUTH|WRONGPASS|NOPERM)/.test(messageOf(why))) throw refused(where, why);
    throw asStoreFailure(connectionError(why, at), where);
  }
}

function refused(where: string, why: unknown): BenchError {
  return new BenchError('AUTH_FAILED', `${where}: ${messageOf(why)}`, {
    hint: 'name the target in a file (--targets) with user and password from the environment',
  });
}
