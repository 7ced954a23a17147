import type {
  CollectionSpec,
  Footprint,
  Phase,
  Store,
  StoreInfo,
  VectorOperations,
} from '../adapter.js';
import { nowNs } from '../clock.js';
import type { Dataset } from '../dataset.js';
import { BenchError, failureOf } from '../errors.js';
import { endsRun, takeRequest } from '../load/request-budget.js';
import { type Payload, payloadSlice } from '../payload.js';
import { batchRows } from '../plan/batch-rows.js';
import { elementsOf, normaliserOf, type Rows } from '../plan/elements.js';
import type { PlannedBuild } from '../plan.js';
import type { Progress } from '../progress.js';
import type { Build } from '../result.js';
import { within } from '../time-limit.js';
import { nsPerS } from '../units.js';
import { float32Rows, storedRows, type VectorTable } from '../vectors.js';
import { normalisedRows } from './normalise.js';
import { openStore, sourceOf } from './open-store.js';
import { describeStore, finishStore, footprintOf, requireStore } from './store-says.js';
import {
  groupMemory,
  memoryByKind,
  type StoreMemory,
  WatchedStore,
  type Watching,
} from './watching.js';

/** What every build of a run shares. */
export interface BuildContext {
  readonly runId: string;
  readonly dataset: Dataset;
  readonly seed: number;
  readonly buildThreads: number;
  readonly searchThreads: number;
  readonly timeoutNs: number;
  readonly truth: { readonly queries: number; readonly k: number; readonly ids: Int32Array };
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Watches what the stores take; nothing is sampled without it. */
  readonly watching?: Watching;
}

/** A finished index that can be searched. */
export interface LiveBuild {
  readonly planned: PlannedBuild;
  readonly record: Build;
  readonly store: Store;
  readonly info: StoreInfo;
  /** The processes whose resources count as its. */
  readonly watched: WatchedStore;
  readonly handle: unknown;
  /** The queries as this store wants them: normalised where it has no cosine of its own. */
  readonly queries: VectorTable;
  close(): Promise<void>;
}

/** A build that came to nothing, with the reason in its record. */
export interface FailedBuild {
  readonly planned: PlannedBuild;
  readonly record: Build;
}

// Codebooks are learnt from at most this much; k-means takes a part of it.
const trainingBytes = 1024 * 1024 * 1024;

function specOf(planned: PlannedBuild, context: BuildContext): CollectionSpec {
  const { dataset } = context;
  const byHarness = normaliserOf(planned, dataset.metric) === 'harness';
  return {
    name: planned.id,
    rows: dataset.base.rows,
    dimensions: dataset.base.dimensions,
    metric: byHarness ? 'ip' : dataset.metric,
    elements: elementsOf(planned, rowsOf(dataset)),
    family: planned.support.family,
    params: planned.params,
    buildThreads: context.buildThreads,
    searchThreads: context.searchThreads,
    seed: context.seed,
    ...(planned.payload.length > 0 && { payload: planned.payload }),
  };
}

function rowsOf({ metric, base }: Dataset): Rows {
  return { metric, type: base.type };
}

function emptyRecord(planned: PlannedBuild, context: BuildContext, instance: number): Build {
  const { dataset } = context;
  return {
    id: planned.id,
    instance,
    target: planned.target.name,
    dataset: dataset.name,
    index: { family: planned.support.family, params: { ...planned.params } },
    rows: dataset.base.rows,
    threads: context.buildThreads,
    searchThreads: context.searchThreads,
    seed: context.seed,
    normalisedBy: normaliserOf(planned, dataset.metric),
    elements: elementsOf(planned, rowsOf(dataset)),
    load: { batchSize: batchRows(dataset.base), concurrency: 1 },
    status: 'ready',
    phases: [],
    memory: {},
    warnings: [],
  };
}

/**
 * Loads the dataset into one index of one store and waits until every row is searchable.
 *
 * @returns the live build, or its record with the failure: a build that fails never fails the run
 */
export async function build(
  planned: PlannedBuild,
  context: BuildContext,
  instance: number,
): Promise<LiveBuild | FailedBuild> {
  const record = emptyRecord(planned, context, instance);
  let store: Store | undefined;
  try {
    store = await connect(planned, context, 1);
    const task = { planned, context, record, store };
    return await (planned.target.attach === undefined ? load(task) : reach(task));
  } catch (error) {
    // Why it could not be built is what is told.
    if (store !== undefined) await abandon(store, context).catch(() => undefined);
    if (endsRun(error, context.signal)) throw error;
    return { planned, record: failed(record, error) };
  }
}

