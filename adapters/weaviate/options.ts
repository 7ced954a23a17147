import { z } from 'zod';
import { tlsSchema, transportOption, urlOption } from '../../core/server/options.js';

const standardUrl = 'http://127.0.0.1:18081';
const standardGrpcPort = '15051';
const usualGrpcPort = '50051';

function isOrigin(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { pathname, username, password } = new URL(url);
  return pathname === '/' && username === '' && password === '';
}

const originOnly = 'must be protocol, host and port only; credentials go into apiKey';

/** How a Weaviate server is reached, and how its collections are spread. */
export const weaviateOptions = z.strictObject({
  url: urlOption(['http', 'https'], standardUrl).refine(isOrigin, originOnly),
  grpcUrl: z
    .url({ protocol: /^https?$/, error: 'must be an address that begins with http:// or https://' })
    .refine(isOrigin, originOnly)
    .optional()
    .describe('where its gRPC is; port 50051 of the same host where it is left out'),
  apiKey: z.string().min(1).optional().describe('the API key'),
  tls: tlsSchema.optional(),
  transport: transportOption(['client', 'raw']),
  shards: z.int().min(1).max(1000).optional().describe('parts of a collection (desiredCount)'),
  replicationFactor: z.int().min(1).max(100).default(1).describe('copies of each part (factor)'),
  consistencyLevel: z
    .enum(['ONE', 'QUORUM', 'ALL'])
    .optional()
    .describe('how many copies answer; as the server likes where it is left out'),
  rangeIndex: z
    .boolean()
    .default(false)
    .describe('numbers that filters look at get an index for ranges too (indexRangeFilters)'),
  giveUpS: z
    .int()
    .min(1)
    .max(86_400)
    .default(1800)
    .describe('seconds without any change after which an index is no longer waited for'),
});

/** Options, checked. */
export type WeaviateOptions = z.infer<typeof weaviateOptions>;

/** The address of gRPC: as it was given, else that of the compose service, or the usual port. */
export function grpcUrlOf({ url, grpcUrl }: Pick<WeaviateOptions, 'url' | 'grpcUrl'>): string {
  if (grpcUrl !== undefined) return grpcUrl;
  const derived = new URL(url);
  derived.port = derived.origin === standardUrl ? standardGrpcPort : usualGrpcPort;
  return derived.origin;
}

/** The headers that say who asks. */
export function headersOf({ apiKey }: WeaviateOptions): Readonly<Record<string, string>> {
  return apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
}
