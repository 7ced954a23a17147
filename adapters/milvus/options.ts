import { z } from 'zod';
import { BenchError } from '../../core/errors.js';
import {
  nodeTls,
  type TlsOptions,
  tlsSchema,
  transportOption,
  urlOption,
} from '../../core/server/options.js';
import type { ClientConfig, ClientTls } from './package.js';

/** How far behind a search may be, by the client's names. */
export const consistencyLevels = ['Strong', 'Session', 'Bounded', 'Eventually'] as const;
/** How far behind a search may be. */
export type Consistency = (typeof consistencyLevels)[number];

/** How a Milvus server is reached, and how collections are made in it. */
export const milvusOptions = z
  .strictObject({
    url: urlOption(['http', 'https'], 'http://127.0.0.1:19531').refine((url) => {
      if (!URL.canParse(url)) return false;
      const { pathname, username, password } = new URL(url);
      return pathname === '/' && username === '' && password === '';
    }, 'must be protocol, host and port only; credentials go into user and password, or token'),
    transport: transportOption(['client']),
    user: z.string().min(1).optional().describe('the name of a user'),
    password: z.string().min(1).optional().describe('the password of the user'),
    token: z.string().min(1).optional().describe('an API key, in place of user and password'),
    database: z.string().min(1).default('default').describe('the database'),
    tls: tlsSchema.optional(),
    consistency: z
      .enum(consistencyLevels)
      .default('Bounded')
      .describe(
        'how far behind a search may be; Bounded is what the client takes, Strong lets each ' +
          "search wait for the server's next time tick",
      ),
    connections: z
      .enum(['one', 'per-request'])
      .default('one')
      .describe(
        'one HTTP/2 connection that all requests share, as the client opens it, or one for each ' +
          'request in flight',
      ),
    shards: z
      .int()
      .min(1)
      .max(64)
      .optional()
      .describe('parts that rows are written to (shards_num); as the server likes if left out'),
    replicas: z.int().min(1).max(64).default(1).describe('copies in memory (replica_number)'),
    mmap: z
      .boolean()
      .optional()
      .describe('whether rows are mapped from files (mmap.enabled); Milvus 2.4 or newer'),
    compact: z
      .boolean()
      .default(true)
      .describe(
        'whether small segments are merged before the index counts as finished; the server would ' +
          'do it some time later',
      ),
    giveUpS: z
      .int()
      .min(1)
      .max(86_400)
      .default(1800)
      .describe('seconds without any change after which an index is no longer waited for'),
  })
  .refine(
    ({ user, password }) => (user === undefined) === (password === undefined),
    'user and password go together',
  )
  .refine(
    ({ user, token }) => user === undefined || token === undefined,
    'give user and password, or token, not both',
  );

/** Options, checked. */
export type MilvusOptions = z.infer<typeof milvusOptions>;

const clientPool = { min: 2, max: 10 };

/** Where a server listens: 19530, or 443 for https, where the address has no port. */
export function addressOf(url: string): { readonly host: string; readonly port: number } {
  const { protocol, hostname, port } = new URL(url);
  const standard = protocol === 'https:' ? 443 : 19_530;
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? standard : Number(port),
  };
}

/** What the adapter asks the client for beside the target's options. */
export interface Opening {
  readonly connections: number;
  readonly timeoutNs: number;
}

/**
 * Options as the client takes them: without repeats of failed calls, and without the figures that
 * it would send to the server every ten seconds.
 *
 * @throws BenchError BAD_TARGET for TLS that the client cannot do
 */
export function clientConfig(
  options: MilvusOptions,
  { connections, timeoutNs }: Opening,
): ClientConfig {
  const { url, user, password, token, database } = options;
  const { host, port } = addressOf(url);
  const isEncrypted = url.startsWith('https:') || options.tls !== undefined;
  const tls = clientTls(options);
  return {
    address: `${host.includes(':') ? `[${host}]` : host}:${port}`,
    ssl: isEncrypted,
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { password }),
    ...(token !== undefined && { token }),
    database,
    ...(tls !== undefined && { tls }),
    timeout: Math.max(1, Math.ceil(timeoutNs / 1e6)),
    maxRetries: 0,
    // No request of the harness waits for another within the client.
    pool: { ...clientPool, max: Math.max(clientPool.max, connections) },
    channelOptions: {
      'grpc.enable_retries': 0,
      // Clients of a pool share their connection unless each has a place of its own.
      ...(options.connections === 'per-request' && { 'grpc.use_local_subchannel_pool': 1 }),
    },
    logLevel: 'error',
    telemetry: { enabled: false },
    isGlobal: false,
  };
}

function clientTls({ tls }: MilvusOptions): ClientTls | undefined {
  if (tls === undefined) return undefined;
  requireUsable(tls);
  const { ca, cert, key, servername, rejectUnauthorized } = nodeTls('milvus', tls);
  return {
    ...(ca !== undefined && { rootCert: Buffer.from(ca) }),
    ...(cert !== undefined && { certChain: Buffer.from(cert) }),
    ...(key !== undefined && { privateKey: Buffer.from(key) }),
    ...(servername !== undefined && { serverName: servername }),
    ...(rejectUnauthorized === false && { skipCertCheck: true as const }),
  };
}

function requireUsable({ ca, cert, key, insecure }: TlsOptions): void {
  if ((cert === undefined) !== (key === undefined)) {
    throw new BenchError('BAD_TARGET', 'milvus: options.tls: cert and key go together');
  }
  if (insecure !== true || (ca === undefined && cert === undefined)) return;
  const message = 'milvus: options.tls.insecure goes without ca, cert and key';
  throw new BenchError('BAD_TARGET', message, {
    hint: 'the client leaves the others out when it takes any certificate',
  });
}
