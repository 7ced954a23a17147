import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Controller, type GroupChain, groupChain } from './cgroup.js';
import { readShortFile } from './process-stat.js';

/**
 * What a control group takes: the processes in it and below it, and what the kernel charges to
 * them, the page cache of files that they read or wrote first among it.
 */
export interface GroupUsage {
  readonly version: 1 | 2;
  /**
   * All that is charged: anon, file, shmem and memory of the kernel (`memory.current`; in version 1
   * `memory.usage_in_bytes`, which may be some pages a core off).
   */
  readonly currentBytes: number;
  /**
   * Anonymous pages, transparent huge pages among them (`anon`). Version 1 names them `rss`, which
   * is not a resident set: shared pages and mapped files are not in it; pages that wait for being
   * swapped out may be.
   */
  readonly anonBytes: number;
  /** Page cache without shmem, mapped or not. The kernel's own `file` and `cache` include shmem. */
  readonly fileBytes: number;
  /** Shared anonymous maps, tmpfs files and System V segments. */
  readonly shmemBytes: number;
  /** Current less the cache that was not used lately (`inactive_file`), at least 0. */
  readonly workingSetBytes: number;
  /** The largest current since the group began or somebody reset it; since Linux 5.19. */
  readonly peakBytes?: number;
  /** Processor time, user and system, in steps of 1 us; processes that ended are in it. */
  readonly cpuUs?: number;
  /** What was read from block devices; absent where version 1 counted none. */
  readonly ioReadBytes?: number;
  /**
   * What was written to block devices. Version 2 only: in version 1 what goes through the page
   * cache is written by the kernel on nobody's account.
   */
  readonly ioWriteBytes?: number;
}

/** The folders of a process's own group, found once and read many times. */
export interface UsageGroup {
  readonly version: 1 | 2;
  readonly memory: string;
  /** Absent where it is not the process's alone, or the controller is off. */
  readonly cpu?: string;
  /** As `cpu`. */
  readonly io?: string;
  /** Devices (`8:0`) that only pass on to others, where the same bytes are counted again. */
  readonly stackedDevices: ReadonlySet<string>;
}

/** What the kernel calls the memory of a group, in `memory.stat` and as files. */
const memoryNames = {
  1: {
    current: 'memory.usage_in_bytes',
    peak: 'memory.max_usage_in_bytes',
    anon: 'total_rss',
    file: 'total_cache',
    shmem: 'total_shmem',
    inactive: 'total_inactive_file',
  },
  2: {
    current: 'memory.current',
    peak: 'memory.peak',
    anon: 'anon',
    file: 'file',
    shmem: 'shmem',
    inactive: 'inactive_file',
  },
} as const;

/**
 * What the own control group of a process takes; {@link findUsageGroup} and {@link readUsageOf} in
 * one. Inside a window the group is to be found once.
 *
 * @param root of the file system that is read
 * @returns undefined where it has none of its own
 * @see The Linux kernel documentation, "Memory Resource Controller" (version 1) and
 *   "Control Group v2"
 */
export function readGroupUsage(pid: number, root = '/'): GroupUsage | undefined {
  const group = findUsageGroup(pid, root);
  return group === undefined ? undefined : readUsageOf(group);
}

/**
 * The group whose figures say something of a process: its own one, or in version 2 the nearest
 * around it whose memory is counted. It says nothing of the process where it is shared, which is
 * decided for each controller alone:
 *
 * - it is the root of the machine's tree, which holds everything. In version 2 that one has no
 *   `memory.current`; in version 1 it alone has `release_agent`. The root that a container sees is
 *   its own group and is none of these.
 * - this process (bench) is in it or below it, so that the client would be in the figures.
 *
 * Others may be in it beside the store, as a shell is in that of its session.
 *
 * @param root of the file system that is read
 * @returns undefined where its memory is not counted, or only with that of others
 */
export function findUsageGroup(pid: number, root = '/'): UsageGroup | undefined {
  const chain = groupChain({ controller: 'memory', pid, root });
  if (chain === undefined) return undefined;
  const { version } = chain;
  const { current } = memoryNames[version];
  const memory =
    version === 1
      ? chain.folders[0]
      : chain.folders.find((folder) => existsSync(join(folder, current)));
  if (memory === undefined || isShared(memory, 'memory', root)) return undefined;
  // In version 2 the same folder: another would hold other processes.
  const own = (controller: Controller): string | undefined =>
    version === 2 ? memory : ownFolder(groupChain({ controller, pid, root }), controller, root);
  const [cpu, io] = [own('cpuacct'), own('blkio')];
  return {
    version,
    memory,
    ...(cpu === undefined ? {} : { cpu }),
    ...(io === undefined ? {} : { io }),
    stackedDevices: stackedDevices(root),
  };
}

