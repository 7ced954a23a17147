import type { PlannedCell } from '../plan.js';
import type { Capacity } from '../result.js';
import type { Settings } from './find.js';

/** What a few callers got at a setting, and whether its quality is enough. */
export interface Probe {
  readonly passed: boolean;
  readonly qps: number;
  /** Mean recall@k, where it was measured. */
  readonly recall: number | undefined;
  /** Id of the cell. */
  readonly cell: string;
}

/** The setting that was chosen, and what was tried on the way. */
export interface Tuned {
  readonly chosen: PlannedCell;
  /** Of the chosen setting; of the best that there was where none passed. */
  readonly probe: Probe;
  readonly settings: number;
  readonly tried: NonNullable<Capacity['tuned']>['tried'];
}

/**
 * The fastest setting whose quality passes, without trying all: more effort never lowers the
 * quality, so along a sweep of one parameter the first setting that passes is found by halving, and
 * of several parameters the border between what passes and what fails is walked along. Numbers rank
 * by size; other values stand for themselves and are all tried.
 */
export async function chooseSetting(
  settings: Settings,
  probe: (cell: PlannedCell) => Promise<Probe>,
): Promise<Tuned> {
  const tries = new Map<PlannedCell, Probe>();
  const passes = async (cell: PlannedCell): Promise<boolean> => {
    const known = tries.get(cell) ?? (await probe(cell));
    tries.set(cell, known);
    return known.passed;
  };
  const open = new Set(settings);
  while (open.size > 0) {
    const cell = middleOf([...open]);
    // What passes makes more effort pointless, what fails makes less of it hopeless.
    const passed = await passes(cell);
    for (const other of open) {
      const decided = passed
        ? isEasier(cell.search, other.search)
        : isEasier(other.search, cell.search);
      if (other === cell || decided) open.delete(other);
    }
  }
  const tried = [...tries].map(([{ search }, { passed, qps, recall, cell }]) => ({
    search: { ...search },
    ...(recall !== undefined && { recall }),
    throughputQps: qps,
    passed,
    cell,
  }));
  const ranked = [...tries].sort(([, a], [, b]) => rank(b) - rank(a));
  const [chosen, best] = ranked[0] as [PlannedCell, Probe];
  return { chosen, probe: best, settings: settings.length, tried };
}

/** By throughput among those that pass, else by recall. */
function rank({ passed, qps, recall = 0 }: Probe): number {
  return passed ? 1 + qps : recall;
}

/** The one whose answer decides most of the others, whichever way it goes. */
function middleOf(cells: readonly PlannedCell[]): PlannedCell {
  const decided = (cell: PlannedCell): number => {
    const easier = cells.filter((other) => isEasier(other.search, cell.search)).length;
    const harder = cells.filter((other) => isEasier(cell.search, other.search)).length;
    return Math.min(easier, harder);
  };
  const [first, ...others] = cells as [PlannedCell, ...PlannedCell[]];
  return others.reduce((best, cell) => (decided(cell) > decided(best) ? cell : best), first);
}

type Search = PlannedCell['search'];

/** Whether a setting takes at most the effort of another in every parameter. */
function isEasier(a: Search, b: Search): boolean {
  return Object.entries(a).every(([name, value]) => {
    const other = b[name];
    if (typeof value === 'number' && typeof other === 'number') return value <= other;
    return value === other;
  });
}
