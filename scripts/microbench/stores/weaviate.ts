import { uuidOf } from '../../../adapters/weaviate/names.js';
import { grpcUrlOf, weaviateOptions } from '../../../adapters/weaviate/options.js';
import { type GrpcSearch, loadClient, needs } from '../../../adapters/weaviate/package.js';
import { type CollectionView, vectorName } from '../../../adapters/weaviate/transport.js';
import { importOptional } from '../../../core/optional-package.js';
import type { HttpRequest } from '../../../core/server/http-connections.js';
import { type BareLoadInput, type BareStore, bareLimitMs, partsOf, rowOf } from '../stores-bare.js';
import { bareHttpSearch } from '../stores-http.js';

/** Of the example of its documentation on imports by the client: "e.g., 100 objects". */
const batchRows = 100;

interface Inserted {
  readonly hasErrors: boolean;
  readonly errors: Readonly<Record<string, { readonly message: string }>>;
}

interface InsertedRow {
  readonly id: string;
  readonly vectors: Readonly<Record<string, readonly number[]>>;
  readonly properties: object;
}

/** The part of the client that people use to store rows. */
interface FullClient {
  readonly collections: {
    use(name: string): {
      readonly data: { insertMany(rows: readonly InsertedRow[]): Promise<Inserted> };
    };
  };
  close(): Promise<void>;
}

interface FullPackage {
  readonly default: { connectToCustom(args: object): Promise<FullClient> };
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

async function openFull(given: unknown): Promise<FullClient> {
  const options = weaviateOptions.parse(given);
  const [rest, grpc] = [new URL(options.url), new URL(grpcUrlOf(options))];
  const [spec = ''] = needs.npm;
  const loaded = await importOptional<FullPackage>(spec, needs);
  return loaded.default.connectToCustom({
    httpHost: rest.hostname,
    httpPort: portOf(rest),
    httpSecure: rest.protocol === 'https:',
    grpcHost: grpc.hostname,
    grpcPort: portOf(grpc),
    grpcSecure: grpc.protocol === 'https:',
    skipInitChecks: true,
    timeout: { query: bareLimitMs / 1000, insert: bareLimitMs / 1000, init: 10 },
  });
}

function rowsIn(input: BareLoadInput, part: { from: number; count: number }): InsertedRow[] {
  return Array.from({ length: part.count }, (_, index) => {
    const row = part.from + index;
    const vectors = { [vectorName]: Array.from(rowOf(input, row)) };
    return { id: uuidOf(row), vectors, properties: {} };
  });
}

function nameIn(handle: unknown): string {
  return (handle as { readonly view: CollectionView }).view.name;
}

/** Weaviate by its client's gRPC, or by undici with the same bytes as the adapter's. */
const weaviate: BareStore = {
  searched: { family: 'hnsw' },
  loaded: { family: 'flat' },
  way: `data.insertMany of weaviate-client (gRPC), in batches of ${batchRows}`,
  search: {
    async client({ options, handle, prepared }) {
      const { ConnectionGRPC } = await loadClient();
      const checked = weaviateOptions.parse(options);
      const { hostname, port, protocol } = new URL(grpcUrlOf(checked));
      const { connection } = ConnectionGRPC.use({
        host: checked.url,
        headers: {},
        grpcAddress: `${hostname}:${port}`,
        grpcSecure: protocol === 'https:',
        ...(checked.apiKey !== undefined && { apiKey: { apiKey: checked.apiKey } }),
        timeout: { query: bareLimitMs / 1000, insert: bareLimitMs / 1000 },
        skipInitChecks: true,
      });
      const searcher = await connection.search(nameIn(handle));
      const searches = (prepared as readonly { readonly search: GrpcSearch }[]).map(
        ({ search }) => search,
      );
      return {
        send: (_, query) => searcher.withNearVector(searches[query] as GrpcSearch),
        close: async () => connection.close(),
      };
    },
    raw: async ({ options, prepared, connections }) =>
      bareHttpSearch(
        new URL(weaviateOptions.parse(options).url).origin,
        (prepared as readonly { readonly request: HttpRequest }[]).map(({ request }) => request),
        connections,
      ),
  },
  async load(input) {
    const client = await openFull(input.options);
    const { data } = client.collections.use(nameIn(input.handle));
    const parts = partsOf(input.rows, batchRows).map((part) => rowsIn(input, part));
    let stored = 0;
    return {
      async send() {
        for (const part of parts) {
          const { hasErrors, errors } = await data.insertMany(part);
          if (hasErrors) throw new Error(Object.values(errors)[0]?.message ?? 'refused');
          stored += part.length;
        }
      },
      stored: async () => stored,
      close: () => client.close(),
    };
  },
};

export default weaviate;
