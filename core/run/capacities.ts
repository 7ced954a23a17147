import { type CapacityTask, findCapacity, type Settings } from '../capacity/find.js';
import type { Prices } from '../cost/prices.js';
import { BenchError } from '../errors.js';
import type { PlannedCell } from '../plan.js';
import type { Progress } from '../progress.js';
import type { Capacity } from '../result.js';
import type { LiveBuild } from './build.js';
import { costsOfCapacity } from './cost-readings.js';
import type { Measuring } from './measuring.js';

/** What searching for the highest rates needs. */
export interface CapacitiesInput {
  readonly task: CapacityTask;
  readonly measuring: Measuring;
  readonly live: ReadonlyMap<string, LiveBuild>;
  /** Client and engines have cores of their own. */
  readonly isolated: boolean;
  readonly progress: Progress;
  readonly prices: Prices | undefined;
  /** Takes each answer when it is found. */
  readonly keep: (capacity: Capacity) => void;
}

/**
 * Finds the capacity of each setting, or of the best of those that differ in tuned parameters only.
 * A store that is lost ends its own search; the others go on where the run does.
 *
 * @throws BenchError INTERRUPTED when the run is stopped
 */
export async function findCapacities(
  cells: readonly PlannedCell[],
  input: CapacitiesInput,
): Promise<void> {
  const { task, measuring, progress, keep } = input;
  const groups = groupsOf(cells, task.tune);
  for (const [index, settings] of groups.entries()) {
    const [first] = settings;
    const { build } = first;
    if (measuring.stopped !== undefined) break;
    progress.phase(`capacity ${index + 1} of ${groups.length}, ${build.id}`);
    try {
      const found = await findCapacity(task, settings, trialBench(input));
      keep({ ...found, ...costsOf(found, input) });
    } catch (error) {
      if (!(error instanceof BenchError) || measuring.lossOf(build.id) === undefined) throw error;
    }
  }
}

function costsOf({ confirmation, confirmedQps }: Capacity, input: CapacitiesInput) {
  const cell = input.measuring.cells.find(({ id }) => id === confirmation);
  if (cell === undefined || confirmedQps === undefined) return {};
  return costsOfCapacity(cell, { rateQps: confirmedQps, prices: input.prices });
}

function trialBench({ measuring, live, isolated, progress }: CapacitiesInput) {
  let trials = 0;
  return {
    async measure(cell: PlannedCell, timing: { warmUpS: number; durationS: number }) {
      const build = live.get(cell.build.id) as LiveBuild;
      progress.update(trials++, cell.id);
      const measured = await measuring.trial(cell, { live: build, isolated, timing });
      const loss = measuring.lossOf(cell.build.id);
      if (loss !== undefined) throw new BenchError('STORE_FAILED', loss.message);
      return measured;
    },
    note: (line: string) => progress.note(`  ${line}`),
  };
}

/** Cells of one build and load that have all search parameters in common but the tuned ones. */
export function groupsOf(cells: readonly PlannedCell[], tuned: readonly string[]): Settings[] {
  const groups = new Map<string, [PlannedCell, ...PlannedCell[]]>();
  for (const cell of cells) {
    const others = Object.entries(cell.search).filter(([name]) => !tuned.includes(name));
    const asked = cell.streams.map(({ name, load }) => [name, load]);
    const key = JSON.stringify([cell.build.id, asked, others.sort()]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [cell]);
    else group.push(cell);
  }
  return [...groups.values()];
}
