import type {
  Adapter,
  ConnectContext,
  SearchRequest,
  Store,
  VectorOperations,
} from '../core/adapter.js';
import { BenchError } from '../core/errors.js';
import { filterKinds } from '../core/filter.js';
import { payloadTypes } from '../core/payload.js';
import { serverProbe } from '../core/server/probe.js';
import { type CollectionView, MilvusCollection } from './milvus/collection.js';
import { describeServer } from './milvus/describe.js';
import { milvusFamilies } from './milvus/families.js';
import { dropCollection } from './milvus/making.js';
import { milvusOptions } from './milvus/options.js';
import { needs } from './milvus/package.js';
import type { PreparedQueries } from './milvus/search.js';
import { MilvusServer } from './milvus/server.js';

const leftoverPrefix = 'bench_';

/** The state of one open store. */
interface State {
  readonly server: MilvusServer;
  collection: MilvusCollection | undefined;
}

function collectionOf({ collection }: State): MilvusCollection {
  if (collection !== undefined) return collection;
  throw new BenchError('STORE_FAILED', 'milvus: no collection is open');
}

function vectorOperations(state: State): VectorOperations {
  const { server } = state;
  const prepare = (requests: readonly SearchRequest[]) => collectionOf(state).prepare(requests);
  const search: VectorOperations['search'] = (prepared) =>
    collectionOf(state).search(prepared as PreparedQueries);
  const drop = async (): Promise<void> => {
    const { collection } = state;
    state.collection = undefined;
    await collection?.drop();
  };
  return {
    async create(spec) {
      await drop();
      state.collection = await MilvusCollection.create(server, spec);
    },
    async attach(existing) {
      state.collection = await MilvusCollection.attach(server, existing);
    },
    prepareUpsert: (batch) => collectionOf(state).prepareUpsert(batch),
    upsert: (prepared) => collectionOf(state).insert(prepared as readonly object[]),
    finish: () => collectionOf(state).finish(),
    count: () => collectionOf(state).count(),
    handle: () => collectionOf(state).view,
    async open(handle) {
      const collection = new MilvusCollection(server, handle as CollectionView);
      await collection.meet();
      state.collection = collection;
    },
    prepareSearch: (request) => prepare([request]),
    search,
    prepareSearchBatch: prepare,
    searchBatch: search,
    remove: (ids) => collectionOf(state).remove(ids),
    drop,
  };
}

async function leftovers(server: MilvusServer): Promise<readonly string[]> {
  const { data } = await server.ask('list collections', (client) => client.listCollections());
  return data.map(({ name }) => name).filter((name) => name.startsWith(leftoverPrefix));
}

async function removeLeftover(server: MilvusServer, name: string): Promise<void> {
  if (name.startsWith(leftoverPrefix)) return dropCollection(server, name);
  throw new BenchError('BAD_ARGUMENT', `milvus: ${name} does not begin with ${leftoverPrefix}`);
}

async function connect(given: unknown, context: ConnectContext): Promise<Store> {
  const server = await MilvusServer.connect(milvusOptions.parse(given), context);
  const state: State = { server, collection: undefined };
  return {
    vectors: vectorOperations(state),
    describe: () => describeServer(server, state.collection),
    leftovers: () => leftovers(server),
    removeLeftover: (name) => removeLeftover(server, name),
    close: () => server.close(),
  };
}

async function ask(given: unknown, context: ConnectContext) {
  const server = await MilvusServer.connect(milvusOptions.parse(given), context);
  const { version } = server.parts;
  await server.close();
  return { version, detail: `Milvus ${version}` };
}

/** A Milvus server, by its official client. */
const adapter: Adapter = {
  title: 'Milvus server',
  kind: 'server',
  transports: ['client'],
  composeService: 'milvus',
  metrics: ['l2', 'ip', 'cosine'],
  payload: { types: payloadTypes, filters: filterKinds, returns: true },
  options: milvusOptions,
  install: { npm: needs.npm },
  indexes: milvusFamilies,
  abilities: ['batch', 'remove', 'attach', 'leftovers'],
  tested: { against: 'store', version: '2.3.5' },
  connect,
  probe: serverProbe(ask),
};

export default adapter;
