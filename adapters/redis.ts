import type { Adapter, ConnectContext, Store, VectorOperations } from '../core/adapter.js';
import { serverProbe } from '../core/server/probe.js';
import { nsPerMs } from '../core/units.js';
import { Connections } from './redis/connections.js';
import { describe } from './redis/describe.js';
import { searchFamilies, vectorSetFamilies } from './redis/families.js';
import { leftoverNames, removeLeftover } from './redis/leftovers.js';
import { clientOptions, optionsSchema, parseOptions } from './redis/options.js';
import { loadPackage, needs } from './redis/package.js';
import { SearchIndexes } from './redis/search-module.js';
import {
  type Collections,
  type RedisSearch,
  type RedisUpsert,
  type Server,
  serverVersion,
} from './redis/server.js';
import { VectorSets } from './redis/vectorset.js';

async function openServer(given: unknown, context: ConnectContext): Promise<Server> {
  const options = parseOptions(given);
  const loaded = await loadPackage();
  const { timeoutNs } = context;
  const connections = await Connections.open(loaded, {
    count: options.connections === 'one' ? 1 : Math.max(1, context.connections),
    timeoutNs,
    url: options.url,
    client: clientOptions(options, Math.ceil(timeoutNs / nsPerMs)),
  });
  try {
    const found = await serverVersion(connections);
    return { ...found, options, context, connections, clientVersion: loaded.version };
  } catch (error) {
    connections.close();
    throw error;
  }
}

function collectionsOf(server: Server): Collections {
  return server.options.index === 'search' ? new SearchIndexes(server) : new VectorSets(server);
}

function vectorOperations(collections: Collections): VectorOperations {
  return {
    create: (spec) => collections.create(spec),
    attach: (existing) => collections.attach(existing),
    prepareUpsert: (batch) => collections.prepareUpsert(batch),
    upsert: (prepared) => collections.upsert(prepared as RedisUpsert),
    finish: () => collections.finish(),
    count: () => collections.count(),
    handle: () => collections.handle(),
    open: async (handle) => collections.open(handle),
    prepareSearch: (request) => collections.prepareSearch(request),
    search: (prepared) => collections.search(prepared as RedisSearch),
    prepareSearchBatch: (requests) => requests.map((one) => collections.prepareSearch(one)),
    searchBatch: (prepared) => collections.searchBatch(prepared as RedisSearch[]),
    drop: () => collections.drop(),
  };
}

async function ask(options: unknown, context: ConnectContext) {
  const server = await openServer(options, context);
  server.connections.close();
  const { name, version, clientVersion } = server;
  return { version: `${name} ${version}`, detail: `ioredis ${clientVersion}` };
}

/** Redis 8: vector sets, or indexes of the search module. */
const adapter: Adapter = {
  title: 'Redis: vector sets',
  kind: 'server',
  transports: ['client'],
  composeService: 'redis',
  metrics: ['cosine'],
  payload: {
    types: ['category', 'integer', 'float', 'boolean', 'text'],
    filters: ['equals', 'in', 'range', 'and', 'or', 'not'],
    returns: true,
  },
  options: optionsSchema,
  install: { npm: needs.npm },
  indexes: vectorSetFamilies,
  abilities: ['batch', 'attach', 'footprint', 'leftovers'],
  tested: { against: 'store', version: '8.0.2' },
  variants: [
    {
      options: { index: 'search' },
      title: 'Redis: indexes of the search module',
      composeService: 'redis-search',
      metrics: ['l2', 'ip', 'cosine'],
      indexes: searchFamilies,
      tested: { against: 'form' },
    },
  ],
  async connect(options, context): Promise<Store> {
    const server = await openServer(options, context);
    const collections = collectionsOf(server);
    const { connections } = server;
    return {
      vectors: vectorOperations(collections),
      describe: () => describe(server, collections),
      footprint: async () => {
        const engineBytes = await collections.bytes();
        return engineBytes === undefined ? {} : { engineBytes };
      },
      leftovers: () => leftoverNames(connections),
      removeLeftover: (name) => removeLeftover(connections, name),
      close: async () => connections.close(),
    };
  },
  probe: serverProbe(ask),
};

export default adapter;