/** Removes what was made of a build that came to nothing, which a server would keep. */
async function abandon(store: Store, { timeoutNs }: BuildContext): Promise<void> {
  try {
    const dropped = Promise.resolve(store.vectors?.drop());
    await within(timeoutNs, 'the index was not dropped', dropped);
  } finally {
    await store.close();
  }
}

/** The record of a build that failed, for the reason that was thrown. */
export function failed(record: Build, error: unknown): Build {
  return { ...record, status: 'failed', failure: failureOf(error) };
}

/** Opens a store for this build. @throws BenchError STORE_FAILED when what comes is no store */
export async function connect(
  planned: PlannedBuild,
  context: BuildContext,
  connections: number,
): Promise<Store> {
  const { target } = planned;
  const store = await openStore(target.adapter, sourceOf(target), {
    namespace: `bench_${context.runId.replaceAll('-', '_')}`,
    connections,
    timeoutNs: context.timeoutNs,
    signal: context.signal,
    log: (line) => context.progress.note(`${target.name}: ${line}`),
    truth: context.truth,
  });
  return requireStore(store);
}

interface LoadTask {
  readonly planned: PlannedBuild;
  readonly context: BuildContext;
  readonly record: Build;
  readonly store: Store;
}

function vectorsOf({ planned, store: { vectors } }: LoadTask): VectorOperations {
  if (vectors !== undefined) return vectors;
  throw new BenchError('UNSUPPORTED', `${planned.target.name} holds no vectors`);
}

async function load(task: LoadTask): Promise<LiveBuild> {
  const { planned, context, record, store } = task;
  const vectors = vectorsOf(task);
  await vectors.create(specOf(planned, context));
  const info = await describeStore(store);
  const watched = watchedOf(task, info);
  watch(task, watched, 'baseline');
  const baseline = watched.memory();
  watch(task, watched, 'build');
  const byHarness = record.normalisedBy === 'harness';
  const insertS = await insertRows(task, byHarness);
  const reported = await finishStore(vectors);
  record.phases = phasesOf(reported, insertS).map((phase) => ({ ...phase }));
  record.buildS = record.phases.reduce((sum, phase) => sum + phase.s, 0);
  const after = watched.memory();
  const footprint = await footprintOf(store);
  record.memory = memoryOf(context.dataset, { baseline, after, footprint });
  if (footprint?.diskBytes !== undefined) record.diskBytes = footprint.diskBytes;
  const folderBytes = await watched.folderBytes();
  if (folderBytes !== undefined) record.folderBytes = folderBytes;
  const close = async (): Promise<void> => {
    try {
      await vectors.drop();
    } finally {
      await store.close();
    }
  };
  // What is to be said of a finished index may not be known before.
  return { ...(await liveOf(task, watched)), close };
}

async function liveOf(task: LoadTask, watched: WatchedStore): Promise<Omit<LiveBuild, 'close'>> {
  const { planned, context, record, store } = task;
  const { queries } = context.dataset;
  const byHarness = record.normalisedBy === 'harness';
  return {
    planned,
    record,
    store,
    watched,
    info: await describeStore(store),
    handle: vectorsOf(task).handle(),
    queries: byHarness ? normalisedRows(queries, { from: 0, count: queries.rows }) : queries,
  };
}

/** Reaches a collection of a person's own. What it took to build it is not known. */
async function reach(task: LoadTask): Promise<LiveBuild> {
  const { planned, context, record, store } = task;
  const { attach } = planned.target;
  const vectors = vectorsOf(task);
  if (attach === undefined || vectors.attach === undefined) {
    throw new BenchError('UNSUPPORTED', `${planned.target.name} cannot attach a collection`);
  }
  const { collection, family, vectorField, idField } = attach;
  const { dimensions, metric, payload = [] } = specOf(planned, context);
  await vectors.attach({
    ...{ collection, family, dimensions, metric, payload },
    ...(vectorField !== undefined && { vectorField }),
    ...(idField !== undefined && { idField }),
  });
  delete record.elements;
  record.attached = collection;
  const watched = watchedOf(task, await describeStore(store));
  const footprint = await footprintOf(store);
  record.memory = storedMemory(context.dataset, footprint);
  if (footprint?.diskBytes !== undefined) record.diskBytes = footprint.diskBytes;
  return { ...(await liveOf(task, watched)), close: () => store.close() };
}

