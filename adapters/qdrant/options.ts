import { z } from 'zod';
import { tlsSchema, transportOption, urlOption } from '../../core/server/options.js';

/** What a target of Qdrant may say. */
export const optionsSchema = z.strictObject({
  url: urlOption(['http', 'https'], 'http://127.0.0.1:16333'),
  grpcUrl: z
    .url({ protocol: /^https?$/, error: 'must be an address that begins with http:// or https://' })
    .optional()
    .describe('where its gRPC is; one port above url where it is left out'),
  apiKey: z.string().min(1).optional().describe('the API key'),
  tls: tlsSchema.optional(),
  transport: transportOption(['client', 'raw', 'grpc']),
  grpcCompression: z
    .boolean()
    .default(true)
    .describe('whether gRPC goes through gzip, as its client does by default'),
  giveUpS: z
    .int()
    .min(1)
    .max(86_400)
    .default(1800)
    .describe('seconds without any change after which an index is no longer waited for'),
});

/** What a target of Qdrant says. */
export type QdrantOptions = z.infer<typeof optionsSchema>;

/** The address of gRPC: as it was given, else one port above that of REST. */
export function grpcUrlOf({ url, grpcUrl }: QdrantOptions): string {
  if (grpcUrl !== undefined) return grpcUrl;
  const derived = new URL(url);
  derived.port = derived.port === '' ? '6334' : String(Number(derived.port) + 1);
  return derived.origin;
}

/** The headers that say who asks. */
export function credentialsOf({ apiKey }: QdrantOptions): Readonly<Record<string, string>> {
  return apiKey === undefined ? {} : { 'api-key': apiKey };
}
