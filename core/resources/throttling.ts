import { join } from 'node:path';
import { groupChain } from './cgroup.js';
import { readKernelFile } from './kernel-file.js';

/**
 * How long control groups have held back processes that used up their processor quota, in
 * microseconds by folder of the group, since each group began. The time of several cores is
 * summed, so that it can grow faster than time goes by.
 */
export type Throttling = ReadonlyMap<string, number>;

/**
 * What the control group of a process and those around it were throttled so far. A group without a
 * quota has 0. Cheap enough for a window.
 *
 * @param place the process, this one when not given; the root of the file system that is read
 * @returns undefined where no group can be read
 * @see The Linux kernel documentation, "CFS Bandwidth Control" (`throttled_time`, in ns) and
 *   "Control Group v2" (`throttled_usec`)
 */
export function readThrottling(
  place: { readonly pid?: number; readonly root?: string } = {},
): Throttling | undefined {
  const chain = groupChain({ ...place, controller: 'cpu' });
  const groups = (chain?.folders ?? []).flatMap((folder) => {
    const text = readKernelFile(join(folder, 'cpu.stat'));
    return text === undefined ? [] : [[folder, throttledOf(text)] as const];
  });
  return groups.length === 0 ? undefined : new Map(groups);
}

/** A group that has no quota of its own, as the topmost one, need not have the line. */
function throttledOf(text: string): number {
  const inNs = /^throttled_time (\d+)$/m.exec(text)?.[1];
  if (inNs !== undefined) return Number(inNs) / 1000;
  return Number(/^throttled_usec (\d+)$/m.exec(text)?.[1] ?? 0);
}

/**
 * How long a process was throttled between two readings, in microseconds: the most that any of its
 * groups was. They are not added up, for a group that waits inside one that waits does so once; nor
 * are the totals' maxima compared, for an ancestor's past may exceed what its group has now.
 *
 * @returns undefined where nothing was read, or the process is in other groups now
 */
export function throttledUs(
  before: Throttling | undefined,
  after: Throttling | undefined,
): number | undefined {
  const grown = [...(after ?? [])].flatMap(([folder, us]) => {
    const beforeUs = before?.get(folder);
    return beforeUs === undefined ? [] : [us - beforeUs];
  });
  return grown.length === 0 ? undefined : Math.max(...grown);
}