function watchedOf({ planned, context }: LoadTask, info: StoreInfo): WatchedStore {
  return context.watching?.storeOf(planned, info) ?? new WatchedStore(planned.target, info.pids);
}

function watch(task: LoadTask, watched: WatchedStore, phase: 'baseline' | 'build'): void {
  const { id: build, instance } = task.record;
  task.context.watching?.sampler?.watch(watched.subject({ build, instance, phase }));
}

/** What the store timed itself, and the insertion as the client saw it where the store did not. */
function phasesOf(reported: readonly Phase[], insertS: number): Phase[] {
  const timed = reported.some(({ name }) => name === 'add' || name === 'insert');
  return timed ? [...reported] : [{ name: 'insert', s: insertS }, ...reported];
}

async function insertRows(task: LoadTask, normalise: boolean): Promise<number> {
  const { planned, context, record, store } = task;
  const { base } = context.dataset;
  const vectors = store.vectors as NonNullable<Store['vectors']>;
  const rowsFrom = (from: number, count: number): Float32Array =>
    normalise
      ? float32Rows(normalisedRows(base, { from, count }), { from: 0, count })
      : float32Rows(base, { from, count });
  const asStored = record.elements !== 'f32';
  context.progress.phase(`build ${planned.id}`, base.rows);
  if (vectors.train !== undefined) {
    context.progress.update(0, 'train');
    await vectors.train(trainingRows(base, rowsFrom));
  }
  const columns = pickColumns(context.dataset, planned);
  let seconds = 0;
  for (let from = 0; from < base.rows; from += record.load.batchSize) {
    context.signal.throwIfAborted();
    const count = Math.min(record.load.batchSize, base.rows - from);
    const ids = Int32Array.from({ length: count }, (_, row) => from + row);
    const rows = asStored ? storedRows(base, { from, count }) : rowsFrom(from, count);
    const payload = payloadSlice(columns, from, count);
    const batch = { ids, vectors: rows, ...(planned.payload.length > 0 && { payload }) };
    const prepared = vectors.prepareUpsert(batch);
    takeRequest(planned.target.budget);
    const beganNs = nowNs();
    await vectors.upsert(prepared);
    seconds += (nowNs() - beganNs) / nsPerS;
    context.progress.update(from + count, 'add');
  }
  return seconds;
}

/** The columns of the dataset that a build stores. */
function pickColumns({ payload = {} }: Dataset, { payload: fields }: PlannedBuild): Payload {
  const picked = fields.map(({ name }) => [name, payload[name]]);
  return Object.fromEntries(picked) as Payload;
}

/** All rows, or evenly spaced ones of a very large table. */
function trainingRows(
  base: VectorTable,
  rowsFrom: (from: number, count: number) => Float32Array,
): Float32Array {
  const wanted = Math.floor(trainingBytes / (base.dimensions * 4));
  if (base.rows <= wanted) return rowsFrom(0, base.rows);
  const sample = new Float32Array(wanted * base.dimensions);
  for (let index = 0; index < wanted; index++) {
    const row = Math.floor((index * base.rows) / wanted);
    sample.set(rowsFrom(row, 1), index * base.dimensions);
  }
  return sample;
}

function storedMemory(
  { base }: Dataset,
  footprint: Footprint | undefined,
): NonNullable<Build['memory']> {
  const rawBytes = base.rows * base.dimensions * 4;
  const engineBytes = footprint?.engineBytes;
  return { rawBytes, ...(engineBytes !== undefined && { engineBytes }) };
}

interface MemoryReadings {
  readonly baseline: StoreMemory;
  readonly after: StoreMemory;
  readonly footprint: Footprint | undefined;
}

function memoryOf(dataset: Dataset, readings: MemoryReadings): Build['memory'] {
  const { baseline, after, footprint } = readings;
  const memory = storedMemory(dataset, footprint);
  const { processes, group } = baseline;
  if (processes !== undefined) {
    const { pssAnonBytes, pssFileBytes, pssShmemBytes } = processes;
    memory.baselineBytes = pssAnonBytes + pssFileBytes + pssShmemBytes;
  }
  if (processes !== undefined || group !== undefined) {
    memory.baseline = {
      ...(processes !== undefined && memoryByKind(processes)),
      ...(group !== undefined && { cgroup: groupMemory(group) }),
    };
  }
  if (after.group !== undefined) {
    memory.cgroupBytes = after.group.currentBytes;
    memory.cgroup = groupMemory(after.group);
  }
  return { ...memory, ...after.processes };
}
