import { join } from 'node:path';
import { readKernelFile } from './kernel-file.js';

/** Processor time of the whole machine since it began, in microseconds, summed over its cores. */
export interface HostCpu {
  /** Computing for processes, guests of a hypervisor included, and in interrupts. */
  readonly busyUs: number;
  /**
   * The part of `busyUs` in interrupts that is charged to no process; 0 where the kernel charges
   * them to whoever was interrupted.
   */
  readonly interruptUs: number;
  /** Wanted, but given to others by the hypervisor below this machine. */
  readonly stealUs: number;
  /** All of it: busy, stolen, idle and waiting for disks. */
  readonly totalUs: number;
}

/** What else used the machine, as fractions in [0, 1] of the time of all its cores. */
export interface HostShare {
  readonly stealFraction: number;
  /** Processes other than those that were counted as own; absent where these are not known. */
  readonly foreignCpuFraction?: number;
}

/** Linux counts processor time in hundredths of a second for programs, whatever the kernel does. */
const usPerTick = 10_000;

/** What a line of /proc/stat begins with, since Linux 2.6.11; guests come after it. */
type Columns = [number, number, number, number, number, number, number, number];
const columns = 8;

/**
 * Processor time of the machine so far: of all cores that are online, whether or not this process
 * may run on them, and whatever its control group. Inside a container it is that of the host.
 *
 * @param root of the file system that is read
 * @returns undefined where it cannot be read (not Linux)
 * @see proc_stat(5): the time of guests is in user and nice already, iowait is idle time
 */
export function readHostCpu(root = '/'): HostCpu | undefined {
  const line = /^cpu +(.*)$/m.exec(readKernelFile(join(root, 'proc/stat')) ?? '')?.[1];
  const fields = line?.split(' ').map((ticks) => Number(ticks) * usPerTick) ?? [];
  if (fields.length < columns || fields.some(Number.isNaN)) return undefined;
  const [user, nice, system, idle, iowait, irq, softirq, steal] = fields as Columns;
  const busyUs = user + nice + system + irq + softirq;
  return {
    busyUs,
    // A kernel that samples by ticks never meets an interrupt inside the tick's own, so its irq
    // stays 0; one that times interrupts has some soon after it began, and charges them to nobody.
    interruptUs: irq > 0 ? irq + softirq : 0,
    stealUs: steal,
    totalUs: busyUs + idle + iowait + steal,
  };
}

/**
 * How much of the machine went elsewhere between two readings. Interrupts that are charged to
 * nobody count neither as own nor as foreign: most are the network's, on behalf of the load.
 *
 * The kernel may only sample who is computing, 100 to 1000 times a second and core, and tells it
 * in steps of 10 ms. Below 1 s a share is too coarse to be compared with a few per cent.
 *
 * @param ownCpuUs processor time in between of the client and of all of the store's processes that
 *   run on this machine; undefined where some of them are not known
 * @returns undefined where nothing was read or no time went by
 */
export function hostShare(
  before: HostCpu | undefined,
  after: HostCpu | undefined,
  ownCpuUs: number | undefined,
): HostShare | undefined {
  if (before === undefined || after === undefined) return undefined;
  const totalUs = after.totalUs - before.totalUs;
  if (totalUs <= 0) return undefined;
  const stealFraction = within01((after.stealUs - before.stealUs) / totalUs);
  if (ownCpuUs === undefined) return { stealFraction };
  const chargedUs = after.busyUs - after.interruptUs - (before.busyUs - before.interruptUs);
  return { stealFraction, foreignCpuFraction: within01((chargedUs - ownCpuUs) / totalUs) };
}

/** Counters of the kernel are not read at one moment, so a small difference may be negative. */
function within01(fraction: number): number {
  return Math.min(Math.max(fraction, 0), 1);
}
