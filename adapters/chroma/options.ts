import { z } from 'zod';
import { tlsSchema, transportOption, urlOption } from '../../core/server/options.js';

/** How a Chroma server is reached. */
export const chromaOptions = z.strictObject({
  url: urlOption(['http', 'https'], 'http://127.0.0.1:18000').refine((url) => {
    if (!URL.canParse(url)) return false;
    const { pathname, username, password } = new URL(url);
    return pathname === '/' && username === '' && password === '';
  }, 'must be protocol, host and port only; credentials go into token'),
  tenant: z.string().min(1).default('default_tenant').describe('the tenant of the database'),
  database: z.string().min(1).default('default_database').describe('the database'),
  token: z.string().min(1).optional().describe('what a server or a proxy before it asks for'),
  tokenHeader: z
    .enum(['x-chroma-token', 'authorization'])
    .default('x-chroma-token')
    .describe('the header that carries the token; authorization carries it as Bearer'),
  tls: tlsSchema.optional(),
  transport: transportOption(['client', 'raw']),
});

/** Options, checked. */
export type ChromaOptions = z.infer<typeof chromaOptions>;

/** The headers that say who asks. */
export function headersOf({ token, tokenHeader }: ChromaOptions): Record<string, string> {
  if (token === undefined) return {};
  return { [tokenHeader]: tokenHeader === 'authorization' ? `Bearer ${token}` : token };
}
