import { availableParallelism, freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { memoryLimits, quotaCores } from './cgroup.js';
import { readKernelFile } from './kernel-file.js';

const pageFields = {
  Pss_Anon: 'pssAnonBytes',
  Pss_File: 'pssFileBytes',
  Pss_Shmem: 'pssShmemBytes',
  Private_Hugetlb: 'hugetlbBytes',
  Shared_Hugetlb: 'hugetlbBytes',
} as const;

/**
 * The proportional set size of processes by kind, and the largest resident set so far. A page that
 * n processes map counts 1/n in each, so that the sum over all who map it is the page. PSS is of
 * resident pages: what was swapped out is in none of these.
 */
export interface ProcessMemory {
  /** Heap, stacks, and written pages of private maps. */
  readonly pssAnonBytes: number;
  /** Mapped files, programs and libraries among them; not what was read without mapping. */
  readonly pssFileBytes: number;
  /** Shared anonymous maps, tmpfs files and System V segments that are mapped. */
  readonly pssShmemBytes: number;
  /**
   * Pages of hugetlbfs, which are in no PSS (transparent huge pages are). The kernel does not tell
   * how many share them: those that are shared count in full in each process, so that the sum over
   * processes which share some is too large.
   */
  readonly hugetlbBytes: number;
  /** VmHWM: the largest resident set since each process began, summed; shared pages in each. */
  readonly peakBytes: number;
}

/** The value of a `Name:   123 kB` line in bytes. */
function kilobytes(text: string, name: string): number | undefined {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text);
  return match === null ? undefined : Number(match[1]) * 1024;
}

/**
 * The memory of processes of this machine, added up, told in KiB by the kernel. Costly, for it goes
 * through all page tables and holds the process's map meanwhile: never inside a window.
 *
 * @param pids each once; with descendants where they are to be counted (`processTree`)
 * @param root of the file system that is read
 * @returns undefined where it cannot be read in full, as when one of them ended
 * @see proc_pid_smaps(5) and proc_pid_status(5), Linux manual pages
 */
export function readProcessMemory(pids: readonly number[], root = '/'): ProcessMemory | undefined {
  if (pids.length === 0) return undefined;
  const sum = {
    pssAnonBytes: 0,
    pssFileBytes: 0,
    pssShmemBytes: 0,
    hugetlbBytes: 0,
    peakBytes: 0,
  };
  for (const pid of pids) {
    const pages = readKernelFile(join(root, 'proc', `${pid}`, 'smaps_rollup'));
    const status = readKernelFile(join(root, 'proc', `${pid}`, 'status'));
    if (pages === undefined || status === undefined) return undefined;
    for (const [line, field] of Object.entries(pageFields)) {
      const bytes = kilobytes(pages, line);
      if (bytes === undefined) return undefined;
      sum[field] += bytes;
    }
    const peak = kilobytes(status, 'VmHWM');
    if (peak === undefined) return undefined;
    sum.peakBytes += peak;
  }
  return sum;
}

/** Linux counts processor time in hundredths of a second for programs, whatever the kernel does. */
const usPerTick = 10_000;

/**
 * Processor time of processes, user and system, in microseconds, threads that ended included. Each
 * of the two is told in whole steps of 10 ms, so a difference of two readings is off by up to 20 ms
 * a process: 2 % of a core in a window of 1 s, 10 % in one of 0.2 s.
 *
 * @returns undefined where it cannot be read
 * @see proc_pid_stat(5), fields 14 and 15
 */
export function readCpuUs(pids: readonly number[]): number | undefined {
  if (pids.length === 0) return undefined;
  let ticks = 0;
  for (const pid of pids) {
    const stat = readKernelFile(`/proc/${pid}/stat`);
    if (stat === undefined) return undefined;
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * usPerTick;
}

/**
 * Memory that a new process could take, in bytes, the limits of control groups counted in.
 *
 * @param root of the file system that is read
 */
export function availableMemoryBytes(root = '/'): number {
  const info = readKernelFile(join(root, 'proc/meminfo'));
  const free = info === undefined ? freemem() : (kilobytes(info, 'MemAvailable') ?? freemem());
  const rooms = memoryLimits(root).map(({ limitBytes, usedBytes }) =>
    usedBytes === undefined ? free : Math.max(limitBytes - usedBytes, 0),
  );
  return Math.min(free, ...rooms);
}

/**
 * The tightest memory limit of the control groups around this process, in bytes; undefined where
 * none is below the machine's memory.
 *
 * @param root of the file system that is read
 */
export function cgroupLimitBytes(root = '/'): number | undefined {
  const limit = Math.min(...memoryLimits(root).map(({ limitBytes }) => limitBytes));
  return limit < totalmem() ? limit : undefined;
}

/**
 * Cores that this process may use: those of its affinity mask, a fraction of them under the quota
 * of a control group.
 *
 * @param root of the file system that is read
 */
export function usableCores(root = '/'): number {
  return Math.min(allowedCores(root).length, quotaCores(root) ?? Number.POSITIVE_INFINITY);
}

/**
 * The ids of the cores that this process may run on, ascending: its affinity mask, which is within
 * its cpuset. Counted up from 0 where there is no such mask (not Linux).
 *
 * @param root of the file system that is read
 */
export function allowedCores(root = '/'): readonly number[] {
  const status = readKernelFile(join(root, 'proc/self/status')) ?? '';
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1];
  if (allowed === undefined) return Array.from({ length: availableParallelism() }, (_, id) => id);
  // The mask of a process that nobody restricted also names cores that the machine could be given.
  const online = readKernelFile(join(root, 'sys/devices/system/cpu/online'));
  if (online === undefined) return parseCores(allowed);
  const present = new Set(parseCores(online));
  return parseCores(allowed).filter((core) => present.has(core));
}

/** The ids of a list of cores as the kernel writes it (`0-3,8`). */
export function parseCores(list: string): readonly number[] {
  return list
    .trim()
    .split(',')
    .flatMap((range) => {
      const [from, to = from] = range.split('-').map(Number);
      return Array.from(
        { length: Number(to) - Number(from) + 1 },
        (_, index) => Number(from) + index,
      );
    });
}
