import type { Work } from '../../../core/load/describe-work.js';
import type { Cell, Latency, Load, Note, Run } from '../../../core/result.js';
import { formatNumber } from '../../../core/units.js';
import { counts } from '../../charts/cells.js';
import { seriesName } from '../../charts/series.js';
import {
  formatDuration,
  formatFraction,
  formatMs,
  formatParameters,
  formatPercent,
  latencyKind,
  notMeasured,
  range,
  value,
} from '../figures.js';
import { commonLatency, latencyWords } from '../latency.js';
import { type Content, html, type Markup } from '../markup.js';
import { lossesOf } from '../reasons.js';
import { type Column, table } from '../table.js';
import { tellingOf, worksOf } from '../work.js';
import { cellUsageColumns } from './cell-usage.js';

/** Cells with a flag or warning, each with its reasons, and all cells behind a fold. */
export function cellsSection(run: Run, id: string): Markup | undefined {
  if (run.cells.length === 0) return undefined;
  const inOrder = run.cells.toSorted((a, b) => a.sequence - b.sequence || a.attempt - b.attempt);
  const common = commonWarnings(run);
  const flagged = inOrder.filter((cell) => reasonsOf(cell, common).length > 0);
  return html`<section id="${id}" class="wide"><h2>Cells</h2>
${flagged.length === 0 ? html`<p>No cell was flagged.</p>` : flaggedTable(run, flagged)}
${common.length === 0 ? undefined : html`<p>Every measured cell also has:</p>${common.map(reason)}`}
<details><summary>Every cell (${run.cells.length})</summary>${table<Cell>({
    caption: 'One row an attempt, in the order of the plan; one window each.',
    layout: 'sortable',
    groups: [{ rows: inOrder }],
    columns: [...whereColumns(run), ...measuredColumns(run)],
    rowClass: (cell) => (counts(cell) ? '' : 'invalid'),
  })}${usageTable(run, inOrder)}</details></section>`;
}

function usageTable(run: Run, cells: readonly Cell[]): Markup | undefined {
  const columns = cellUsageColumns(run);
  if (columns.length === 0) return undefined;
  return html`<h3>What each cell took</h3>${table<Cell>({
    caption: 'In the window, and by kind of page (PSS) when it was over.',
    layout: 'sortable',
    groups: [{ rows: cells }],
    columns: [...whereColumns(run), ...columns],
    rowClass: (cell) => (counts(cell) ? '' : 'invalid'),
  })}`;
}

/** What all of several measured cells are warned of needs to be said only once. */
function commonWarnings(run: Run): readonly Note[] {
  const [first, ...others] = run.cells.filter(({ streams }) => streams.length > 0);
  if (first === undefined || others.length === 0) return [];
  return first.warnings.filter((note) =>
    others.every(({ warnings }) => warnings.some((other) => isSame(note, other))),
  );
}

function isSame(a: Note, b: Note): boolean {
  return a.code === b.code && a.message === b.message;
}

function flaggedTable(run: Run, cells: readonly Cell[]): Markup {
  const common = commonWarnings(run);
  return html`${table<Cell>({
    caption: html`Flagged cells. Greyed ones do not count: invalid (the harness was at fault),
 partial or failed. They are in no median, front or gate, and in charts at most a grey cross.`,
    groups: [{ rows: cells }],
    columns: [
      ...whereColumns(run),
      {
        head: 'Why',
        cell: (cell) => [...reasonsOf(cell, common).map(reason), again(run, cell)],
      },
    ],
    rowClass: (cell) => (counts(cell) ? '' : 'invalid'),
  })}`;
}

/** What became of a repeat of which one attempt does not count. */
function again(run: Run, cell: Cell): Markup | undefined {
  if (counts(cell)) return undefined;
  const same = run.cells.filter(
    ({ key, build, repeat }) => key === cell.key && build === cell.build && repeat === cell.repeat,
  );
  const good = same.find(counts);
  const words =
    good === undefined ? 'no attempt of it counts' : `attempt ${good.attempt + 1} counts`;
  return html`<small>repeat ${cell.repeat + 1}: ${words}</small>`;
}

function reason(note: Note): Markup {
  return html`<div class="reason"><code>${note.code}</code> ${note.message}</div>`;
}

const violationWords: Readonly<Record<string, string>> = {
  FILTERED_OUT: 'ids came whose rows do not meet the filter',
};

/** What answers did that they must not do, counted over the window. */
function violationsOf(cell: Cell): readonly Note[] {
  return operationsOf(cell).flatMap(({ result }) =>
    Object.entries(result.violations).map(([code, count]) => {
      const message = `${formatNumber(count)} ${violationWords[code] ?? 'times'}`;
      return { code, message };
    }),
  );
}

/** Why a cell is not plain: what it is lost by first, then the flags, then the warnings. */
function reasonsOf(cell: Cell, common: readonly Note[]): readonly Note[] {
  const flag = (isSet: boolean, code: string, message: string): readonly Note[] =>
    isSet ? [{ code, message }] : [];
  return [
    ...lossesOf(cell),
    ...violationsOf(cell),
    ...flag(cell.saturated, 'saturated', 'the store did not keep up; its latency has no end'),
    ...flag(cell.clientLimited, 'client-limited', 'throughput is a lower bound, never ranked'),
    ...flag(cell.pacerLimited, 'pacer-limited', 'over a tenth of the median is lag of the pacer'),
    ...cell.warnings.filter((note) => !common.some((other) => isSame(note, other))),
  ];
}

