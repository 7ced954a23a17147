import { join } from 'node:path';
import { BenchError, messageOf } from '../errors.js';
import { readKernelFile } from '../resources/kernel-file.js';
import { allowedCores, parseCores } from '../resources/process.js';
import { type Affinity, pinProcess, readAffinity, restoreAffinity } from './affinity.js';

/** What a plan of cores depends on. */
export interface IsolationNeeds {
  /** What the person said: true forces it, false forbids it; undefined: where there is room. */
  readonly wanted: boolean | undefined;
  /** Ids of the cores that may be used; those that share a physical core next to each other. */
  readonly cores: readonly number[];
  /** Load workers, from 1. */
  readonly workers: number;
  /** Calls of the engine in flight x its threads a call; 0 where no engine host is measured. */
  readonly engineCalls: number;
}

/** Which cores client and engine hosts get; `why` is a sentence for the report. */
export interface IsolationPlan {
  readonly on: boolean;
  /** It was asked for, so that it must not fail in silence. */
  readonly forced: boolean;
  /** Ids, ascending; empty when off. */
  readonly clientCores: readonly number[];
  /** Ids, ascending; empty when off. */
  readonly engineCores: readonly number[];
  readonly why: string;
}

/** A plan that holds until {@link liftIsolation}; off where it could not be carried out. */
export interface Isolation {
  readonly plan: IsolationPlan;
  /** Where the threads of the processes might run before, the client's first. */
  readonly earlier: readonly Affinity[];
}

/**
 * Plans cores of their own for the client (workers + 1: one for main) and for the engine hosts (the
 * rest). Where that is forced and there are too few, both get their share of them, at least one.
 *
 * @throws BenchError UNSUPPORTED when it is forced and there are not two cores
 */
export function planIsolation(needs: IsolationNeeds): IsolationPlan {
  const { wanted, cores, workers, engineCalls } = needs;
  const forced = wanted === true;
  if (wanted === false) return off(forced, 'It was not wanted.');
  if (engineCalls === 0) return off(forced, 'No engine runs in a process of its own here.');
  if (forced && cores.length < 2) {
    throw new BenchError(
      'UNSUPPORTED',
      `--isolate: the cores that may be used must be 2 or more, got ${cores.length}`,
      { hint: 'leave --isolate out, or give the process more cores (affinity mask, cpuset)' },
    );
  }
  const needed = workers + 1 + engineCalls;
  const sum = `The client needs ${workers + 1} cores, the engine ${engineCalls}, and there are`;
  if (!forced && cores.length < needed) return off(forced, `${sum} only ${cores.length}.`);
  const fair = Math.round((cores.length * (workers + 1)) / needed);
  const clientCount = cores.length < needed ? between(1, fair, cores.length - 1) : workers + 1;
  return {
    on: true,
    forced,
    clientCores: ascending(cores.slice(0, clientCount)),
    engineCores: ascending(cores.slice(clientCount)),
    why: `${forced ? 'It was asked for. ' : ''}${sum} ${cores.length}.`,
  };
}

function off(forced: boolean, why: string): IsolationPlan {
  return { on: false, forced, clientCores: [], engineCores: [], why };
}

function between(least: number, value: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

function ascending(cores: readonly number[]): readonly number[] {
  return cores.toSorted((a, b) => a - b);
}

/**
 * The ids of the cores that this process may run on, those that share a physical core next to each
 * other, so that a part of the list shares at most one with the rest.
 *
 * @param root of the file system that is read
 */
export function coresBySibling(root = '/'): readonly number[] {
  const cores = allowedCores(root).map((core) => {
    const path = join(root, `sys/devices/system/cpu/cpu${core}/topology/thread_siblings_list`);
    const [first = core] = parseCores(readKernelFile(path) ?? `${core}`);
    return { core, first };
  });
  return cores.sort((a, b) => a.first - b.first || a.core - b.core).map(({ core }) => core);
}

/**
 * Moves all threads of this process and of the engine hosts to their cores. For the time of windows
 * only: what is started meanwhile stays on the cores of what starts it. A host that is gone is left
 * out.
 *
 * @param program that sets affinities, as util-linux's
 * @returns with a plan that is off, and says why, where an unforced one could not be carried out
 * @throws BenchError UNSUPPORTED when a forced one could not be
 */
export async function applyIsolation(
  plan: IsolationPlan,
  hostPids: readonly number[],
  program = 'taskset',
): Promise<Isolation> {
  if (!plan.on) return { plan, earlier: [] };
  const earlier = [process.pid, ...hostPids].flatMap((pid) => readAffinity(pid) ?? []);
  try {
    if (earlier[0]?.pid !== process.pid) {
      throw new BenchError('UNSUPPORTED', 'cores can only be given where there is /proc (Linux)', {
        hint: 'leave --isolate out',
      });
    }
    for (const affinity of earlier) {
      const cores = affinity.pid === process.pid ? plan.clientCores : plan.engineCores;
      await pinProcess(affinity, cores, program);
    }
    return { plan, earlier };
  } catch (error) {
    await liftIsolation({ plan, earlier }, program);
    if (plan.forced) throw error;
    return { plan: off(false, `It could not be done: ${messageOf(error)}.`), earlier: [] };
  }
}

/**
 * Lets every thread run where it might before; those that began meanwhile, where their process
 * might. Processes that are gone are left out.
 *
 * @param program that sets affinities, as util-linux's
 * @throws BenchError UNSUPPORTED when one could not be, the others all being done
 */
export async function liftIsolation(isolation: Isolation, program = 'taskset'): Promise<void> {
  const failures: unknown[] = [];
  for (const affinity of isolation.earlier) {
    await restoreAffinity(affinity, program).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}
