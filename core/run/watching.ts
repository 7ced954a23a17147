import type { StoreInfo } from '../adapter.js';
import { nowNs } from '../clock.js';
import type { PlannedBuild, Target } from '../plan.js';
import { groupChain } from '../resources/cgroup.js';
import { readCounters } from '../resources/counters.js';
import { diskBytes } from '../resources/disk.js';
import { type GroupUsage, readGroupUsage } from '../resources/group-usage.js';
import { requireListener, requireProcess } from '../resources/listener.js';
import { type ProcessMemory, readProcessMemory } from '../resources/process.js';
import { processTree } from '../resources/process-tree.js';
import type { Sample, SampleSource, SampleSubject } from '../resources/sample.js';
import { Sampler } from '../resources/sampler.js';
import type { Build, Note } from '../result.js';
import { nsPerMs } from '../units.js';
import { type Journaled, SampleFile } from './samples.js';

/** What watching the resources of a run needs. */
export interface WatchingInput {
  readonly folder: string;
  /** Samples a second; 0 for none. */
  readonly hz: number;
  /** What of the run is in its journal already. */
  readonly journaled: Journaled;
  /** The processes that targets name, as `resolveWatched` found them. */
  readonly watched: WatchedTargets;
  readonly warn: (note: Note) => void;
}

/** By the name of the target, the processes that it names. */
export type WatchedTargets = ReadonlyMap<string, readonly number[]>;

/** Samples a second where the suite does not say. */
export const usualHz = 5;
/** Memory by kind is read after a cell where that takes less, or less than this share of it. */
const cheapNs = 20 * nsPerMs;
const cheapShare = 0.1;

/**
 * Finds the processes that targets name by id or by port, and sees that their folders can be read.
 *
 * @throws BenchError NO_PROCESS, NOT_READABLE or BAD_TARGET for the first that cannot be had
 */
export async function resolveWatched(
  targets: readonly Target[],
  warn: (note: Note) => void,
): Promise<WatchedTargets> {
  const found = new Map<string, readonly number[]>();
  for (const { name, watch } of targets) {
    if (watch?.dataFolder !== undefined) await diskBytes(watch.dataFolder);
    const named = [
      ...(watch?.pids ?? []).map((pid) => requireProcess(pid)),
      ...(watch?.port === undefined ? [] : [requireListener(watch.port)]),
    ];
    if (named.length === 0) continue;
    found.set(name, [...new Set(named.flatMap(({ pids }) => pids))]);
    const missing = [...new Set(named.flatMap((one) => one.missing))];
    if (missing.length > 0) warn(notWatched(name, missing));
  }
  return found;
}

function notWatched(target: string, missing: readonly string[]): Note {
  return { code: 'NOT_WATCHED', message: `${target}: ${missing.join('; ')}` };
}

/** Watches what the stores of a run take, from its first build to its last cell. */
export class Watching {
  readonly sampler: SampleSource | undefined;
  readonly #input: WatchingInput;
  readonly #thread: Sampler | undefined;
  readonly #file: SampleFile | undefined;
  readonly #told: Set<string>;

  private constructor(input: WatchingInput, file: SampleFile | undefined) {
    const { hz, warn } = input;
    this.#input = input;
    this.#file = file;
    this.#told = new Set(input.watched.keys());
    const tell = (message: string): void => warn({ code: 'NOT_WATCHED', message });
    this.#thread = hz > 0 ? new Sampler({ hz, warn: tell }) : undefined;
    this.sampler = this.#thread;
  }

  /** @throws BenchError NOT_WRITABLE when samples cannot be kept */
  static async open(input: WatchingInput): Promise<Watching> {
    const { hz, folder, journaled } = input;
    return new Watching(input, hz > 0 ? await SampleFile.open(folder, journaled) : undefined);
  }

