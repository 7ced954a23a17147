import { describeFilter } from '../describe-filter.js';
import type { FilterResult, Run, StreamResult } from '../result.js';
import { formatNumber } from '../units.js';

/** What a stream asks beside the nearest rows. */
export type StreamAsked = Pick<StreamResult, 'name' | 'filter' | 'payload'>;

type AskedRun = Pick<Run, 'cells' | 'summaries'>;

/** The streams of a run, each once; none where all of them ask for the nearest rows alone. */
export function askedOf({ cells, summaries }: AskedRun): readonly StreamAsked[] {
  const streams = cells.flatMap((cell) => cell.streams);
  // Cells lie in the order in which they were measured, which is drawn.
  const inOrder = [...summaries.map(({ stream }) => stream), ...streams.map(({ name }) => name)];
  const names = new Set(inOrder);
  const asked = [...names].flatMap((name) => streams.find((stream) => stream.name === name) ?? []);
  return asked.some(({ filter, payload }) => filter ?? payload) ? asked : [];
}

/** Which share of the rows meets a filter: `22.1 % of rows`. */
export function describeShare({ fraction }: FilterResult): string {
  return `${formatNumber(100 * fraction)} % of rows`;
}

/** What streams ask, a phrase each: `search-genre: genre = Comedy (22.1 % of rows), with title`. */
export function describeAsked(run: AskedRun): string[] {
  return askedOf(run).map(({ name, filter, payload = [] }) => {
    const rows = filter && `${describeFilter(filter.expression)} (${describeShare(filter)})`;
    const columns = payload.length > 0 ? `, with ${payload.join(', ')}` : '';
    return `${name}: ${rows ?? 'all rows'}${columns}`;
  });
}
