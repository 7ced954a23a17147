import {
  type ContestantResult,
  type ContestResult,
  type FigureName,
  formatRatio,
} from '../core/calibrate/result.js';
import { formatNumber } from '../core/units.js';
import { type Column, formatTable } from './table.js';

const shown: readonly (readonly [name: FigureName, title: string])[] = [
  ['requestsPerS', 'requests/s'],
  ['msP50', 'p50 ms'],
  ['msP99', 'p99 ms'],
  ['clientCpuUs', 'client CPU us'],
];
const notMeasured = '-';

/**
 * A contest as a person reads it: the medians of all, bench's ratios to the others, then what is to
 * be known of the figures, and who was missing.
 */
export function formatContest(contest: ContestResult): string {
  const { name, title, server, connections, rounds, durationS, contestants, warnings } = contest;
  const present = contestants.filter(({ missing }) => missing === undefined);
  const others = present.filter(({ ratios }) => Object.keys(ratios).length > 0);
  const times = rounds === 1 ? '1 round' : `${rounds} rounds`;
  const spread =
    rounds === 1
      ? 'one round says nothing of the spread'
      : 'geometric means of the rounds with 95 % intervals';
  return [
    `${name}: ${title}`,
    `${server}; ${connections} connections, ${times} of ${durationS} s`,
    '',
    formatTable(columnsOf('median of', 'version'), present.map(medians)),
    formatTable(columnsOf('bench over'), others.map(ratios)),
    `bench over others: ${spread}`,
    ...present.flatMap(({ definitions }) => definitions),
    ...contestants.flatMap(missingLine),
    ...warnings.map(({ code, message }) => `warning ${code}: ${message}`),
    '',
  ].join('\n');
}

function columnsOf(...first: readonly string[]): Column[] {
  const figures = shown.map(([, title]) => ({ title, right: true }));
  return [...first.map((title) => ({ title })), ...figures];
}

function medians({ title, version = '', figures }: ContestantResult): string[] {
  const cells = shown.map(([name]) => {
    const figure = figures[name];
    return figure === undefined ? notMeasured : formatNumber(figure.median);
  });
  return [title, shortVersion(version), ...cells];
}

function ratios({ title, ratios: found }: ContestantResult): string[] {
  const cells = shown.map(([name]) => {
    const ratio = found[name];
    return ratio === undefined ? notMeasured : formatRatio(ratio);
  });
  return [title, ...cells];
}

/** A commit is told from others by its first digits. */
function shortVersion(version: string): string {
  return version.replace(/ ([0-9a-f]{10})[0-9a-f]{30}/, ' $1');
}

function missingLine({ name, missing }: ContestantResult): string[] {
  return missing === undefined ? [] : [`not there: ${name} (${missing})`];
}
