import { createHash } from 'node:crypto';
import type { Dataset } from '../dataset.js';
import { BenchError } from '../errors.js';
import { type Filter, matchingRows } from '../filter.js';
import type { Truth } from '../measure/truth.js';
import { loadTruth } from '../measure/truth-cache.js';
import type { Plan } from '../plan.js';
import type { FilterResult } from '../result.js';
import { rowsOf } from '../vectors.js';

/** The neighbours of each query among the rows that meet a filter. */
export interface FilteredTruth {
  readonly truth: Truth;
  /** One byte a row of the base: 1 where it meets the filter. */
  readonly matches: Uint8Array;
  readonly record: FilterResult;
}

/** By filter, as {@link filterName} names it. */
export type FilteredTruths = ReadonlyMap<string, FilteredTruth>;

/** What filtered truths are made from. */
export interface FilteredTruthInput {
  readonly dataset: Dataset;
  /** The dataset's content hash, in hex. */
  readonly sha256: string;
  /** Neighbours that are kept of every query, where so many rows meet the filter. */
  readonly depth: number;
  readonly cacheFolder: string;
  readonly onWarning: (message: string) => void;
}

/** A filter by its form: the same filter has the same name. */
export function filterName(filter: Filter): string {
  return JSON.stringify(filter);
}

/**
 * The truth of every filter of a plan.
 *
 * @throws BenchError BAD_SUITE for a filter that no row meets
 */
export async function filteredTruths(
  { cells }: Plan,
  input: FilteredTruthInput,
): Promise<FilteredTruths> {
  const truths = new Map<string, FilteredTruth>();
  for (const { name, filter } of cells.flatMap(({ streams }) => streams)) {
    if (filter === undefined || truths.has(filterName(filter))) continue;
    truths.set(filterName(filter), await truthOf(filter, name, input));
  }
  return truths;
}

async function truthOf(
  filter: Filter,
  stream: string,
  input: FilteredTruthInput,
): Promise<FilteredTruth> {
  const { dataset, depth, cacheFolder, onWarning } = input;
  const matches = matchingRows(filter, dataset.payload ?? {});
  const rows = Int32Array.from([...matches.keys()].filter((row) => matches[row] === 1));
  if (rows.length === 0) {
    const what = `stream ${stream}: no row of ${dataset.name} meets ${filterName(filter)}`;
    throw new BenchError('BAD_SUITE', what, { hint: 'correct the filter, or leave it out' });
  }
  const { officialTruth: _, payload: __, ...rest } = dataset;
  const part = await loadTruth({
    dataset: { ...rest, base: rowsOf(dataset.base, rows) },
    sha256: createHash('sha256').update(input.sha256).update(matches).digest('hex'),
    k: Math.min(depth, rows.length),
    cacheFolder,
    onWarning,
  });
  return {
    truth: { ...part, ids: part.ids.map((place) => rows[place] as number) },
    matches,
    record: { expression: filter, rows: rows.length, fraction: rows.length / matches.length },
  };
}
