import { describeFilter } from '../../../core/describe-filter.js';
import { askedOf } from '../../../core/load/describe-asked.js';
import { isSameWork } from '../../../core/load/describe-work.js';
import { describeLoad } from '../../../core/load/phases.js';
import type { AtRecall, Run, Summary } from '../../../core/result.js';
import { formatBytes } from '../../../core/units.js';
import {
  isStandIn,
  latencyMetric,
  queriesSentence,
  recallName,
  seriesName,
} from '../../charts/series.js';
import { describeBuiltOf } from '../built.js';
import {
  capital,
  formatDuration,
  formatFraction,
  formatMs,
  formatParameters,
  notMeasured,
  value,
  withInterval,
} from '../figures.js';
import { type Content, html, type Markup } from '../markup.js';
import { type Swatches, seriesLabel } from '../swatch.js';
import { type Column, table } from '../table.js';

interface Row {
  readonly entry: AtRecall;
  readonly summary: Summary | undefined;
  readonly ranked: boolean;
}

/** What a reviewer asks first: at this recall, how fast, in how much memory, built how quickly. */
export function headlineSection(run: Run, id: string, swatches: Swatches): Markup | undefined {
  const entries = entriesOf(run);
  if (entries.length === 0) return undefined;
  const levels = [...new Set(entries.map((entry) => entry.recall))].sort((a, b) => a - b);
  const load = loadOf(run);
  const queries = queriesSentence(run);
  const hasOpen = run.summaries.some(({ load }) => load.kind !== 'closed');
  const streams = streamsOf(entries);
  const eachTarget = run.targets.length > 1 ? ' of each target' : '';
  const each = `${eachTarget}${streams.length > 1 ? ', and each stream,' : ''}`;
  const more = [load && `Load: ${load}.`, queries, hasOpen && openWords].filter(Boolean);
  return html`<section id="${id}"><h2>Best measured throughput at a recall</h2>${table<Row>({
    caption: html`For each index family${each} the fastest point that was measured at that recall or
 above, fastest family first; 95 % intervals beneath.
 Nothing is interpolated. ${more.join(' ')}`,
    layout: 'stack',
    columns: columnsOf(run, swatches),
    groups: levels.flatMap((level) =>
      streams.map((stream) => ({
        title: html`Recall ≥ ${level}${stream && streamTitle(run, stream)}`,
        rows: rowsAt(run, { level, stream }),
      })),
    ),
    rowClass: (row) => (row.ranked ? '' : 'unranked'),
  })}</section>`;
}

const openWords = 'Open loads are not here: their throughput is what was offered.';

/** Closed loads only: the throughput of an open load says how fast it was asked. */
function entriesOf(run: Run): readonly AtRecall[] {
  return run.atRecall.filter(({ load }) => load.kind === 'closed');
}

/** The load in words where all entries have the same; it then needs no column. */
function loadOf(run: Run): string | undefined {
  const loads = new Set(entriesOf(run).map(({ load }) => describeLoad(load)));
  return loads.size === 1 ? [...loads][0] : undefined;
}

/** The streams that are compared within themselves only; one that is its operation has no name. */
function streamsOf(entries: readonly AtRecall[]): readonly (string | undefined)[] {
  const names = [...new Set(entries.map(({ stream }) => stream))];
  const isPlain = entries.every(({ stream, operation }) => stream === operation);
  return names.length === 1 && isPlain ? [undefined] : names;
}

/** A stream with the filter that its answers meet. */
function streamTitle(run: Run, stream: string): Markup {
  const filter = askedOf(run).find(({ name }) => name === stream)?.filter;
  const words = filter === undefined ? '' : `: ${describeFilter(filter.expression)}`;
  return html` <span class="of">${stream}${words}</span>`;
}

interface Place {
  readonly level: number;
  readonly stream: string | undefined;
}

function rowsAt(run: Run, { level, stream }: Place): readonly Row[] {
  const rows = entriesOf(run)
    .filter((entry) => entry.recall === level)
    .filter((entry) => stream === undefined || entry.stream === stream)
    .map((entry) => rowOf(run, entry));
  return rows.sort(
    (a, b) =>
      placeOf(a) - placeOf(b) || (b.entry.throughputQps ?? -1) - (a.entry.throughputQps ?? -1),
  );
}

