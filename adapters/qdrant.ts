import type {
  Adapter,
  ConnectContext,
  SearchRequest,
  Store,
  StoreInfo,
  VectorOperations,
} from '../core/adapter.js';
import { BenchError } from '../core/errors.js';
import { filterKinds } from '../core/filter.js';
import { payloadTypes } from '../core/payload.js';
import { connectionError } from '../core/server/connection-error.js';
import { nodeTls } from '../core/server/options.js';
import { serverProbe } from '../core/server/probe.js';
import { Api } from './qdrant/api.js';
import type { CollectionView } from './qdrant/bodies.js';
import { clientTransport } from './qdrant/client.js';
import { type PreparedQueries, QdrantCollection, type Ways } from './qdrant/collection.js';
import { serverFamilies } from './qdrant/families.js';
import { grpcTransport } from './qdrant/grpc.js';
import { credentialsOf, grpcUrlOf, optionsSchema, type QdrantOptions } from './qdrant/options.js';
import { loadGrpc, loadRest, needs } from './qdrant/package.js';
import { rawTransport } from './qdrant/raw.js';
import type { Transport } from './qdrant/transport.js';
import { Wire, type WireOptions } from './qdrant/wire.js';

const leftoverPrefix = 'bench_';

/** The state of one open store. */
interface State {
  readonly ways: Ways;
  readonly options: QdrantOptions;
  readonly version: string;
  collection: QdrantCollection | undefined;
}

function collectionOf({ collection }: State): QdrantCollection {
  if (collection === undefined) throw new BenchError('STORE_FAILED', 'qdrant: nothing was created');
  return collection;
}

function vectorOperations(state: State): VectorOperations {
  const prepare = (requests: readonly SearchRequest[]) => collectionOf(state).prepare(requests);
  const search: VectorOperations['search'] = (prepared) =>
    collectionOf(state).search(prepared as PreparedQueries);
  return {
    async create(spec) {
      state.collection = await QdrantCollection.create(state.ways, spec);
    },
    async attach(existing) {
      state.collection = await QdrantCollection.attach(state.ways, existing);
    },
    prepareUpsert: (batch) => collectionOf(state).prepareUpsert(batch),
    upsert: (prepared) => state.ways.transport.upsert(prepared),
    finish: () => collectionOf(state).finish(),
    count: () => collectionOf(state).count(),
    handle: () => collectionOf(state).view,
    async open(handle) {
      state.collection = new QdrantCollection(state.ways, handle as CollectionView);
    },
    prepareSearch: (request) => prepare([request]),
    search,
    prepareSearchBatch: prepare,
    searchBatch: search,
    remove: (ids) => collectionOf(state).remove(ids),
    async drop() {
      await state.collection?.drop();
      state.collection = undefined;
    },
  };
}

async function describe({ ways, options, version, collection }: State): Promise<StoreInfo> {
  const { client, settings } = ways.transport;
  const about = await collection?.describe();
  return {
    version,
    client,
    settings: {
      transport: options.transport,
      connections: options.transport === 'grpc' ? 1 : ways.context.connections,
      ...settings,
      ...about?.settings,
      upsertWaits: true,
      vectorDigits: 9,
    },
    warnings: about?.warnings ?? [],
    pids: [],
  };
}

async function openTransport(options: QdrantOptions, wire: WireOptions): Promise<Transport> {
  const { url, headers, timeoutNs } = wire;
  // The harness gives a request up before; this frees its connection.
  const givenUpNs = 2 * timeoutNs;
  const client = { url, connections: wire.count, timeoutNs: givenUpNs, headers };
  if (options.transport === 'raw') return rawTransport({ ...wire, timeoutNs: givenUpNs });
  if (options.transport === 'client') return clientTransport(client);
  const grpcUrl = grpcUrlOf(options);
  return grpcTransport({ ...client, url: grpcUrl, compression: options.grpcCompression });
}

/** The official clients take no certificates: what they would leave out is refused. */
function requireUsableTls({ transport, tls }: QdrantOptions): void {
  if (tls === undefined || transport === 'raw') return;
  const message = `qdrant: options.tls is for transport raw only, got ${transport}`;
  throw new BenchError('BAD_TARGET', message, {
    hint: 'the official clients trust what NODE_EXTRA_CA_CERTS names; or use transport raw',
  });
}

function wireOptions(options: QdrantOptions, context: ConnectContext): WireOptions {
  return {
    url: options.url,
    count: context.connections,
    timeoutNs: context.timeoutNs,
    tls: nodeTls('qdrant', options.tls ?? {}),
    headers: credentialsOf(options),
  };
}

async function connect(given: unknown, context: ConnectContext): Promise<Store> {
  const options = optionsSchema.parse(given);
  requireUsableTls(options);
  const wire = wireOptions(options, context);
  const api = new Api(await Wire.make({ ...wire, count: 1 }));
  try {
    const version = await api.hello();
    const transport = await openTransport(options, wire);
    const ways: Ways = { api, transport, context, giveUpS: options.giveUpS };
    return storeOf({ ways, options, version, collection: undefined });
  } catch (error) {
    await api.close();
    throw connectionError(error, { store: 'qdrant', url: options.url, service: 'qdrant' });
  }
}

function storeOf(state: State): Store {
  const { api, transport } = state.ways;
  return {
    vectors: vectorOperations(state),
    describe: () => describe(state),
    async leftovers() {
      return (await api.collections()).filter((name) => name.startsWith(leftoverPrefix));
    },
    async removeLeftover(name) {
      if (name.startsWith(leftoverPrefix)) await api.drop(name);
    },
    async close() {
      await transport.close();
      await api.close();
    },
  };
}

async function ask(given: unknown, context: ConnectContext) {
  const options = optionsSchema.parse(given);
  requireUsableTls(options);
  if (options.transport === 'client') await loadRest();
  if (options.transport === 'grpc') await loadGrpc();
  const api = new Api(await Wire.make(wireOptions(options, context)));
  try {
    const version = await api.hello();
    return { version, detail: `Qdrant ${version}, transport ${options.transport}` };
  } finally {
    await api.close();
  }
}

/** A Qdrant server: by its REST client, its gRPC client, or prepared JSON. */
const adapter: Adapter = {
  title: 'Qdrant server',
  kind: 'server',
  transports: ['client', 'raw', 'grpc'],
  composeService: 'qdrant',
  metrics: ['l2', 'ip', 'cosine'],
  payload: { types: payloadTypes, filters: filterKinds, returns: true },
  options: optionsSchema,
  install: { npm: needs.npm },
  indexes: serverFamilies,
  abilities: ['batch', 'remove', 'attach', 'leftovers'],
  tested: { against: 'double', version: '1.18.3' },
  connect,
  probe: serverProbe(ask),
};

export default adapter;