function ownFolder(
  chain: GroupChain | undefined,
  controller: Controller,
  root: string,
): string | undefined {
  const [folder] = chain?.version === 1 ? chain.folders : [];
  return folder === undefined || isShared(folder, controller, root) ? undefined : folder;
}

function isShared(folder: string, controller: Controller, root: string): boolean {
  if (existsSync(join(folder, 'release_agent'))) return true;
  return groupChain({ controller, root })?.folders.includes(folder) !== false;
}

/** Devices of the mapper and of arrays: they lie on others, which have the same bytes once more. */
function stackedDevices(root: string): ReadonlySet<string> {
  const folder = join(root, 'sys/dev/block');
  return new Set(
    namesIn(folder).filter((name) => namesIn(join(folder, name, 'slaves')).length > 0),
  );
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // No such folder: a partition has no `slaves`, and a container may see no devices.
    return [];
  }
}

/**
 * Reads a group. Cheap enough for a window: four or five short files, whatever their size.
 *
 * @returns undefined where the group is gone
 */
export function readUsageOf(group: UsageGroup): GroupUsage | undefined {
  const { version, memory } = group;
  const names = memoryNames[version];
  const stat = readShortFile(join(memory, 'memory.stat'));
  const currentBytes = wholeNumber(readShortFile(join(memory, names.current)));
  if (stat === undefined || currentBytes === undefined) return undefined;
  const [anonBytes, file, shmemBytes, inactive] = [
    names.anon,
    names.file,
    names.shmem,
    names.inactive,
  ].map((name) => lineOf(stat, name));
  if (anonBytes === undefined || file === undefined) return undefined;
  if (shmemBytes === undefined || inactive === undefined) return undefined;
  const peakBytes = wholeNumber(readShortFile(join(memory, names.peak)));
  const cpuUs = cpuOf(group);
  return {
    version,
    currentBytes,
    anonBytes,
    fileBytes: file - shmemBytes,
    shmemBytes,
    // The two are not read at one moment.
    workingSetBytes: Math.max(currentBytes - inactive, 0),
    ...(peakBytes === undefined ? {} : { peakBytes }),
    ...(cpuUs === undefined ? {} : { cpuUs }),
    ...ioOf(group),
  };
}

function cpuOf({ version, cpu }: UsageGroup): number | undefined {
  if (cpu === undefined) return undefined;
  if (version === 2) return lineOf(readShortFile(join(cpu, 'cpu.stat')) ?? '', 'usage_usec');
  const ns = wholeNumber(readShortFile(join(cpu, 'cpuacct.usage')));
  return ns === undefined ? undefined : ns / 1000;
}

type GroupIo = Pick<GroupUsage, 'ioReadBytes' | 'ioWriteBytes'>;

function ioOf({ version, io, stackedDevices }: UsageGroup): GroupIo {
  if (io === undefined) return {};
  const file = version === 1 ? 'blkio.throttle.io_service_bytes_recursive' : 'io.stat';
  const text = readShortFile(join(io, file));
  if (text === undefined) return {};
  const lines = text
    .split('\n')
    .map((line) => line.trim().split(' '))
    .filter(([device = '']) => device.includes(':') && !stackedDevices.has(device));
  return version === 1 ? io1(lines) : io2(lines);
}

/** Lines `8:0 Read 123`; without any the kernel did not count, which some do under a limit only. */
function io1(lines: readonly (readonly string[])[]): GroupIo {
  const reads = lines.filter(([, kind]) => kind === 'Read');
  if (reads.length === 0) return {};
  return { ioReadBytes: reads.reduce((sum, [, , bytes]) => sum + Number(bytes), 0) };
}

/** Lines `8:0 rbytes=123 wbytes=456 rios=7 ...`; a device that was not used may have no more. */
function io2(lines: readonly (readonly string[])[]): GroupIo {
  const sum = (key: string): number =>
    lines
      .flat()
      .filter((field) => field.startsWith(key))
      .reduce((total, field) => total + Number(field.slice(key.length)), 0);
  return { ioReadBytes: sum('rbytes='), ioWriteBytes: sum('wbytes=') };
}

/** The number of a line `name 123`. */
function lineOf(text: string, name: string): number | undefined {
  const at = `\n${text}`.indexOf(`\n${name} `);
  return at < 0 ? undefined : wholeNumber(text.slice(at + name.length + 1));
}

/** @returns undefined for what is no number, as `max` */
function wholeNumber(text: string | undefined): number | undefined {
  const value = Number.parseInt(text ?? '', 10);
  return Number.isNaN(value) ? undefined : value;
}
