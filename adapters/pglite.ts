import { z } from 'zod';
import type {
  Adapter,
  CollectionSpec,
  Store,
  StoreInfo,
  VectorOperations,
} from '../core/adapter.js';
import { BenchError } from '../core/errors.js';
import { probeHost } from '../core/host/hosted-store.js';
import { nodeEngine } from '../core/host/node/launch.js';
import { encodeCopy } from './pglite/binary.js';
import { type DatabaseOptions, PgCollection, type PgSearch } from './pglite/collection.js';
import { pgvectorFamilies } from './pglite/families.js';
import { loadPackages, needs, type Packages } from './pglite/package.js';

const optionsSchema = z.strictObject({
  maintenanceWorkMemMb: z
    .int()
    .min(1)
    .max(1024)
    .default(512)
    .describe('memory of an index that is being built; a graph that does not fit is built slowly'),
});

/** The state of one open store. */
interface State {
  readonly packages: Packages;
  readonly options: DatabaseOptions;
  collection: PgCollection | undefined;
}

function collectionOf({ collection }: State): PgCollection {
  if (collection === undefined) throw new BenchError('STORE_FAILED', 'pglite: nothing was created');
  return collection;
}

function vectorOperations(state: State): VectorOperations {
  return {
    create: (spec) => create(state, spec),
    prepareUpsert: (batch) => new Blob([encodeCopy(batch, collectionOf(state).table.type)]),
    upsert: (prepared) => collectionOf(state).copy(prepared as Blob),
    finish: () => collectionOf(state).finish(),
    count: () => collectionOf(state).count(),
    handle: () => undefined,
    async open() {
      throw new BenchError('UNSUPPORTED', 'pglite: a database works in the thread that made it');
    },
    prepareSearch: (request) => collectionOf(state).prepare([request]),
    search: async (prepared) => collectionOf(state).search(prepared as PgSearch),
    prepareSearchBatch: (requests) => collectionOf(state).prepare(requests),
    searchBatch: async (prepared) => collectionOf(state).search(prepared as PgSearch),
    drop: () => end(state),
  };
}

async function create(state: State, spec: CollectionSpec): Promise<void> {
  await end(state);
  state.collection = await PgCollection.create(state.packages, spec, state.options);
}

async function end(state: State): Promise<void> {
  const { collection } = state;
  state.collection = undefined;
  await collection?.close();
}

async function describe({ packages, collection }: State): Promise<StoreInfo> {
  return {
    version: packages.version,
    settings: {
      ...(await collection?.settings()),
      callsInFlight: 1,
      files: 'in memory',
      statements: 'prepared, binary parameters and answers; a batch goes as one pipeline',
    },
    warnings: [],
    pids: [],
  };
}

/** PostgreSQL with pgvector as WebAssembly; its calls block: one statement at a time. */
const adapter: Adapter = {
  title: 'PGlite: PostgreSQL with pgvector, as WebAssembly',
  kind: 'embedded',
  transports: ['client'],
  metrics: ['l2', 'ip', 'cosine'],
  options: optionsSchema,
  install: { npm: needs.npm },
  indexes: pgvectorFamilies,
  abilities: ['batch', 'footprint'],
  async connect(options): Promise<Store> {
    const state: State = {
      packages: await loadPackages(),
      options: optionsSchema.parse(options),
      collection: undefined,
    };
    return {
      vectors: vectorOperations(state),
      describe: () => describe(state),
      footprint: async () => ({ engineBytes: await collectionOf(state).bytes() }),
      close: () => end(state),
    };
  },
  probe: () =>
    probeHost(
      nodeEngine({ name: 'pglite', adapterUrl: import.meta.url, options: {} }),
      ({ settings }) => ['with pgvector', `Node ${settings.node}`],
    ),
};

export default adapter;
