import { readFileSync } from 'node:fs';
import { cpus, freemem, totalmem } from 'node:os';

const pageFields = {
  Pss_Anon: 'pssAnonBytes',
  Pss_File: 'pssFileBytes',
  Pss_Shmem: 'pssShmemBytes',
} as const;

/** The proportional set size of processes by kind, and the largest resident set so far. */
export interface ProcessMemory {
  readonly pssAnonBytes: number;
  readonly pssFileBytes: number;
  readonly pssShmemBytes: number;
  /** VmHWM: the largest resident set since each process began, summed. */
  readonly peakBytes: number;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not Linux, or the process is gone: not measured, which the caller shows as absent.
    return undefined;
  }
}

/** The value of a `Name:   123 kB` line in bytes. */
function kilobytes(text: string, name: string): number | undefined {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text);
  return match === null ? undefined : Number(match[1]) * 1024;
}

/**
 * The memory of processes of this machine, added up; costly, so never inside a window.
 *
 * @returns undefined where it cannot be read in full
 * @see proc_pid_smaps(5) and proc_pid_status(5), Linux manual pages
 */
export function readProcessMemory(pids: readonly number[]): ProcessMemory | undefined {
  if (pids.length === 0) return undefined;
  const sum = { pssAnonBytes: 0, pssFileBytes: 0, pssShmemBytes: 0, peakBytes: 0 };
  for (const pid of pids) {
    const pages = read(`/proc/${pid}/smaps_rollup`);
    const status = read(`/proc/${pid}/status`);
    if (pages === undefined || status === undefined) return undefined;
    for (const [line, field] of Object.entries(pageFields)) {
      const bytes = kilobytes(pages, line);
      if (bytes === undefined) return undefined;
      sum[field as keyof typeof sum] += bytes;
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
 * Processor time of processes, user and system, in microseconds (steps of 10 ms).
 *
 * @returns undefined where it cannot be read
 * @see proc_pid_stat(5), fields 14 and 15
 */
export function readCpuUs(pids: readonly number[]): number | undefined {
  if (pids.length === 0) return undefined;
  let ticks = 0;
  for (const pid of pids) {
    const stat = read(`/proc/${pid}/stat`);
    if (stat === undefined) return undefined;
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * usPerTick;
}

/** Memory that a new process could take, in bytes, the limits of control groups counted in. */
export function availableMemoryBytes(): number {
  const info = read('/proc/meminfo');
  const free = info === undefined ? freemem() : (kilobytes(info, 'MemAvailable') ?? freemem());
  const limit = cgroupLimitBytes();
  const used = cgroupUsedBytes();
  if (limit === undefined || used === undefined) return free;
  return Math.min(free, Math.max(limit - used, 0));
}

/** The memory limit of this process's control group in bytes; undefined without one. */
export function cgroupLimitBytes(): number | undefined {
  const text =
    read('/sys/fs/cgroup/memory.max') ?? read('/sys/fs/cgroup/memory/memory.limit_in_bytes');
  const limit = text === undefined ? Number.NaN : Number(text.trim());
  return Number.isFinite(limit) && limit < totalmem() ? limit : undefined;
}

function cgroupUsedBytes(): number | undefined {
  const text =
    read('/sys/fs/cgroup/memory.current') ?? read('/sys/fs/cgroup/memory/memory.usage_in_bytes');
  return text === undefined ? undefined : Number(text.trim());
}

/** Cores that the control group lets this process use, a fraction under a quota. */
export function usableCores(): number {
  const cores = cpus().length;
  const quota = read('/sys/fs/cgroup/cpu.max')?.trim().split(' ');
  if (quota === undefined || quota[0] === 'max') return cores;
  return Math.min(cores, Number(quota[0]) / Number(quota[1]));
}
