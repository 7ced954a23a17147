import type { ConnectContext, Hits, SearchRequest } from '../../core/adapter.js';
import { BenchError, messageOf } from '../../core/errors.js';
import {
  connectionError,
  lostServer,
  type ServerAt,
  shownUrl,
} from '../../core/server/connection-error.js';
import { within } from '../../core/time-limit.js';
import { grpcCondition, knownCondition } from './filter.js';
import { grpcUrlOf } from './options.js';
import {
  clientVersion,
  type GrpcBatcher,
  type GrpcConnection,
  type GrpcObject,
  type GrpcResult,
  type GrpcSearch,
  type GrpcSearcher,
  type GrpcValue,
  loadClient,
} from './package.js';
import {
  hitsOf,
  type Reading,
  type Row,
  type RowAccess,
  readingOf,
  rowsOf,
  wantedProperties,
} from './rows.js';
import type { WeaviateServer } from './server.js';
import {
  type CollectionView,
  type Link,
  type Transport,
  upsertTimeoutMs,
  vectorName,
} from './transport.js';

const nsPerS = 1e9;
const singleFloat32 = 1;
const helloName = 'Bench_hello';

interface ClientSearch {
  readonly search: GrpcSearch;
  readonly reading: Reading;
}

/** What one collection is asked by. */
interface Reached {
  readonly searcher: GrpcSearcher;
  readonly batcher: GrpcBatcher;
  readonly view: CollectionView;
}

const access: RowAccess<GrpcResult> = {
  uuid: ({ metadata }) => metadata?.id ?? '',
  value: ({ properties }, property) => plainValue(properties?.nonRefProps?.fields[property]),
};

function plainValue(value: GrpcValue | undefined): unknown {
  return value?.textValue ?? value?.numberValue ?? value?.intValue ?? value?.boolValue;
}

/**
 * The official client: its gRPC connection, of which its collections are made. These would leave
 * out the time of the server, and wait a millisecond for each row that is stored.
 *
 * @throws BenchError NO_PACKAGE, UNREACHABLE, TLS_FAILED, AUTH_FAILED, TIMEOUT
 */
export async function clientLink(server: WeaviateServer, context: ConnectContext): Promise<Link> {
  const url = grpcUrlOf(server.options);
  const at: ServerAt = { ...server.at, store: 'weaviate over gRPC', url };
  const { connection } = await openConnection(server, url);
  try {
    await within(context.timeoutNs, `${at.store} at ${url}: no answer`, meet(connection, at));
  } catch (error) {
    connection.close();
    throw error;
  }
  const { consistencyLevel: level } = server.options;
  return {
    client: { name: 'weaviate-client', version: clientVersion() },
    settings: {
      connections: 1,
      requests: 'messages of gRPC, encoded by the client within the clock; one HTTP/2 connection',
    },
    async reach(view) {
      const searcher = await connection.search(view.name, level);
      const batcher = await connection.batch(view.name, level);
      return clientTransport(server, { searcher, batcher, view }, at);
    },
    close: async () => connection.close(),
  };
}

async function openConnection(server: WeaviateServer, url: string) {
  const { ConnectionGRPC } = await loadClient();
  const { apiKey } = server.options;
  const { protocol, hostname, port } = new URL(url);
  const isSecure = protocol === 'https:';
  const usualPort = isSecure ? '443' : '80';
  return ConnectionGRPC.use({
    host: server.options.url,
    headers: {},
    grpcAddress: `${hostname}:${port === '' ? usualPort : port}`,
    grpcSecure: isSecure,
    ...(apiKey !== undefined && { apiKey: { apiKey } }),
    // The harness gives a request up before; this ends it.
    timeout: { query: (2 * server.timeoutNs) / nsPerS, insert: upsertTimeoutMs / 1000 },
    skipInitChecks: true,
  });
}

