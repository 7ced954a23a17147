import { z } from 'zod';
import type {
  Adapter,
  CollectionSpec,
  Hits,
  Metric,
  SearchRequest,
  Store,
  StoreInfo,
  VectorBatch,
  VectorOperations,
} from '../core/adapter.js';
import { BenchError } from '../core/errors.js';
import { probeHost } from '../core/host/hosted-store.js';
import { nodeEngine } from '../core/host/node/launch.js';
import { type Addition, type Collection, keysOf, type Queries } from './usearch/collection.js';
import { usearchFamilies } from './usearch/families.js';
import { createFlat, type FlatHandle, openFlat } from './usearch/flat.js';
import { createGraph, type GraphHandle, openGraph } from './usearch/graph.js';
import { describeUsearch, loadUsearch, needs, type Usearch } from './usearch/package.js';

const metrics = { l2: 'l2sq', ip: 'ip', cosine: 'cos' } as const satisfies Record<Metric, string>;

/** The state of one open store. */
interface State {
  readonly usearch: Usearch;
  readonly version: string;
  readonly settings: StoreInfo['settings'];
  collection: Collection | undefined;
}

function collectionOf({ collection }: State): Collection {
  if (collection === undefined) {
    throw new BenchError('STORE_FAILED', 'usearch: nothing was created or opened');
  }
  return collection;
}

function vectorOperations(state: State): VectorOperations {
  const search = async (prepared: unknown): Promise<Hits> => {
    return { ids: collectionOf(state).search(prepared as Queries) };
  };
  return {
    create: async (spec) => {
      end(state);
      state.collection = create(state.usearch, spec);
    },
    prepareUpsert: (batch) => prepareUpsert(collectionOf(state), batch),
    upsert: async (prepared) => collectionOf(state).add(prepared as Addition),
    finish: async () => [],
    count: async () => collectionOf(state).count(),
    handle: () => collectionOf(state).handle(),
    open: async (handle) => {
      end(state);
      state.collection = open(state.usearch, handle as FlatHandle | GraphHandle);
    },
    prepareSearch: (request) => prepareSearch([request]),
    search,
    prepareSearchBatch: prepareSearch,
    searchBatch: search,
    drop: async () => end(state),
  };
}

function create(usearch: Usearch, spec: CollectionSpec): Collection {
  const make = spec.family === 'flat' ? createFlat : createGraph;
  return make(usearch, spec, metrics[spec.metric]);
}

function open(usearch: Usearch, handle: FlatHandle | GraphHandle): Collection {
  return handle.kind === 'flat' ? openFlat(usearch, handle) : openGraph(usearch, handle);
}

function prepareUpsert(collection: Collection, batch: VectorBatch): Addition {
  collection.check(batch);
  return { ids: batch.ids, keys: keysOf(batch.ids), rows: batch.vectors as Float32Array };
}

/** Queries in a buffer of their own, which the exact search reads from its beginning. */
function prepareSearch(requests: readonly SearchRequest[]): Queries {
  const [first] = requests;
  if (first === undefined) throw new BenchError('BAD_ARGUMENT', 'usearch: a batch of no queries');
  const vectors = new Float32Array(requests.length * first.vector.length);
  for (const [index, { vector }] of requests.entries()) vectors.set(vector, index * vector.length);
  const { k, params } = first;
  return { vectors, count: requests.length, k, efSearch: Number(params.efSearch ?? 1) };
}

function end(state: State): void {
  state.collection?.close();
  state.collection = undefined;
}

/** usearch, whose calls do not come back before they are done: one is in flight. */
const adapter: Adapter = {
  title: 'usearch (Unum)',
  kind: 'embedded',
  inProcess: true,
  transports: ['client'],
  metrics: ['l2', 'ip', 'cosine'],
  options: z.strictObject({}),
  install: { npm: needs.npm },
  indexes: usearchFamilies,
  abilities: ['batch', 'footprint'],
  async connect(): Promise<Store> {
    const usearch = await loadUsearch();
    const { version, simd } = await describeUsearch();
    const settings = {
      ...(simd !== undefined && { simd }),
      callsInFlight: 1,
      efSearch: 'the rows that a call asks for, cut to k',
    };
    const state: State = { usearch, version, settings, collection: undefined };
    return {
      vectors: vectorOperations(state),
      describe: async () => ({ version, settings, warnings: [], pids: [] }),
      footprint: async () => ({ engineBytes: collectionOf(state).bytes() }),
      close: async () => end(state),
    };
  },
  probe: () =>
    probeHost(
      nodeEngine({ name: 'usearch', adapterUrl: import.meta.url, options: {} }),
      ({ settings }) => [`SIMD ${settings.simd ?? 'not told'}`, `Node ${settings.node}`],
    ),
};

export default adapter;
