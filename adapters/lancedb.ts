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
import { tableOf } from './lancedb/arrow.js';
import { columnOf, LanceCollection, type LanceHandle } from './lancedb/collection.js';
import { lanceFamilies } from './lancedb/families.js';
import { loadPackages, needs, type Packages } from './lancedb/package.js';
import { type LanceSearch, prepareSearch, runSearch } from './lancedb/search.js';

// Read when the engine first computes; all that is built and searched shares these threads.
const threadsVariable = 'LANCE_CPU_THREADS';

/** The state of one open store: a table of its own, or that of another thread. */
interface State {
  readonly packages: Packages;
  spec: CollectionSpec | undefined;
  collection: LanceCollection | undefined;
}

function collectionOf({ collection }: State): LanceCollection {
  if (collection === undefined) {
    throw new BenchError('STORE_FAILED', 'lancedb: nothing was created or opened');
  }
  return collection;
}

function specOf({ spec }: State): CollectionSpec {
  if (spec === undefined) throw new BenchError('STORE_FAILED', 'lancedb: nothing was created');
  return spec;
}

function vectorOperations(state: State): VectorOperations {
  return {
    create: (spec) => create(state, spec),
    prepareUpsert: (batch) => tableOf(state.packages.arrow, batch, columnOf(specOf(state))),
    async upsert(prepared) {
      await collectionOf(state).table.add(prepared);
    },
    async finish() {
      const phases = await collectionOf(state).finish(state.packages, specOf(state));
      await collectionOf(state).requireWhole();
      return phases;
    },
    count: () => collectionOf(state).table.countRows(),
    handle: () => collectionOf(state).handle,
    async open(handle) {
      end(state);
      state.collection = await LanceCollection.open(state.packages, handle as LanceHandle);
    },
    prepareSearch: (request) => prepareSearch(collectionOf(state), [request]),
    search: (prepared) => runSearch(prepared as LanceSearch),
    prepareSearchBatch: (requests) => prepareSearch(collectionOf(state), requests),
    searchBatch: (prepared) => runSearch(prepared as LanceSearch),
    drop: async () => end(state),
  };
}

async function create(state: State, spec: CollectionSpec): Promise<void> {
  end(state);
  process.env[threadsVariable] ??= String(Math.max(spec.buildThreads, spec.searchThreads));
  state.spec = spec;
  state.collection = await LanceCollection.create(state.packages, spec);
}

function end(state: State): void {
  state.collection?.close();
  state.collection = undefined;
}

function describe({ packages }: State): StoreInfo {
  const threads = process.env[threadsVariable];
  return {
    version: packages.version,
    settings: {
      apacheArrow: packages.arrowVersion,
      ...(threads !== undefined && { lanceCpuThreads: Number(threads) }),
      storage: 'files in the folder for temporary files, merged before the index is built',
      indexInMemory: true,
    },
    warnings: [],
    pids: [],
  };
}

/** LanceDB, on a table in a folder of its own. */
const adapter: Adapter = {
  title: 'LanceDB, embedded, on local files',
  kind: 'embedded',
  inProcess: true,
  transports: ['client'],
  metrics: ['l2', 'ip', 'cosine'],
  options: z.strictObject({}),
  install: { npm: needs.npm },
  indexes: lanceFamilies,
  abilities: ['batch', 'footprint'],
  async connect(): Promise<Store> {
    const state: State = {
      packages: await loadPackages(),
      spec: undefined,
      collection: undefined,
    };
    return {
      vectors: vectorOperations(state),
      describe: async () => describe(state),
      footprint: async () => ({ diskBytes: await collectionOf(state).diskBytes() }),
      close: async () => end(state),
    };
  },
  probe: () =>
    probeHost(
      nodeEngine({ name: 'lancedb', adapterUrl: import.meta.url, options: {} }),
      ({ settings }) => [`Arrow ${settings.apacheArrow}`, `Node ${settings.node}`],
    ),
};

export default adapter;
