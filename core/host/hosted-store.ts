import type {
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
  VectorOperations,
} from '../adapter.js';
import { BenchError } from '../errors.js';
import { type HostLaunch, HostProcess } from './client.js';
import {
  decodeHits,
  encodeCreate,
  encodePlain,
  encodeSearch,
  encodeTrain,
  encodeTruth,
  encodeUpsert,
  type HostHello,
} from './protocol.js';
import { type HostAddress, HostSlots } from './slots.js';

const question = { limitMs: 600_000 };
// Training and adding may take hours, but not without computing.
const building = { limitMs: 604_800_000, idleMs: 120_000 };

/** What an engine host is started for. */
export interface HostNeed {
  /** The most threads that a call will use. */
  readonly threads: number;
  readonly context?: ConnectContext;
}

/** An engine that lives in a host. */
export interface HostedEngine {
  /** Its name, for messages. */
  readonly name: string;
  /** How its host is started. */
  launch(need: HostNeed): Promise<Omit<HostLaunch, 'signal'>>;
  /**
   * Whether a collection learns from its rows before it takes them; undefined where only the engine
   * knows. Absent where none does.
   */
  needsTraining?(spec: CollectionSpec): boolean | undefined;
}

/** What an engine says of itself; what it leaves out is as it said before. */
type Said = Partial<Pick<StoreInfo, 'settings' | 'warnings'>>;

/** What `create` left behind: the host, and what its engine made of the spec. */
interface Build {
  readonly host: HostProcess;
  readonly spec: CollectionSpec;
  readonly trained: boolean;
  said: Required<Said>;
}

/** How another thread reaches the host; structured-cloneable. */
interface HostHandle extends HostAddress {
  readonly batches: boolean;
}

/** The state of one open store: a build of its own, or slots to one that another thread made. */
interface State {
  readonly engine: HostedEngine;
  readonly context: ConnectContext;
  build: Build | undefined;
  slots: HostSlots | undefined;
}

/**
 * A store whose engine works in a host of its own: one process a build, over a Unix socket. Whether
 * it searches in batches is known, and its methods for that are there, after `create` or `open`.
 */
export function hostedStore(engine: HostedEngine, context: ConnectContext): Store {
  const state: State = { engine, context, build: undefined, slots: undefined };
  const offer = ({ batches }: { readonly batches: boolean }): void => {
    if (batches) Object.assign(vectors, batchingOf(state));
  };
  const vectors: VectorOperations = {
    ...buildingOf(state),
    create: async (spec) => offer(await create(state, spec)),
    ...(engine.needsTraining && { train: (sample) => train(state, sample) }),
    open: async (handle) => offer(await open(state, handle as HostHandle)),
    prepareSearch: (request) => prepare(engine.name, [request]),
    search: (prepared) => search(state, prepared),
    drop: () => end(state),
  };
  return {
    vectors,
    describe: () => describe(state),
    footprint: () => footprint(state),
    close: () => end(state),
  };
}

type Building = 'prepareUpsert' | 'upsert' | 'finish' | 'count' | 'handle';

function buildingOf(state: State): Pick<VectorOperations, Building> {
  return {
    prepareUpsert: encodeUpsert,
    async upsert(prepared) {
      await buildOf(state).host.call(prepared as Buffer[], building);
    },
    async finish() {
      const build = buildOf(state);
      const reply = await build.host.call(encodePlain('finish'), building);
      const { phases, ...said } = reply as Said & { phases: Phase[] };
      build.said = heard(build.said, said);
      return phases;
    },
    async count() {
      const reply = await buildOf(state).host.call(encodePlain('count'), question);
      return (reply as { count: number }).count;
    },
    handle: (): HostHandle => {
      const { address, hello } = buildOf(state).host;
      return { ...address, batches: hello.batches };
    },
  };
}

type Batching = 'prepareSearchBatch' | 'searchBatch';

function batchingOf(state: State): Pick<VectorOperations, Batching> {
  return {
    prepareSearchBatch: (requests) => prepare(state.engine.name, requests),
    searchBatch: (prepared) => search(state, prepared),
  };
}

async function open(state: State, handle: HostHandle): Promise<HostHandle> {
  state.slots?.close();
  state.slots = new HostSlots(handle, state.context.timeoutNs);
  await state.slots.open(state.context.connections);
  return handle;
}

