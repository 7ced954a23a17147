import type { Build, Cell, Run } from '../../../core/result.js';
import { hasUsage } from '../../charts/usage.js';
import { isThrottled } from './cell-usage.js';

interface UsageDefinition {
  readonly name: string;
  readonly text: string;
  /** Whether the page shows such a figure. */
  readonly isShown: (run: Run) => boolean;
}

const definitions: readonly UsageDefinition[] = [
  {
    name: 'Cores in use',
    text: `Processor time over the time in which it was used, of a second of a window: from the last
 sample before it, where the window has one, to its own last. 1 is one core without a pause.`,
    isShown: hasUsage,
  },
  {
    name: 'Before loading',
    text: `PSS of the store's processes when the empty index was made, before the first row: what
 the store takes without any data. Of a control group its working set at that time.`,
    isShown: ofBuilds(({ memory }) => memory.baseline !== undefined),
  },
  {
    name: 'Resident set (RSS)',
    text: `What of the memory of the store's processes and their descendants was present, shared
 pages in each of them. Of a window the median and the largest of its samples: a peak between two
 is not seen.`,
    isShown: ofCells(({ server }) => server.rssBytes !== undefined),
  },
  {
    name: 'PSS after',
    text: `PSS by kind of page, as after the build, when the window was over.`,
    isShown: ofCells(({ server }) => server.pssAnonBytes !== undefined),
  },
  {
    name: 'Control group',
    text: `What the kernel charges to the control group of the store, where it has one of its own:
 anonymous memory, files (the page cache of what it read, mapped or not) and shared memory. The
 working set is all that is charged less the cache not used lately. In windows medians of the
 samples.`,
    isShown: (run) =>
      ofBuilds(({ memory }) => memory.cgroup !== undefined)(run) ||
      ofCells(({ server }) => server.cgroup !== undefined)(run),
  },
  {
    name: 'Huge pages',
    text: `Memory in reserved huge pages, which is in none of the other figures.`,
    isShown: ofBuilds(({ memory }) => (memory.hugetlbBytes ?? 0) > 0),
  },
  {
    name: 'Memory as the store states it',
    text: `What the store itself says in its metrics, median of the window. What it counts is its
 own affair.`,
    isShown: ofCells(({ server }) => server.stated?.memoryBytes !== undefined),
  },
  {
    name: 'Disk, folder',
    text: `Disk is what the store reports to hold there; folder what the blocks of its named data
 folder take. Both after the build was finished.`,
    isShown: ofBuilds((build) => build.folderBytes !== undefined),
  },
  {
    name: 'Read, written',
    text: `What the store's processes had disks fetch, and dirtied to be written to them. What the
 page cache held is in neither.`,
    isShown: ofCells(
      ({ server }) =>
        server.readBytesPerRequest !== undefined || server.writeBytesPerRequest !== undefined,
    ),
  },
  {
    name: 'Throttled',
    text: `The share of the window in which a limit of their control group held processes back.`,
    isShown: ofCells(isThrottled),
  },
  {
    name: 'Network',
    text: `Bytes through the interfaces of the store's network namespace, by all who use it, the
 loopback apart.`,
    isShown: ofCells(({ server }) => server.network !== undefined),
  },
];

/** What those figures of resources mean that the page has. */
export function usageDefinitions(run: Run): readonly (readonly [string, string])[] {
  return definitions
    .filter(({ isShown }) => isShown(run))
    .map(({ name, text }) => [name, text] as const);
}

function ofCells(has: (resources: Cell['resources']) => boolean) {
  return ({ cells }: Run): boolean => cells.some(({ resources }) => has(resources));
}

function ofBuilds(has: (build: Build) => boolean) {
  return ({ builds }: Run): boolean => builds.some(has);
}