/** Ranked points first, then what did not reach the recall, then what is never ranked. */
function placeOf(row: Row): number {
  if (row.ranked) return 0;
  return row.summary === undefined ? 1 : 2;
}

function rowOf(run: Run, entry: AtRecall): Row {
  const summary = run.summaries.find(
    (each) => each.key === entry.key && each.target === entry.target && isSameWork(each, entry),
  );
  const held = isStandIn(run, entry.target) || summary?.clientLimited === true;
  return { entry, summary, ranked: summary !== undefined && !held };
}

function columnsOf(run: Run, swatches: Swatches): readonly Column<Row>[] {
  const figure = (row: Row, name: string) => row.summary?.metrics[name];
  const ranked = entriesOf(run)
    .map((entry) => rowOf(run, entry))
    .filter((row) => row.ranked);
  const fastestOf = ({ entry: { stream } }: Row): number => {
    const own = ranked.filter(({ entry }) => entry.stream === stream);
    return Math.max(...own.map(({ entry }) => entry.throughputQps ?? 0));
  };
  const columns: Column<Row>[] = [
    { head: 'Index', kind: 'head', cell: (row) => indexOf(run, row, swatches) },
    { head: 'Search', cell: (row) => searchOf(run, row) },
    {
      head: capital(recallName(run)),
      kind: 'number',
      cell: (row) => withInterval(figure(row, 'recall'), formatFraction),
    },
    {
      head: 'Throughput',
      unit: 'QPS',
      kind: 'number',
      cell: (row) => throughputOf(row, fastestOf(row)),
    },
    {
      head: 'p99',
      unit: 'service time, ms',
      kind: 'number',
      cell: (row) => withInterval(figure(row, latencyMetric(row.entry.load, 'P99')), formatMs),
    },
    {
      head: 'Engine memory',
      unit: 'as the engine reports',
      kind: 'number',
      cell: (row) => value(figure(row, 'engineBytes')?.median, formatBytes),
    },
    {
      head: 'Memory growth',
      unit: 'PSS that the build added',
      kind: 'number',
      cell: (row) => value(figure(row, 'pssGrowthBytes')?.median, formatBytes),
    },
    {
      head: 'Build',
      unit: 'all phases',
      kind: 'number',
      cell: (row) => value(figure(row, 'buildS')?.median, formatDuration),
    },
  ];
  const load: Column<Row> = { head: 'Load', cell: (row) => describeLoad(row.entry.load) };
  return loadOf(run) === undefined ? columns.toSpliced(2, 0, load) : columns;
}

function indexOf(run: Run, row: Row, swatches: Swatches): Markup {
  const member = row.summary ?? { ...row.entry, params: {} };
  const name = seriesName(run, member);
  const params = row.summary === undefined ? '' : describeBuiltOf(run, row.summary);
  const mark = isStandIn(run, row.entry.target) ? 'stand-in, not ranked' : undefined;
  return html`${seriesLabel(swatches, name)}${mark && html` <span class="tag">${mark}</span>`}
<small>${params}</small>`;
}

function searchOf(run: Run, row: Row): Content {
  if (row.summary !== undefined) return formatParameters(row.summary.search) || 'no parameters';
  const best = run.summaries
    .filter((each) => each.target === row.entry.target && each.family === row.entry.family)
    .filter((each) => isSameWork(each, row.entry))
    .map((each) => each.metrics.recall?.median ?? 0)
    .sort((a, b) => b - a)[0];
  return best === undefined
    ? 'not reached'
    : html`not reached<small>highest measured: ${formatFraction(best)}</small>`;
}

/** The bar is the share of the highest throughput of the stream. */
function throughputOf(row: Row, fastest: number): Content {
  const figure = row.summary?.metrics.throughputQps;
  if (figure === undefined) return notMeasured;
  const width = `${((100 * figure.median) / fastest).toFixed(1)}%`;
  const bound = row.summary?.clientLimited ? html`<span title="lower bound">≥ </span>` : undefined;
  const bar = html`<svg class="bar" aria-hidden="true" width="96" height="3"><rect
 width="${width}" height="3" rx="1.5" fill="var(--accent)"/></svg>`;
  const number = html`<span class="strong">${bound}${withInterval(figure)}</span>`;
  return row.ranked ? [number, bar] : number;
}