async function create(state: State, spec: CollectionSpec): Promise<HostHello> {
  await end(state);
  const { context } = state;
  const threads = Math.max(spec.buildThreads, spec.searchThreads);
  const host = await launch(state.engine, { threads, context });
  try {
    const { truth } = context;
    // Only stand-ins answer from it, and these live in a host of Node.
    if (truth !== undefined && host.hello.takesTruth === true) {
      await host.call(encodeTruth(truth.k, truth.ids), question);
    }
    const made = await host.call(encodeCreate(spec), question);
    const { trained, ...said } = made as Said & { trained: boolean };
    state.build = { host, spec, trained, said: heard(host.hello, said) };
    state.slots = new HostSlots(host.address, context.timeoutNs);
    return host.hello;
  } catch (error) {
    await host.close();
    throw error;
  }
}

async function train(state: State, sample: Float32Array): Promise<void> {
  const { host, trained, spec } = buildOf(state);
  if (trained || state.engine.needsTraining?.(spec) === false) return;
  await host.call(encodeTrain(sample), building);
}

async function launch(engine: HostedEngine, need: HostNeed): Promise<HostProcess> {
  const signal = need.context?.signal;
  return HostProcess.launch({ ...(await engine.launch(need)), ...(signal && { signal }) });
}

function prepare(engine: string, requests: readonly SearchRequest[]): Prepared {
  const [first] = requests;
  if (first === undefined) throw new BenchError('BAD_ARGUMENT', `${engine}: a batch of no queries`);
  const shared = sharedPart(first);
  if (requests.some((request) => sharedPart(request) !== shared)) {
    const message = `${engine}: queries of one batch differ in k, parameters or filter`;
    throw new BenchError('BAD_ARGUMENT', message);
  }
  if (first.payload !== undefined) {
    throw new BenchError('UNSUPPORTED', `${engine}: an engine in a host gives no payload`);
  }
  return encodeSearch({
    k: first.k,
    rows: requests.map(({ row }) => row ?? -1),
    params: first.params,
    filter: first.filter,
    vectors: requests.map(({ vector }) => vector),
  });
}

/** What the queries of one batch have in common, as a text. */
function sharedPart({ k, params, filter }: SearchRequest): string {
  return JSON.stringify([k, params, filter]);
}

function search(state: State, prepared: Prepared): Promise<Hits> {
  if (state.slots === undefined) throw notCreated(state);
  return state.slots.call(prepared as Buffer, decodeHits);
}

async function describe(state: State): Promise<StoreInfo> {
  const { build } = state;
  if (build === undefined) return describeHost(state.engine, state.context);
  const { host, said, spec } = build;
  const { buildThreads, searchThreads } = spec;
  return {
    version: host.hello.version,
    settings: { ...said.settings, buildThreads, searchThreads },
    warnings: said.warnings,
    pids: [host.pid],
  };
}

/** What is known of an engine after it has said more: of settings the sum, of warnings the last. */
function heard(before: Required<Said>, { settings, warnings }: Said): Required<Said> {
  return {
    settings: { ...before.settings, ...settings },
    warnings: warnings ?? before.warnings,
  };
}

/** What an engine says of itself, by a host that is started for it and ended. */
async function describeHost(engine: HostedEngine, context?: ConnectContext): Promise<StoreInfo> {
  const host = await launch(engine, { threads: 1, ...(context && { context }) });
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

/**
 * Tries an engine's host out.
 *
 * @param detailOf what a person is told of an engine that works; its warnings are added
 */
export async function probeHost(
  engine: HostedEngine,
  detailOf: (info: StoreInfo) => readonly string[],
): Promise<Probe> {
  try {
    const info = await describeHost(engine);
    const detail = [...detailOf(info), ...info.warnings];
    return { works: true, version: info.version, detail: detail.join(', ') };
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    const { code, hint, message } = error;
    return { works: false, code, detail: message, ...(hint !== undefined && { hint }) };
  }
}

function buildOf(state: State): Build {
  if (state.build === undefined) throw notCreated(state);
  return state.build;
}

function notCreated({ engine }: State): Error {
  return new Error(`${engine.name}: nothing was created or opened`);
}