  /** What a build is watched by; says once for each target what cannot be. */
  storeOf(build: PlannedBuild, info: StoreInfo): WatchedStore {
    const { target } = build;
    const pids = info.pids.length > 0 ? info.pids : (this.#input.watched.get(target.name) ?? []);
    if (!this.#told.has(target.name)) {
      this.#told.add(target.name);
      const missing = missingOf(target, pids);
      if (missing.length > 0) this.#input.warn(notWatched(target.name, missing));
    }
    return new WatchedStore(target, pids);
  }

  /** Keeps samples on disk. @throws BenchError DISK_FULL or NOT_WRITABLE */
  async keep(samples: readonly Sample[]): Promise<void> {
    await this.#file?.append(samples);
  }

  /** Keeps what was sampled since it was last taken, as of a build. */
  async keepRest(): Promise<void> {
    await this.keep((await this.sampler?.take()) ?? []);
  }

  async close(): Promise<void> {
    await this.#thread?.end();
    await this.#file?.close();
  }
}

/** What cannot be read of a target's processes, as sentences. */
function missingOf({ adapter, watch }: Target, pids: readonly number[]): string[] {
  if (pids.length === 0) {
    if (adapter.kind !== 'server' || watch?.metrics !== undefined) return [];
    return ['its processes are not known (watch: pids or port), so what they take is not measured'];
  }
  const tree = processTree(pids);
  const counters = readCounters(tree);
  if (counters === undefined) return ['processor time and memory of its processes: no /proc'];
  const missing: string[] = [];
  if (counters.readBytes === undefined) missing.push('bytes read and written may not be read');
  if (readProcessMemory(tree) === undefined) missing.push('memory by kind may not be read');
  if (groupChain({ controller: 'memory' }) === undefined) missing.push('no control groups');
  return missing;
}

/** What a store's memory is now; what cannot be read is absent. */
export interface StoreMemory {
  readonly processes: ProcessMemory | undefined;
  /** Of its control group, where it has one of its own. */
  readonly group: GroupUsage | undefined;
}

/** The processes of one build's store. */
export class WatchedStore {
  /** Without their descendants; empty where none are known. */
  readonly pids: readonly number[];
  readonly #target: Target;
  #tookNs = 0;

  constructor(target: Target, pids: readonly number[]) {
    this.#target = target;
    this.pids = pids;
  }

  /** Bytes of its network mean something: it is a server with processes of its own. */
  get hasNetwork(): boolean {
    return this.#target.adapter.kind === 'server' && this.pids.length > 0;
  }

  /** By our name, the samples of what it states; empty where it states nothing. */
  get metricNames(): Readonly<Record<string, string>> {
    return this.#target.watch?.metrics?.names ?? {};
  }

  /** What the sampler shall look at. */
  subject(label: SampleSubject['label']): SampleSubject {
    const { pids, hasNetwork } = this;
    const { metrics } = this.#target.watch ?? {};
    return { label, pids, hasNetwork, ...(metrics !== undefined && { metrics }) };
  }

  /** By kind, of the processes and their descendants. Costly: never inside a window. */
  memory(): StoreMemory {
    const beganNs = nowNs();
    const [first] = this.pids;
    if (first === undefined) return { processes: undefined, group: undefined };
    const memory = {
      processes: readProcessMemory(processTree(this.pids)),
      group: readGroupUsage(first),
    };
    this.#tookNs = nowNs() - beganNs;
    return memory;
  }

  /**
   * What the folder takes that was named as its; undefined where none was.
   *
   * @throws BenchError BAD_TARGET or NOT_READABLE
   */
  async folderBytes(): Promise<number | undefined> {
    const { dataFolder } = this.#target.watch ?? {};
    return dataFolder === undefined ? undefined : diskBytes(dataFolder);
  }

  /** As `memory`, of its processes; undefined where that took too long for such a window. */
  memoryAfter(windowNs: number): ProcessMemory | undefined {
    if (this.#tookNs > Math.max(cheapNs, cheapShare * windowNs)) return undefined;
    return this.memory().processes;
  }
}

/** Memory by kind as a result has it. */
export function memoryByKind(memory: ProcessMemory) {
  const { pssAnonBytes, pssFileBytes, pssShmemBytes, hugetlbBytes } = memory;
  return { pssAnonBytes, pssFileBytes, pssShmemBytes, hugetlbBytes };
}

/** The figures of a control group as a result has them. */
export function groupMemory(group: GroupUsage): NonNullable<Build['memory']['cgroup']> {
  const { anonBytes, fileBytes, shmemBytes, workingSetBytes, peakBytes } = group;
  return {
    anonBytes,
    fileBytes,
    shmemBytes,
    workingSetBytes,
    ...(peakBytes !== undefined && { peakBytes }),
  };
}
