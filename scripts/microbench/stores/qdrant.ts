import type { CollectionView } from '../../../adapters/qdrant/bodies.js';
import { clientOptions } from '../../../adapters/qdrant/client.js';
import { credentialsOf, grpcUrlOf, optionsSchema } from '../../../adapters/qdrant/options.js';
import { loadGrpc, loadRest, type RestApi } from '../../../adapters/qdrant/package.js';
import type { HttpRequest } from '../../../core/server/http-connections.js';
import { type BareLoadInput, type BareStore, bareLimitMs, partsOf, rowOf } from '../stores-bare.js';
import { bareHttpSearch } from '../stores-http.js';

// Of its documentation on bulk upload: "64-256 points per batch", "two to four concurrent threads".
const batchRows = 256;
const streams = 4;

function clientSettings(given: unknown, connections: number) {
  const options = optionsSchema.parse(given);
  const { url } = options;
  return {
    options,
    settings: { url, connections, timeoutNs: bareLimitMs * 1e6, headers: credentialsOf(options) },
  };
}

async function openRest(given: unknown, connections: number): Promise<RestApi> {
  const { settings } = clientSettings(given, connections);
  const { loaded } = await loadRest();
  return new loaded.QdrantClient({
    ...clientOptions(settings),
    maxConnections: connections,
  }).api();
}

/** The requests that the adapter prepared, as its transport sends them. */
function requestsOf<T>(prepared: readonly unknown[]): readonly T[] {
  return (prepared as readonly { readonly sent: { readonly request: T } }[]).map(
    ({ sent }) => sent.request,
  );
}

function upsertOf(input: BareLoadInput, part: { from: number; count: number }): object {
  const { name } = input.handle as CollectionView;
  const points = Array.from({ length: part.count }, (_, index) => {
    const id = part.from + index;
    return { id, vector: Array.from(rowOf(input, id)) };
  });
  return { collection_name: name, wait: true, points };
}

// Neither client has a way to close its connections; they end by themselves.
const close = async (): Promise<void> => undefined;

/** Qdrant by its clients, or by undici with the same bytes as the adapter's. */
const qdrant: BareStore = {
  searched: { family: 'hnsw', params: { M: 16, efConstruction: 100 } },
  loaded: { family: 'flat' },
  way: `upsert of @qdrant/js-client-rest, ${batchRows} points, ${streams} in flight`,
  search: {
    async client({ options, prepared, connections }) {
      const api = await openRest(options, connections);
      const requests = requestsOf<object>(prepared);
      return { send: (_, query) => api.queryPoints(requests[query] as object), close };
    },
    async grpc({ options: given, prepared, connections }) {
      const { options, settings } = clientSettings(given, connections);
      const { loaded } = await loadGrpc();
      const { grpcCompression: compression } = options;
      const at = { ...clientOptions({ ...settings, url: grpcUrlOf(options) }), compression };
      const points = new loaded.QdrantClient(at).api('points');
      const requests = requestsOf<object>(prepared);
      return { send: (_, query) => points.query(requests[query] as object), close };
    },
    raw: async ({ options, prepared, connections }) =>
      bareHttpSearch(
        new URL(optionsSchema.parse(options).url).origin,
        requestsOf<HttpRequest>(prepared),
        connections,
      ),
  },
  async load(input) {
    const api = await openRest(input.options, streams);
    const parts = partsOf(input.rows, batchRows).map((part) => upsertOf(input, part));
    let stored = 0;
    const stream = async (first: number): Promise<void> => {
      for (let at = first; at < parts.length; at += streams) {
        await api.upsertPoints(parts[at] as object);
        stored += Math.min(batchRows, input.rows - at * batchRows);
      }
    };
    return {
      send: async () => {
        await Promise.all(Array.from({ length: streams }, (_, first) => stream(first)));
      },
      stored: async () => stored,
      close,
    };
  },
};

export default qdrant;
