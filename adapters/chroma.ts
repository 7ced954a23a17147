import { setTimeout as sleep } from 'node:timers/promises';
import type {
  Adapter,
  CollectionSpec,
  ConnectContext,
  ExistingCollection,
  PayloadField,
  Phase,
  Store,
  VectorOperations,
} from '../core/adapter.js';
import { nowNs } from '../core/clock.js';
import { BenchError } from '../core/errors.js';
import { filterKinds } from '../core/filter.js';
import { payloadTypes } from '../core/payload.js';
import { serverProbe } from '../core/server/probe.js';
import { nsPerS } from '../core/units.js';
import { clientTransport } from './chroma/client-transport.js';
import {
  type CollectionFacts,
  collectionName,
  collectionNames,
  createCollection,
  existingCollection,
  findCollection,
  indexingProgress,
  removeCollection,
} from './chroma/collection.js';
import { describeServer } from './chroma/describe.js';
import { chromaFamilies } from './chroma/families.js';
import { type ChromaOptions, chromaOptions } from './chroma/options.js';
import { clientVersion, needs } from './chroma/package.js';
import { rawTransport } from './chroma/raw-transport.js';
import { rowsOf } from './chroma/rows.js';
import { ChromaServer } from './chroma/server.js';
import type { CollectionRef, Transport } from './chroma/transport.js';

const lookAgainMs = 200;
const prefix = 'bench_';

/** A collection that can be asked. */
interface Opened {
  readonly ref: CollectionRef;
  readonly facts: CollectionFacts;
  readonly transport: Transport;
  readonly fields: readonly PayloadField[];
  /** It was made here, so it is dropped here. */
  readonly isOwn: boolean;
}

/** The state of one open store. */
interface State {
  readonly context: ConnectContext;
  readonly options: ChromaOptions;
  readonly server: ChromaServer;
  opened: Opened | undefined;
}

function openedOf({ opened }: State): Opened {
  if (opened === undefined) throw new BenchError('STORE_FAILED', 'chroma: no collection is open');
  return opened;
}

function vectorOperations(state: State): VectorOperations {
  const transport = (): Transport => openedOf(state).transport;
  const { server } = state;
  return {
    create: (spec) => create(state, spec),
    attach: (existing) => attach(state, existing),
    prepareUpsert(batch) {
      const { fields } = openedOf(state);
      return transport().prepareUpsert(rowsOf(batch, { fields, most: server.facts.maxBatchSize }));
    },
    upsert: (prepared) => transport().upsert(prepared),
    finish: () => finish(state),
    async count() {
      const path = `${server.collections}/${openedOf(state).ref.id}/count`;
      return Number(await server.ask('GET', path));
    },
    handle: () => openedOf(state).ref,
    open: (handle) => reach(state, handle as CollectionRef),
    prepareSearch: (request) => transport().prepareSearch([request]),
    search: (prepared) => transport().search(prepared),
    prepareSearchBatch: (requests) => transport().prepareSearch(requests),
    searchBatch: (prepared) => transport().search(prepared),
    async remove(ids) {
      const path = `${server.collections}/${openedOf(state).ref.id}/delete`;
      await server.ask('POST', path, { ids: Array.from(ids, String) });
    },
    drop: () => drop(state),
  };
}

async function create(state: State, spec: CollectionSpec): Promise<void> {
  await drop(state);
  const name = collectionName(state.context.namespace, spec.name);
  const facts = await createCollection(state.server, name, spec);
  const ref = { name, id: facts.id, isMarked: true };
  await use(state, ref, { facts, fields: spec.payload ?? [], isOwn: true });
  await openedOf(state).transport.openForRows?.();
}

async function attach(state: State, existing: ExistingCollection): Promise<void> {
  await leave(state);
  const facts = await existingCollection(state.server, existing);
  const { idField, payload: fields = [] } = existing;
  const { name, id } = facts;
  const ref = { name, id, isMarked: false, ...(idField !== undefined && { idField }) };
  await use(state, ref, { facts, fields, isOwn: false });
}

/** Reaches a collection that another store made or attached. */
async function reach(state: State, ref: CollectionRef): Promise<void> {
  await leave(state);
  const facts = await findCollection(state.server, ref.name);
  if (facts?.id !== ref.id) {
    throw new BenchError(
      'STORE_FAILED',
      `${state.server.where}: ${ref.name} is not there any more`,
    );
  }
  await use(state, ref, { facts, fields: [], isOwn: false });
}

async function use(
  state: State,
  ref: CollectionRef,
  rest: Omit<Opened, 'ref' | 'transport'>,
): Promise<void> {
  const { server, options } = state;
  const isRaw = options.transport === 'raw';
  const transport = isRaw ? rawTransport(server, ref) : await clientTransport(server, ref);
  state.opened = { ref, transport, ...rest };
}

/** A single server answers an upsert when its rows are in the graph; others tell how far it is. */
async function finish(state: State): Promise<Phase[]> {
  const { server, context } = state;
  const { id } = openedOf(state).ref;
  const beganNs = nowNs();
  let progress = await indexingProgress(server, id);
  if (progress === undefined) return [];
  while (progress !== undefined && progress < 1) {
    await sleep(lookAgainMs, undefined, { signal: context.signal });
    progress = await indexingProgress(server, id);
  }
  return [{ name: 'index', s: (nowNs() - beganNs) / nsPerS }];
}

async function leave(state: State): Promise<void> {
  const { opened } = state;
  state.opened = undefined;
  await opened?.transport.close();
}

/** Removes what `create` made, if it is what has that name now. */
async function drop(state: State): Promise<void> {
  const { opened, server } = state;
  await leave(state);
  if (opened?.isOwn !== true) return;
  const found = await findCollection(server, opened.ref.name);
  if (found?.id === opened.ref.id) await removeCollection(server, opened.ref.name);
}

async function removeLeftover({ server }: State, name: string): Promise<void> {
  if (!name.startsWith(prefix)) {
    throw new BenchError('BAD_ARGUMENT', `chroma: ${name} does not begin with ${prefix}`);
  }
  await removeCollection(server, name);
}

async function connect(given: unknown, context: ConnectContext): Promise<Store> {
  const options = chromaOptions.parse(given);
  if (options.transport === 'client') clientVersion();
  const server = await ChromaServer.connect(options, context);
  const state: State = { context, options, server, opened: undefined };
  return {
    vectors: vectorOperations(state),
    describe: async () => describeServer(server, state.opened),
    leftovers: async () =>
      (await collectionNames(server)).filter((name) => name.startsWith(prefix)),
    removeLeftover: (name) => removeLeftover(state, name),
    async close() {
      await leave(state);
      await server.close();
    },
  };
}

async function ask(options: unknown, context: ConnectContext) {
  const store = await connect(options, context);
  const { version } = await store.describe();
  await store.close();
  return { version, detail: `a server that calls itself ${version}` };
}

/** A Chroma server, by its API v2. */
const adapter: Adapter = {
  title: 'Chroma server',
  kind: 'server',
  transports: ['client', 'raw'],
  composeService: 'chroma',
  metrics: ['l2', 'ip', 'cosine'],
  payload: { types: payloadTypes, filters: filterKinds, returns: true },
  options: chromaOptions,
  install: { npm: needs.npm },
  indexes: chromaFamilies,
  abilities: ['batch', 'remove', 'attach', 'leftovers'],
  tested: { against: 'store', version: '1.5.9' },
  connect,
  probe: serverProbe(ask),
};

export default adapter;