/** Of a collection that nobody has the server says so, to who may ask. */
async function meet(connection: GrpcConnection, at: ServerAt): Promise<void> {
  try {
    const searcher = await connection.search(helloName);
    await searcher.withFetch({ limit: 1 });
  } catch (error) {
    if (messageOf(error).includes('could not find class')) return;
    throw connectionError(failureOf(error, at), at);
  }
}

function clientTransport(
  server: WeaviateServer,
  { searcher, batcher, view }: Reached,
  at: ServerAt,
): Transport {
  return {
    prepareUpsert: (batch) => rowsOf(batch, view).map((row) => objectOf(row, view)),
    async upsert(prepared) {
      const objects = prepared as readonly GrpcObject[];
      const { errors } = await batcher.withObjects({ objects }).catch((error: unknown) => {
        throw connectionError(failureOf(error, at), at);
      });
      const [first] = errors;
      if (first === undefined) return;
      const refused = `${errors.length} of ${objects.length} rows were refused`;
      throw server.failure(`${refused}: ${first.error}`);
    },
    prepareSearch(request): ClientSearch {
      const reading = readingOf(request, view);
      return { search: searchOf(server, request, { view, reading }), reading };
    },
    async search(prepared): Promise<Hits> {
      const { search, reading } = prepared as ClientSearch;
      const { results, took } = await searcher.withNearVector(search).catch((error: unknown) => {
        throw lostServer(failureOf(error, at), at);
      });
      return { ...hitsOf(results, reading, access), engineNs: Math.round(took * nsPerS) };
    },
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength).slice();
}

function objectOf({ uuid, vector, properties }: Row, { name }: CollectionView): GrpcObject {
  return {
    collection: name,
    uuid,
    vectors: [{ name: vectorName, vectorBytes: bytesOf(vector), type: singleFloat32 }],
    properties: { nonRefProperties: properties },
  };
}

function searchOf(
  server: WeaviateServer,
  { vector, k, filter }: SearchRequest,
  { view, reading }: { readonly view: CollectionView; readonly reading: Reading },
): GrpcSearch {
  const { vectorField, columns } = view;
  return {
    limit: k,
    nearVector: {
      vectors: [{ vectorBytes: bytesOf(vector), type: singleFloat32 }],
      ...(vectorField !== undefined && { targets: { targetVectors: [vectorField] } }),
    },
    ...(filter !== undefined && {
      filters: grpcCondition(knownCondition(server, filter, columns)),
    }),
    properties: { nonRefProperties: wantedProperties(reading), returnAllNonrefProperties: false },
    metadata: { uuid: true },
  };
}

/** Codes of the system by what the client's messages say: it leaves out what it was caused by. */
const systemCodes: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'ECONNREFUSED'],
  [/ENOTFOUND|EAI_AGAIN|Name resolution failed/, 'ENOTFOUND'],
  [/certificate|\bSSL\b|\bTLS\b/i, 'ERR_TLS'],
  [/timed out after/, 'ETIMEDOUT'],
  [/UNAVAILABLE/, 'ECONNRESET'],
];
const denied = /^extract auth|^authorization|UNAUTHENTICATED|PERMISSION_DENIED/;

/** What the client threw, as something that a person can act on, or by a code of the system. */
function failureOf(thrown: unknown, { store, url }: ServerAt): unknown {
  if (!(thrown instanceof Error) || !/^Weaviate/.test(thrown.name)) return thrown;
  const said = thrown.message.replace(/^.*?\/weaviate\.v1\.Weaviate\/\w+ (?:UNKNOWN: )?/s, '');
  const message = `${store} at ${shownUrl(url)}: ${said}`;
  if (denied.test(said) || thrown.name.includes('Permissions')) {
    return new BenchError('AUTH_FAILED', message, {
      hint: 'give the API key as options.apiKey; may its user make collections of any name?',
    });
  }
  const isLost = /UNAVAILABLE|timed out after/.test(said);
  const code = systemCodes.find(([pattern]) => isLost && pattern.test(said))?.[1];
  if (code !== undefined) return Object.assign(new Error(message, { cause: thrown }), { code });
  return new BenchError('STORE_FAILED', message, { cause: thrown });
}
