import { z } from 'zod';
import { BenchError } from '../../core/errors.js';
import { type NodeTls, nodeTls, tlsSchema, urlOption } from '../../core/server/options.js';

const standardUrl = 'postgres://postgres@127.0.0.1:15432/postgres';

/** Where the server is, who asks, and what moves a number. */
export const pgvectorOptions = z.strictObject({
  url: urlOption(['postgres', 'postgresql'], standardUrl),
  user: z.string().min(1).optional().describe('instead of the one in the address'),
  password: z.string().optional().describe('instead of the one in the address'),
  tls: tlsSchema.optional(),
  maintenanceWorkMemMb: z
    .int()
    .min(1)
    .max(1_048_576)
    .optional()
    .describe("memory of an index that is being built; absent: the server's maintenance_work_mem"),
  forceIndex: z
    .boolean()
    .default(true)
    .describe('keeps the planner from comparing all rows (enable_seqscan = off), in small tables'),
});

/** The options of a target. */
export type PgvectorOptions = z.infer<typeof pgvectorOptions>;

/** The parts of an address, with the options that stand above them. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly ssl: NodeTls | false;
}

const encrypted = ['require', 'verify-ca', 'verify-full'];
const sslModes = ['disable', ...encrypted];

/**
 * Takes an address apart. Of libpq's parameters `sslmode` is known: `disable`, or one of those that
 * encrypt, which all check the certificate.
 *
 * @throws BenchError BAD_TARGET for a parameter that is not known
 */
export function serverAddress(options: PgvectorOptions): ServerAddress {
  const url = new URL(options.url);
  const user = options.user ?? (decodeURIComponent(url.username) || 'postgres');
  return {
    host: decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1') || '127.0.0.1',
    port: Number(url.port || 5432),
    database: decodeURIComponent(url.pathname.slice(1)) || user,
    user,
    password: options.password ?? (decodeURIComponent(url.password) || undefined),
    ssl: sslOf(options, sslModeOf(url)),
  };
}

function sslModeOf({ searchParams }: URL): string {
  const unknown = [...searchParams.keys()].find((name) => name !== 'sslmode');
  const mode = searchParams.get('sslmode') ?? 'disable';
  if (unknown === undefined && sslModes.includes(mode)) return mode;
  const what = unknown === undefined ? `sslmode ${mode}` : `parameter ${unknown}`;
  throw new BenchError('BAD_TARGET', `pgvector: options.url: ${what} is not known`, {
    hint: `of the parameters of an address sslmode is known: ${sslModes.join(', ')}`,
  });
}

function sslOf({ tls }: PgvectorOptions, mode: string): NodeTls | false {
  if (tls !== undefined) return nodeTls('pgvector', tls);
  return encrypted.includes(mode) ? {} : false;
}
