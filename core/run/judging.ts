import type { Plan, PlannedBuild } from '../plan.js';
import { filterName } from './filtered-truth.js';
import type { Prepared } from './prepare.js';
import type { Judging } from './verify.js';

/** What a build is verified by. */
export function judgingOf(
  planned: PlannedBuild,
  plan: Plan,
  { judgeOf, filtered }: Prepared,
): Judging {
  const k = largestK(plan);
  const own = plan.cells.filter(({ build }) => build.id === planned.id);
  const wanted = own.flatMap(({ streams }) => streams.flatMap(({ filter }) => filter ?? []));
  const once = new Map(wanted.map((filter) => [filterName(filter), filter]));
  const filters = [...once.values()].filter((filter) => filtered.has(filterName(filter)));
  const columns = own.flatMap(({ streams }) => streams.flatMap(({ payload }) => payload ?? []));
  return {
    judge: judgeOf(k),
    filters: filters.map((filter) => ({ filter, judge: judgeOf(k, filter) })),
    columns: [...new Set(columns)],
  };
}

function largestK(plan: Plan): number {
  return Math.max(...plan.suite.streams.map(({ k }) => k));
}
