import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Adapter, Parameters, Prepared, Store, VectorOperations } from '../../core/adapter.js';
import type { Measurement } from '../../core/calibrate/contest.js';
import { runCallers } from '../../core/calibrate/programs/bare-loop.js';
import type { LoopConditions, LoopPrinted } from '../../core/calibrate/tools/node-program.js';
import { messageOf } from '../../core/errors.js';
import type { StoreSource } from '../../core/run/open-store.js';
import { nsPerS } from '../../core/units.js';
import { vectorOf } from '../../core/vectors.js';
import { type BareSearch, loadBare } from './stores-bare.js';
import { askedK, loadFilms } from './stores-stage.js';

/** A loop in a process of its own; structured-cloneable. */
export interface LoopTask {
  /** By the adapter's `search`, or by its client alone. */
  readonly by: 'adapter' | 'client';
  readonly adapterName: string;
  readonly transport: 'client' | 'raw' | 'grpc';
  readonly source: StoreSource;
  /** Of the finished collection. */
  readonly handle: unknown;
  /** Of each search, as the cells of bench have them. */
  readonly params: Parameters;
  readonly conditions: LoopConditions;
}

/** What such a loop measured. */
export interface LoopFound extends Measurement {
  /** Processor time of `prepareSearch` of one query. */
  readonly encodeUs: number;
}

const timeoutNs = 60 * nsPerS;
const encodedForUs = 200_000;

/** Runs a loop in a process of its own. @throws Error with what went wrong in it */
export async function playLoop(task: LoopTask): Promise<LoopFound> {
  const child = fork(fileURLToPath(import.meta.url), ['loop'], { serialization: 'advanced' });
  const ended = once(child, 'exit').then(() => ({ failed: 'a bare loop ended early' }));
  const said = once(child, 'message').then(([message]) => message as Said);
  child.send(task);
  const found = await Promise.race([said, ended]);
  await ended;
  if ('failed' in found) throw new Error(found.failed);
  return found.found;
}

type Said = { readonly found: LoopFound } | { readonly failed: string };

interface OpenStore {
  readonly store: Store;
  readonly vectors: VectorOperations;
}

async function open({ source, handle }: LoopTask, connections: number): Promise<OpenStore> {
  const { default: adapter } = (await import(source.adapterUrl)) as { default: Adapter };
  const store = await adapter.connect(source.options, {
    namespace: 'bench_micro_loop',
    connections,
    timeoutNs,
    signal: new AbortController().signal,
    log: () => undefined,
  });
  const { vectors } = store;
  if (vectors === undefined) throw new Error('the store holds no vectors');
  await vectors.open(handle);
  return { store, vectors };
}

/** Encodes all queries again and again until the time that it takes can be told. */
async function encode({ vectors }: OpenStore, params: Parameters) {
  const { queries } = await loadFilms(1);
  const requests = Array.from({ length: queries.rows }, (_, row) => {
    return { vector: vectorOf(queries, row), row, k: askedK, params };
  });
  const prepared = requests.map((request) => vectors.prepareSearch(request));
  const before = process.cpuUsage();
  let [encoded, spentUs] = [0, 0];
  while (spentUs < encodedForUs) {
    for (const request of requests) vectors.prepareSearch(request);
    encoded += requests.length;
    const { user, system } = process.cpuUsage(before);
    spentUs = user + system;
  }
  return { prepared, encodeUs: spentUs / encoded };
}

async function play(task: LoopTask): Promise<LoopFound> {
  const { by, conditions, adapterName, transport, source, handle } = task;
  const { connections } = conditions;
  const opened = await open(task, by === 'adapter' ? connections : 1);
  const { prepared, encodeUs } = await encode(opened, task.params);
  if (by === 'adapter') {
    const { vectors, store } = opened;
    const send = (_: number, query: number) => vectors.search(prepared[query]);
    const printed = await ask(conditions, prepared, send);
    await store.close();
    return { ...foundOf(printed), encodeUs };
  }
  await opened.store.close();
  const openBare = (await loadBare(adapterName)).search[transport];
  if (openBare === undefined) throw new Error(`${adapterName} has no bare ${transport}`);
  const bare = await openBare({ options: source.options, handle, prepared, connections });
  const printed = await ask(conditions, prepared, (caller, query) => bare.send(caller, query));
  await bare.close();
  return { ...foundOf(printed), encodeUs };
}

/** Queries in turn over all callers, as the closed load takes them. */
function ask(
  conditions: LoopConditions,
  prepared: readonly Prepared[],
  send: BareSearch['send'],
): Promise<LoopPrinted> {
  let next = 0;
  return runCallers(conditions, (caller) => {
    const query = next;
    next = next + 1 === prepared.length ? 0 : next + 1;
    return send(caller, query);
  });
}

function foundOf({ requests, requestsPerS, clientCpuUs, errors, firstError }: LoopPrinted) {
  return {
    ...{ requests, requestsPerS, errors },
    ...(clientCpuUs === undefined ? {} : { clientCpuUs }),
    ...(firstError === undefined ? {} : { firstError }),
  };
}

async function answer(task: LoopTask): Promise<Said> {
  try {
    return { found: await play(task) };
  } catch (error) {
    return { failed: messageOf(error) };
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.once('message', (task) => {
    void answer(task as LoopTask).then((said) => {
      // What a client leaves open, such as a timer, keeps the process no longer.
      process.send?.(said, undefined, undefined, () => process.exit());
    });
  });
}
