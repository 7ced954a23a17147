import type { Cell, Run } from '../result.js';
import { median } from '../stats/quantile.js';

/**
 * What sampling took of a core while cells were measured.
 *
 * @returns undefined where no cell knows
 */
export function samplingCost(cells: readonly Cell[]): Run['sampling'] {
  const known = cells.flatMap(({ resources: { sampler } }) => sampler?.cpuFraction ?? []);
  return known.length === 0 ? undefined : { cells: known.length, cpuFraction: median(known) };
}