function markOf(cell: Cell): Markup | undefined {
  if (counts(cell)) return undefined;
  return html` <small>${cell.invalid.length > 0 ? 'invalid' : cell.status}</small>`;
}

function whereColumns(run: Run): readonly Column<Cell>[] {
  const nameOf = (cell: Cell): string => {
    const build = run.builds.find((each) => each.id === cell.build);
    return build === undefined ? cell.build : seriesName(run, { ...build, ...build.index });
  };
  return [
    { head: 'Cell', kind: 'head', cell: (cell) => html`<code>${cell.id}</code>${markOf(cell)}` },
    { head: 'Index', cell: nameOf },
    { head: 'Search', cell: (cell) => formatParameters(cell.search) || '–' },
    ...workColumns(run),
    {
      head: 'Repeat',
      unit: 'attempt',
      kind: 'number',
      cell: (cell) => `${cell.repeat + 1} (${cell.attempt + 1})`,
      sort: (cell) => cell.repeat * 10 + cell.attempt,
    },
  ];
}

/** Stream and load of each operation, where cells differ in them. */
function workColumns(run: Run): readonly Column<Cell>[] {
  const telling = tellingOf(run.cells.flatMap(worksOf));
  if (telling === undefined) return [];
  const { head, wordsOf } = telling;
  const lineOf = (work: Work) => html`<div class="load">${wordsOf(work)}</div>`;
  return [{ head, cell: (each) => worksOf({ streams: streamsOf(run, each) }).map(lineOf) }];
}

/** The streams of a cell; of one that failed before it had any those of another repeat. */
function streamsOf(run: Run, cell: Cell): Cell['streams'] {
  const same = run.cells.filter(({ key, build }) => key === cell.key && build === cell.build);
  return [cell, ...same].find(({ streams }) => streams.length > 0)?.streams ?? [];
}

function loadsOf(run: Run): readonly Load[] {
  return run.cells.flatMap((cell) => cell.streams.map((stream) => stream.load));
}

type Operation = ReturnType<typeof operationsOf>[number];

function operationColumn(
  head: string,
  unit: string,
  cell: (operation: Operation) => Content,
): Column<Cell> {
  const all = (each: Cell) => operationsOf(each).map((one) => html`<div>${cell(one)}</div>`);
  return { head, unit, kind: 'number', cell: all };
}

function measuredColumns(run: Run): readonly Column<Cell>[] {
  const loads = loadsOf(run);
  const common = commonLatency(loads);
  const unit = common === undefined ? 'ms, kind beneath' : `${common}, ms`;
  const words = ({ load }: Operation) =>
    common === undefined ? html`<small>${latencyWords(load)}</small>` : undefined;
  return [
    { head: 'Window', kind: 'number', cell: (cell) => formatDuration(cell.durationS) },
    operationColumn('Completed', 'requests', ({ result }) =>
      formatNumber(result.requests.completed),
    ),
    operationColumn('Failed', 'requests', ({ result }) => formatNumber(result.requests.failed)),
    operationColumn(
      'Recall',
      '@k; by id',
      ({ result: { recall } }) =>
        html`${value(recall?.mean, formatFraction)}<small>${value(
          recall?.byId,
          formatFraction,
        )}</small>`,
    ),
    operationColumn('Throughput', 'QPS', ({ result }) => value(result.throughputQps)),
    operationColumn('p50', unit, (one) => [value(one.latency?.p50, formatMs), words(one)]),
    operationColumn('p99', unit, (one) => [p99Of(one.latency), words(one)]),
    ...(loads.some(({ kind }) => kind !== 'closed') ? openColumns : []),
    {
      head: 'Client loop',
      unit: 'busy',
      kind: 'number',
      cell: (cell) => value(cell.resources.client.eventLoopUtilization, formatPercent),
    },
  ];
}

/** What only loads have whose requests are due at a time. */
const openColumns: readonly Column<Cell>[] = [
  operationColumn('Never sent', 'requests', ({ result }) => formatNumber(result.requests.dropped)),
  operationColumn('Fired to done', 'p50; p99, ms', ({ result, latency }) => {
    const limited = latency?.pacerLimited ?? [];
    const mark =
      limited.length > 0 ? html`<small>pacer-limited: ${limited.join(', ')}</small>` : '';
    return [both(result.latencyMs.firedToDone), mark];
  }),
  operationColumn('Queue wait', 'p99, ms', ({ result }) =>
    value(result.latencyMs.queueWait?.p99, formatMs),
  ),
  operationColumn('Pacer lag', 'p50; p99, ms', ({ result }) => both(result.latencyMs.pacerLag)),
  operationColumn('Burst', 'p99; most', ({ result: { burst } }) =>
    burst === undefined ? notMeasured : `${burst.p99}; ${burst.max}`,
  ),
];

function both(latency: Latency | undefined): Content {
  if (latency === undefined) return notMeasured;
  return [value(latency.p50, formatMs), '; ', value(latency.p99, formatMs)];
}

function p99Of(latency: Latency | undefined): Content {
  const { p99Low, p99High } = latency ?? {};
  const p99 = value(latency?.p99, formatMs);
  if (p99Low === undefined || p99High === undefined) return p99;
  return html`${p99}<small>${range(p99Low, p99High, formatMs)}</small>`;
}

function operationsOf(cell: Cell) {
  return cell.streams.flatMap(({ load, operations }) =>
    Object.values(operations).map((result) => ({
      load,
      result,
      latency: result.latencyMs[latencyKind(load)],
    })),
  );
}
