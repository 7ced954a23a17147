import { Agent } from 'undici';
import { chromaOptions, headersOf } from '../../../adapters/chroma/options.js';
import {
  type ClientArguments,
  type ClientCollection,
  type ClientQuery,
  loadClient,
} from '../../../adapters/chroma/package.js';
import type { CollectionRef } from '../../../adapters/chroma/transport.js';
import type { HttpRequest } from '../../../core/server/http-connections.js';
import { type BareLoadInput, type BareStore, bareLimitMs, partsOf, rowOf } from '../stores-bare.js';
import { bareHttpSearch } from '../stores-http.js';

/** More of the client than the adapter uses. */
interface FullCollection extends ClientCollection {
  add(rows: {
    readonly ids: readonly string[];
    readonly embeddings: readonly (readonly number[])[];
  }): Promise<void>;
  count(): Promise<number>;
}

interface FullClient {
  getCollection(args: { readonly name: string }): Promise<FullCollection>;
  getMaxBatchSize(): Promise<number>;
}

async function openClient(given: unknown, connections: number) {
  const options = chromaOptions.parse(given);
  const { tenant, database } = options;
  const { protocol, hostname, port } = new URL(options.url);
  const ssl = protocol === 'https:';
  const limits = { headersTimeout: bareLimitMs, bodyTimeout: bareLimitMs };
  const dispatcher = new Agent({ connections, pipelining: 1, ...limits });
  const { ChromaClient } = await loadClient();
  const Full = ChromaClient as unknown as new (args: ClientArguments) => FullClient;
  const client = new Full({
    host: hostname,
    port: port === '' ? (ssl ? 443 : 80) : Number(port),
    ssl,
    tenant,
    database,
    headers: headersOf(options),
    fetchOptions: { dispatcher },
  });
  return { client, close: () => dispatcher.destroy() };
}

function recordOf(input: BareLoadInput, part: { from: number; count: number }) {
  const rows = Array.from({ length: part.count }, (_, row) => part.from + row);
  return { ids: rows.map(String), embeddings: rows.map((row) => Array.from(rowOf(input, row))) };
}

/** Chroma by chromadb, or by undici with the same bytes as the adapter's. */
const chroma: BareStore = {
  searched: { family: 'hnsw' },
  loaded: { family: 'hnsw' },
  way: 'collection.add of chromadb, in batches of the most rows that the server takes',
  search: {
    async client({ options, handle, prepared, connections }) {
      const { client, close } = await openClient(options, connections);
      const { name } = handle as CollectionRef;
      const collection = await client.getCollection({ name });
      const queries = (prepared as readonly { readonly query: ClientQuery }[]).map(
        ({ query }) => query,
      );
      return {
        send: (_, query) => collection.query(queries[query] as ClientQuery),
        close,
      };
    },
    raw: async ({ options, prepared, connections }) =>
      bareHttpSearch(
        new URL(chromaOptions.parse(options).url).origin,
        (prepared as readonly { readonly request: HttpRequest }[]).map(({ request }) => request),
        connections,
      ),
  },
  async load(input) {
    const { client, close } = await openClient(input.options, 1);
    const { name } = input.handle as CollectionRef;
    const collection = await client.getCollection({ name });
    const most = await client.getMaxBatchSize();
    const parts = partsOf(input.rows, most).map((part) => recordOf(input, part));
    return {
      async send() {
        for (const part of parts) await collection.add(part);
      },
      stored: () => collection.count(),
      close,
    };
  },
};

export default chroma;
