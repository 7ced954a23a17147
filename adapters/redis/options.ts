import { z } from 'zod';
import { nodeTls, tlsSchema, transportOption, urlOption } from '../../core/server/options.js';
import type { ClientOptions } from './package.js';

/** Where the services of docker-compose.bench.yml are: without and with the search module. */
const standardUrls = {
  vectorset: 'redis://127.0.0.1:16379',
  search: 'redis://127.0.0.1:16380',
};

/** The options of a target. */
export const optionsSchema = z.strictObject({
  url: urlOption(['redis', 'rediss'], standardUrls.vectorset).unwrap().optional(),
  transport: transportOption(['client']),
  index: z
    .enum(['vectorset', 'search'])
    .default('vectorset')
    .describe('vector sets (VADD, VSIM; Redis 8) or the search module (FT.CREATE, FT.SEARCH)'),
  connections: z
    .enum(['per-request', 'one'])
    .default('per-request')
    .describe('a connection for each request in flight, or one that all requests share'),
  user: z.string().optional().describe('the user of the access list; the default user without it'),
  password: z.string().optional().describe('the password of the user'),
  database: z.int().min(0).max(65_535).default(0).describe('the number of the database'),
  tls: tlsSchema.optional(),
});

/** The options of a target, with the address that is meant. */
export type RedisOptions = z.infer<typeof optionsSchema> & { readonly url: string };

/** The options of a target, checked; without an address they mean that of the compose service. */
export function parseOptions(given: unknown): RedisOptions {
  const options = optionsSchema.parse(given);
  return { ...options, url: options.url ?? standardUrls[options.index] };
}

const standardPort = 6379;

/** Options as the client takes them. What the address says of user and database counts last. */
export function clientOptions(options: RedisOptions, timeoutMs: number): ClientOptions {
  const url = new URL(options.url);
  const isEncrypted = url.protocol === 'rediss:' || options.tls !== undefined;
  const inPath = Number(url.pathname.slice(1));
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? standardPort : Number(url.port),
    db: options.database === 0 && Number.isInteger(inPath) ? inPath : options.database,
    ...credentials(options, url),
    ...(isEncrypted && { tls: nodeTls('redis', options.tls ?? {}) }),
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
}

function credentials(
  { user, password }: RedisOptions,
  url: URL,
): Pick<ClientOptions, 'username' | 'password'> {
  const username = user ?? decodeURIComponent(url.username);
  const secret = password ?? decodeURIComponent(url.password);
  return {
    ...(username !== '' && { username }),
    ...(secret !== '' && { password: secret }),
  };
}
