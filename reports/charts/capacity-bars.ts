import type { Capacity, Run } from '../../core/result.js';
import { formatNumber } from '../../core/units.js';
import { formatParameters } from '../html/figures.js';
import { type Bar, barSpec, type Mark, type Part } from './bars.js';
import { linesOf } from './builds.js';
import { isStandIn, seriesName } from './series.js';
import type { Chart } from './svg.js';

/** The parts of the chart of confirmed rates. */
export const capacityParts: readonly Part[] = [
  { name: 'confirmed', colour: 'var(--part-1)' },
  {
    name: 'confirmed, not ranked: a stand-in, or the client was the limit',
    colour: 'var(--part-3)',
  },
];

/** The stream of a setting, where settings differ in it. */
export function streamOfCapacity({ capacity }: Run, { stream }: Capacity): string | undefined {
  return capacity.some((other) => other.stream !== stream) ? stream : undefined;
}

/** The highest first; then what is never ranked, and last what has no confirmed rate. */
export function sortedCapacity(run: Run): readonly Capacity[] {
  const rank = (entry: Capacity): number => {
    if (entry.confirmedQps === undefined) return 2;
    return isRanked(run, entry) ? 0 : 1;
  };
  return run.capacity.toSorted(
    (a, b) => rank(a) - rank(b) || (b.confirmedQps ?? 0) - (a.confirmedQps ?? 0),
  );
}

/** Whether a rate may be compared: neither of a stand-in nor bounded by the client. */
export function isRanked(run: Run, { ending, target }: Capacity): boolean {
  return ending !== 'client-limit' && !isStandIn(run, target);
}

/**
 * The confirmed rates of several settings, each with a line from the highest rate that passed to
 * the lowest that failed. Where none is confirmed words say why; there is no bar of length 0.
 *
 * @returns undefined where there are not two settings, or no rate is confirmed
 */
export function capacityBars(run: Run): Chart | undefined {
  const entries = sortedCapacity(run);
  if (entries.length < 2 || entries.every(({ confirmedQps }) => confirmedQps === undefined)) {
    return undefined;
  }
  const labels = labelsOf(run, entries);
  const rows = entries.map((entry, index) => ({ entry, build: labels[index] as string }));
  const bars = rows.flatMap(({ entry, build }) => barOf(run, entry, build));
  return {
    title: 'Confirmed rates of each setting (QPS)',
    description: rows
      .map(({ entry, build }) => `${build.replaceAll('\n', ' ')}: ${textOf(entry)}`)
      .join('. '),
    spec: barSpec({
      bars,
      marks: rows.map(({ entry, build }) => markOf(entry, build)),
      ticks: [],
      spans: rows.flatMap(({ entry, build }) => spanOf(entry, build)),
      parts: capacityParts,
      rows: ['all'],
      labels,
      title: 'confirmed rate (QPS)',
      room: 1.35,
    }),
  };
}

/** One label a setting; equal ones are told apart by a number. */
function labelsOf(run: Run, entries: readonly Capacity[]): readonly string[] {
  const plain = entries.map((entry) => {
    // The name of a series says what it is refined by.
    const { refine: _, ...params } = entry.params;
    const words = formatParameters({ ...params, ...entry.search }).split(' ');
    const all = [streamOfCapacity(run, entry) ?? '', ...words];
    const name = seriesName(run, entry);
    return [name, ...linesOf(all.filter((word) => word !== ''))].join('\n');
  });
  return plain.map((label, index) => {
    const earlier = plain.slice(0, index).filter((each) => each === label).length;
    return earlier === 0 ? label : `${label}\n(${earlier + 1})`;
  });
}

function barOf(run: Run, entry: Capacity, build: string): readonly Bar[] {
  const part = capacityParts[isRanked(run, entry) ? 0 : 1];
  if (entry.confirmedQps === undefined || part === undefined) return [];
  const label = `${build.replaceAll('\n', ' ')}: ${textOf(entry)}`;
  return [{ build, row: 'all', part: part.name, order: 0, amount: entry.confirmedQps, label }];
}

function markOf(entry: Capacity, build: string): Mark {
  const { bracket, confirmedQps } = entry;
  const at = confirmedQps === undefined ? 0 : Math.max(confirmedQps, bracket.failedQps ?? 0);
  return { build, row: 'all', at, text: textOf(entry) };
}

function spanOf({ bracket, confirmedQps }: Capacity, build: string): readonly object[] {
  const { passedQps, failedQps } = bracket;
  const isDrawn = confirmedQps !== undefined && failedQps !== undefined;
  return isDrawn ? [{ build, row: 'all', at: passedQps ?? confirmedQps, to: failedQps }] : [];
}

/** The rate, or in a few words why there is none. */
function textOf({ bracket, confirmedQps, ending }: Capacity): string {
  if (confirmedQps !== undefined) {
    return `${ending === 'confirmed' ? '' : '≥ '}${formatNumber(confirmedQps)}`;
  }
  const { passedQps, failedQps } = bracket;
  const passed = passedQps === undefined ? 'nothing passed' : `${formatNumber(passedQps)} passed`;
  const failed = failedQps === undefined ? '' : `, ${formatNumber(failedQps)} did not`;
  const words: Readonly<Record<Capacity['ending'], string>> = {
    confirmed: 'no confirmed rate',
    unconfirmed: 'not confirmed: no long trial passed',
    'out-of-time': `out of time: ${passed}${failed}`,
    'nothing-passes': `nothing passes${failed}`,
    'no-limit': `no limit found: ${passed}`,
    'client-limit': `client limit: ${passed}`,
  };
  return words[ending];
}
