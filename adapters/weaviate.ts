import type {
  Adapter,
  CollectionSpec,
  ConnectContext,
  ExistingCollection,
  Store,
  VectorOperations,
} from '../core/adapter.js';
import { BenchError } from '../core/errors.js';
import { filterKinds } from '../core/filter.js';
import { payloadTypes } from '../core/payload.js';
import { serverProbe } from '../core/server/probe.js';
import { existingView } from './weaviate/attach.js';
import { clientLink } from './weaviate/client-link.js';
import {
  collectionNames,
  countRows,
  createCollection,
  removeCollection,
  removeRows,
  viewOf,
} from './weaviate/collection.js';
import { describeServer } from './weaviate/describe.js';
import { weaviateFamilies } from './weaviate/families.js';
import { finishCollection } from './weaviate/finish.js';
import { collectionName, leftoverPrefix } from './weaviate/names.js';
import { weaviateOptions } from './weaviate/options.js';
import { needs } from './weaviate/package.js';
import { rawLink } from './weaviate/raw-link.js';
import { WeaviateServer } from './weaviate/server.js';
import type { CollectionView, Link, Transport } from './weaviate/transport.js';

/** What another thread needs to reach a collection. */
interface Handle {
  readonly view: CollectionView;
  readonly family: string;
}

/** A collection that can be asked. */
interface Opened extends Handle {
  readonly transport: Transport;
  /** It was made here, so it is dropped here. */
  readonly spec?: CollectionSpec;
}

/** The state of one open store. */
interface State {
  readonly context: ConnectContext;
  readonly server: WeaviateServer;
  readonly link: Link;
  opened: Opened | undefined;
}

function openedOf({ opened }: State): Opened {
  if (opened === undefined) throw new BenchError('STORE_FAILED', 'weaviate: no collection is open');
  return opened;
}

function vectorOperations(state: State): VectorOperations {
  const { server } = state;
  const transport = (): Transport => openedOf(state).transport;
  const nameOf = (): string => openedOf(state).view.name;
  return {
    create: (spec) => create(state, spec),
    attach: (existing) => attach(state, existing),
    prepareUpsert: (batch) => transport().prepareUpsert(batch),
    upsert: (prepared) => transport().upsert(prepared),
    async finish() {
      const { view, family, spec } = openedOf(state);
      const { name } = view;
      const dimensions = spec?.dimensions ?? 1;
      return finishCollection({ server, name, family, dimensions, context: state.context });
    },
    count: () => countRows(server, nameOf()),
    handle(): Handle {
      const { view, family } = openedOf(state);
      return { view, family };
    },
    open: (handle) => use(state, handle as Handle),
    prepareSearch: (request) => transport().prepareSearch(request),
    search: (prepared) => transport().search(prepared),
    remove: (ids) => removeRows(server, nameOf(), ids),
    drop: () => drop(state),
  };
}

async function use(state: State, { view, family }: Handle, spec?: CollectionSpec): Promise<void> {
  const transport = await state.link.reach(view);
  state.opened = { view, family, transport, ...(spec !== undefined && { spec }) };
}

async function create(state: State, spec: CollectionSpec): Promise<void> {
  await drop(state);
  const { server, context } = state;
  const name = collectionName(context.namespace, spec.name);
  await createCollection(server, name, spec);
  const view = viewOf(name, spec.payload ?? [], server.options);
  await use(state, { view, family: spec.family }, spec);
}

async function attach(state: State, existing: ExistingCollection): Promise<void> {
  state.opened = undefined;
  const view = await existingView(state.server, existing);
  await use(state, { view, family: existing.family });
}

/** Removes what `create` made. */
async function drop(state: State): Promise<void> {
  const { opened, server } = state;
  state.opened = undefined;
  if (opened?.spec !== undefined) await removeCollection(server, opened.view.name);
}

async function leftovers({ server }: State): Promise<string[]> {
  return (await collectionNames(server)).filter((name) => name.startsWith(leftoverPrefix));
}

async function removeLeftover({ server }: State, name: string): Promise<void> {
  if (!name.startsWith(leftoverPrefix)) {
    throw new BenchError('BAD_ARGUMENT', `weaviate: ${name} does not begin with ${leftoverPrefix}`);
  }
  await removeCollection(server, name);
}

/** The official clients take no certificates: what they would leave out is refused. */
function requireUsableTls(given: unknown): void {
  const { transport, tls } = weaviateOptions.parse(given);
  if (tls === undefined || transport === 'raw') return;
  const message = `weaviate: options.tls is for transport raw only, got ${transport}`;
  throw new BenchError('BAD_TARGET', message, {
    hint: 'the official client trusts what NODE_EXTRA_CA_CERTS names; or use transport raw',
  });
}

async function connect(given: unknown, context: ConnectContext): Promise<Store> {
  requireUsableTls(given);
  const server = await WeaviateServer.connect(weaviateOptions.parse(given), context);
  try {
    const isRaw = server.options.transport === 'raw';
    const link = isRaw ? rawLink(server) : await clientLink(server, context);
    return storeOf({ context, server, link, opened: undefined });
  } catch (error) {
    await server.close();
    throw error;
  }
}

function storeOf(state: State): Store {
  const { server, link } = state;
  return {
    vectors: vectorOperations(state),
    describe: () => describeServer(server, link, state.opened),
    leftovers: () => leftovers(state),
    removeLeftover: (name) => removeLeftover(state, name),
    async close() {
      await link.close();
      await server.close();
    },
  };
}

async function ask(options: unknown, context: ConnectContext) {
  const store = await connect(options, context);
  const { version, client } = await store.describe();
  await store.close();
  return { version, detail: `${client?.name} ${client?.version}` };
}

/** A Weaviate server: by gRPC of its client, or prepared GraphQL. */
const adapter: Adapter = {
  title: 'Weaviate: flat indexes and HNSW graphs, with and without codes',
  kind: 'server',
  transports: ['client', 'raw'],
  composeService: 'weaviate',
  metrics: ['l2', 'ip', 'cosine'],
  payload: { types: payloadTypes, filters: filterKinds, returns: true },
  options: weaviateOptions,
  install: { npm: needs.npm },
  indexes: weaviateFamilies,
  abilities: ['remove', 'attach', 'leftovers'],
  tested: { against: 'store', version: '1.35.2' },
  connect,
  probe: serverProbe(ask),
};

export default adapter;
