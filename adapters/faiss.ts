import { z } from 'zod';
import type {
  Adapter,
  CollectionSpec,
  ConnectContext,
  Footprint,
  Hits,
  Phase,
  Prepared,
  Probe,
  SearchRequest,
  Store,
  StoreInfo,
  VectorBatch,
  VectorOperations,
} from '../core/adapter.js';
import { BenchError } from '../core/errors.js';
import { HostProcess } from '../core/host/client.js';
import {
  decodeHits,
  encodeCreate,
  encodePlain,
  encodeSearch,
  encodeTrain,
  encodeUpsert,
} from '../core/host/protocol.js';
import { findPython, pythonHostArgs } from '../core/host/python.js';
import { type HostAddress, HostSlots } from '../core/host/slots.js';
import { faissFamilies, needsTraining } from './faiss/families.js';

const startLimitMs = 60_000;
const question = { limitMs: 600_000 };
// Training and adding may take hours, but not without computing.
const building = { limitMs: 604_800_000, idleMs: 120_000 };

/** FAISS in a Python engine host: one process a build, reached over a Unix socket. */
const adapter: Adapter = {
  title: 'FAISS (Meta), in a Python engine host',
  kind: 'embedded',
  transports: ['client'],
  metrics: ['l2', 'ip'],
  options: z.strictObject({}),
  indexes: faissFamilies,
  connect: async (_options, context) => openStore(context),
  probe,
};

export default adapter;

/** What `create` left behind: the host, and what its engine made of the spec. */
interface Build {
  readonly host: HostProcess;
  readonly spec: CollectionSpec;
  readonly trained: boolean;
  readonly settings: StoreInfo['settings'];
}

/** The state of one open store: a build of its own, or slots to one that another thread made. */
interface State {
  readonly context: ConnectContext;
  build: Build | undefined;
  slots: HostSlots | undefined;
}

function openStore(context: ConnectContext): Store {
  const state: State = { context, build: undefined, slots: undefined };
  return {
    vectors: { ...buildingOf(state), ...searchingOf(state), drop: () => end(state) },
    describe: () => describe(state),
    footprint: () => footprint(state),
    close: () => end(state),
  };
}

type Building = 'create' | 'train' | 'prepareUpsert' | 'upsert' | 'finish' | 'count' | 'handle';

function buildingOf(state: State): Pick<VectorOperations, Building> {
  return {
    create: (spec) => create(state, spec),
    async train(sample) {
      const build = buildOf(state);
      if (build.trained || needsTraining(build.spec.family) === false) return;
      await build.host.call(encodeTrain(sample), building);
    },
    prepareUpsert: (batch: VectorBatch) => encodeUpsert(batch.ids, batch.vectors),
    async upsert(prepared: Prepared) {
      await buildOf(state).host.call(prepared as Buffer[], building);
    },
    async finish() {
      const reply = await buildOf(state).host.call(encodePlain('finish'), building);
      return (reply as { phases: Phase[] }).phases;
    },
    async count() {
      const reply = await buildOf(state).host.call(encodePlain('count'), question);
      return (reply as { count: number }).count;
    },
    handle: () => buildOf(state).host.address,
  };
}

type Searching = 'open' | 'prepareSearch' | 'search' | 'prepareSearchBatch' | 'searchBatch';

function searchingOf(state: State): Pick<VectorOperations, Searching> {
  return {
    async open(handle) {
      state.slots?.close();
      state.slots = new HostSlots(handle as HostAddress, state.context.timeoutNs);
      await state.slots.open(state.context.connections);
    },
    prepareSearch: (request) => prepare([request]),
    search: (prepared) => search(state, prepared),
    prepareSearchBatch: prepare,
    searchBatch: (prepared) => search(state, prepared),
  };
}

async function create(state: State, spec: CollectionSpec): Promise<void> {
  await end(state);
  const threads = Math.max(spec.buildThreads, spec.searchThreads);
  const host = await launch(threads, state.context.signal);
  try {
    const made = await host.call(encodeCreate(spec), question);
    const { trained, settings } = made as Pick<Build, 'trained' | 'settings'>;
    state.build = { host, spec, trained, settings };
    state.slots = new HostSlots(host.address, state.context.timeoutNs);
  } catch (error) {
    await host.close();
    throw error;
  }
}

async function launch(threads: number, signal?: AbortSignal): Promise<HostProcess> {
  return HostProcess.launch({
    engine: 'faiss',
    command: await findPython(),
    args: pythonHostArgs('faiss'),
    // Read once, when the library is loaded; the host's threads then set their own numbers.
    env: { OMP_NUM_THREADS: String(threads), OMP_DYNAMIC: 'false' },
    startLimitMs,
    ...(signal && { signal }),
  });
}

function prepare(requests: readonly SearchRequest[]): Prepared {
  const [first] = requests;
  if (first === undefined) throw new BenchError('BAD_ARGUMENT', 'faiss: a batch of no queries');
  const shared = JSON.stringify([first.k, first.params]);
  if (requests.some(({ k, params }) => JSON.stringify([k, params]) !== shared)) {
    throw new BenchError('BAD_ARGUMENT', 'faiss: queries of one batch differ in k or parameters');
  }
  return encodeSearch({
    k: first.k,
    queries: requests.length,
    params: first.params,
    vectors: requests.map((request) => request.vector),
  });
}

function search(state: State, prepared: Prepared): Promise<Hits> {
  if (state.slots === undefined) throw notCreated();
  return state.slots.call(prepared as Buffer, decodeHits);
}

async function describe(state: State): Promise<StoreInfo> {
  const { build } = state;
  if (build === undefined) return describeWithoutBuild(state.context.signal);
  const { hello } = build.host;
  const { buildThreads, searchThreads } = build.spec;
  return {
    version: hello.version,
    settings: { ...hello.settings, ...build.settings, buildThreads, searchThreads },
    warnings: hello.warnings,
    pids: [build.host.pid],
  };
}

async function describeWithoutBuild(signal?: AbortSignal): Promise<StoreInfo> {
  const host = await launch(1, signal);
  await host.close();
  const { version, settings, warnings } = host.hello;
  return { version, settings, warnings, pids: [] };
}

async function footprint(state: State): Promise<Footprint> {
  const reply = await buildOf(state).host.call(encodePlain('footprint'), question);
  return reply as Footprint;
}

async function end(state: State): Promise<void> {
  const { build, slots } = state;
  state.build = undefined;
  state.slots = undefined;
  slots?.close();
  await build?.host.close();
}

async function probe(): Promise<Probe> {
  try {
    const { version, settings, warnings } = await describeWithoutBuild();
    const simd = `SIMD level ${settings.faissSimdLevel}`;
    const detail = [simd, `Python ${settings.python}`, `numpy ${settings.numpy}`, ...warnings];
    return { works: true, version, detail: detail.join(', ') };
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    const { code, hint, message } = error;
    return { works: false, code, detail: message, ...(hint !== undefined && { hint }) };
  }
}

function buildOf(state: State): Build {
  if (state.build === undefined) throw notCreated();
  return state.build;
}

function notCreated(): Error {
  return new Error('faiss: nothing was created or opened');
}
