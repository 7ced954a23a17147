import type { CollectionSpec, Footprint, Phase, Store, StoreInfo } from '../adapter.js';
import { nowNs } from '../clock.js';
import type { Dataset } from '../dataset.js';
import { BenchError, codeOf, messageOf } from '../errors.js';
import { elementsOf, normaliserOf, type Rows } from '../plan/elements.js';
import type { PlannedBuild } from '../plan.js';
import type { Progress } from '../progress.js';
import type { Build, Note } from '../result.js';
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

const batchBytes = 8 * 1024 * 1024;
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
    load: { batchSize: batchRows(dataset), concurrency: 1 },
    status: 'ready',
    phases: [],
    memory: {},
    warnings: [],
  };
}

function batchRows(dataset: Dataset): number {
  const rows = Math.max(1, Math.floor(batchBytes / (dataset.base.dimensions * 4)));
  return Math.min(rows, dataset.base.rows);
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
    return await load({ planned, context, record, store });
  } catch (error) {
    // Why it could not be built is what is told.
    await store?.close().catch(() => undefined);
    if (context.signal.aborted) throw error;
    return { planned, record: failed(record, error) };
  }
}

/** The record of a build that failed, for the reason that was thrown. */
export function failed(record: Build, error: unknown): Build {
  const hint = error instanceof BenchError ? error.hint : undefined;
  const failure: Note = { code: codeOf(error), message: messageOf(error) };
  return {
    ...record,
    status: 'failed',
    failure: hint === undefined ? failure : { ...failure, hint },
  };
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

async function load(task: LoadTask): Promise<LiveBuild> {
  const { planned, context, record, store } = task;
  const { vectors } = store;
  if (vectors === undefined) {
    throw new BenchError('UNSUPPORTED', `${planned.target.name} holds no vectors`);
  }
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
  const { queries } = context.dataset;
  return {
    planned,
    record,
    store,
    watched,
    // What is to be said of a finished index may not be known before.
    info: await describeStore(store),
    handle: vectors.handle(),
    queries: byHarness ? normalisedRows(queries, { from: 0, count: queries.rows }) : queries,
    close: async () => {
      try {
        await vectors.drop();
      } finally {
        await store.close();
      }
    },
  };
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
  let seconds = 0;
  for (let from = 0; from < base.rows; from += record.load.batchSize) {
    context.signal.throwIfAborted();
    const count = Math.min(record.load.batchSize, base.rows - from);
    const ids = Int32Array.from({ length: count }, (_, row) => from + row);
    const rows = asStored ? storedRows(base, { from, count }) : rowsFrom(from, count);
    const prepared = vectors.prepareUpsert({ ids, vectors: rows });
    const beganNs = nowNs();
    await vectors.upsert(prepared);
    seconds += (nowNs() - beganNs) / nsPerS;
    context.progress.update(from + count, 'add');
  }
  return seconds;
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

interface MemoryReadings {
  readonly baseline: StoreMemory;
  readonly after: StoreMemory;
  readonly footprint: Footprint | undefined;
}

function memoryOf(dataset: Dataset, readings: MemoryReadings): Build['memory'] {
  const { baseline, after, footprint } = readings;
  const memory: Build['memory'] = { rawBytes: dataset.base.rows * dataset.base.dimensions * 4 };
  if (footprint?.engineBytes !== undefined) memory.engineBytes = footprint.engineBytes;
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
