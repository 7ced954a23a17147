import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { BenchError } from '../errors.js';

/** How a connection is encrypted; without it the protocol of the address decides. */
export const tlsSchema = z
  .strictObject({
    ca: z.string().optional().describe('the authority to trust: a PEM text or the path of one'),
    cert: z.string().optional().describe("the client's certificate: a PEM text or a path"),
    key: z.string().optional().describe("the client's key: a PEM text or a path"),
    servername: z.string().optional().describe('the name that the certificate must have'),
    insecure: z.boolean().optional().describe('takes any certificate: for trials only'),
  })
  .describe('for encrypted connections');

/** How a connection is encrypted. */
export type TlsOptions = z.infer<typeof tlsSchema>;

/** TLS options as Node takes them. */
export interface NodeTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: false;
}

/**
 * TLS options as Node takes them, with files read.
 *
 * @param store the name of the adapter, for messages
 * @throws BenchError BAD_TARGET when a file is not there
 */
export function nodeTls(store: string, options: TlsOptions): NodeTls {
  const { ca, cert, key, servername, insecure } = options;
  const pem = (name: string, value: string): string => {
    if (value.includes('-----BEGIN')) return value;
    if (existsSync(value)) return readFileSync(value, 'utf8');
    throw new BenchError('BAD_TARGET', `${store}: options.tls.${name}: there is no such file`, {
      hint: 'give a PEM text, or the path of one from the folder that bench is called in',
    });
  };
  return {
    ...(ca !== undefined && { ca: pem('ca', ca) }),
    ...(cert !== undefined && { cert: pem('cert', cert) }),
    ...(key !== undefined && { key: pem('key', key) }),
    ...(servername !== undefined && { servername }),
    ...(insecure === true && { rejectUnauthorized: false as const }),
  };
}

/**
 * Where a server is.
 *
 * @param protocols without the colon: `redis`, `rediss`
 * @param standard the loopback address of its service in docker-compose.bench.yml
 */
export function urlOption(protocols: readonly string[], standard: string) {
  const protocol = new RegExp(`^(${protocols.join('|')})$`);
  return z
    .url({ protocol, error: `must be an address that begins with ${protocols.join(':// or ')}://` })
    .default(standard)
    .describe('where the server is');
}

/** How it is spoken to: the first is the default. */
export function transportOption<T extends 'client' | 'raw' | 'grpc'>(
  transports: readonly [T, ...T[]],
) {
  return z
    .enum(transports)
    .default(transports[0] as never)
    .describe('the official client, its gRPC, or prepared bytes over plain connections');
}
