import type { Cell, Latency, Note, Run } from '../../../core/result.js';
import { formatNumber } from '../../../core/units.js';
import { seriesName } from '../../charts/series.js';
import {
  formatDuration,
  formatFraction,
  formatMs,
  formatParameters,
  formatPercent,
  latencyKind,
  range,
  value,
} from '../figures.js';
import { type Content, html, type Markup } from '../markup.js';
import { type Column, table } from '../table.js';

/** Cells with a flag or warning, each with its reasons, and all cells behind a fold. */
export function cellsSection(run: Run, id: string): Markup | undefined {
  if (run.cells.length === 0) return undefined;
  const flagged = run.cells.filter((cell) => reasonsOf(cell).length > 0);
  return html`<section id="${id}" class="wide"><h2>Cells</h2>
${flagged.length === 0 ? html`<p>No cell was flagged.</p>` : flaggedTable(run, flagged)}
<details><summary>Every cell (${run.cells.length})</summary>${table<Cell>({
    caption: 'One row an attempt, in the order of measuring; one window each.',
    layout: 'sortable',
    groups: [{ rows: [...run.cells].sort((a, b) => a.sequence - b.sequence) }],
    columns: [...whereColumns(run), ...measuredColumns(run)],
    rowClass: (cell) => (counts(cell) ? '' : 'invalid'),
  })}</details></section>`;
}

function counts(cell: Cell): boolean {
  return cell.invalid.length === 0 && cell.status === 'complete';
}

function flaggedTable(run: Run, cells: readonly Cell[]): Markup {
  return html`${table<Cell>({
    caption: html`Flagged cells. Greyed ones are invalid: the harness was at fault, so they are in
 no median, front or gate.`,
    groups: [{ rows: cells }],
    columns: [
      ...whereColumns(run),
      { head: 'Why', cell: (cell) => reasonsOf(cell).map((note) => reason(note)) },
    ],
    rowClass: (cell) => (counts(cell) ? '' : 'invalid'),
  })}`;
}

function reason(note: Note): Markup {
  return html`<div class="reason"><code>${note.code}</code> ${note.message}</div>`;
}

/** Why a cell is not plain: invalid first, then the flags, then the warnings. */
function reasonsOf(cell: Cell): readonly Note[] {
  const flag = (isSet: boolean, code: string, message: string): readonly Note[] =>
    isSet ? [{ code, message }] : [];
  return [
    ...cell.invalid,
    ...flag(cell.status !== 'complete', cell.status, 'this cell did not run to its end'),
    ...flag(cell.saturated, 'saturated', 'the store could not keep up with the offered rate'),
    ...flag(cell.clientLimited, 'client-limited', 'throughput is a lower bound, never ranked'),
    ...flag(cell.pacerLimited, 'pacer-limited', 'percentiles hold the lag of the pacer'),
    ...cell.warnings,
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
    {
      head: 'Repeat',
      unit: 'attempt',
      kind: 'number',
      cell: (cell) => `${cell.repeat + 1} (${cell.attempt + 1})`,
      sort: (cell) => cell.repeat * 10 + cell.attempt,
    },
  ];
}

function measuredColumns(run: Run): readonly Column<Cell>[] {
  const loads = run.cells.flatMap((cell) => cell.streams.map((stream) => stream.load));
  const latencyUnit = `${[...new Set(loads.map(latencyKind))].join(' / ')}, ms`;
  const number = (
    head: string,
    unit: string,
    cell: (operation: ReturnType<typeof operationsOf>[number]) => Content,
  ): Column<Cell> => ({
    head,
    unit,
    kind: 'number',
    cell: (each) => operationsOf(each).map((operation) => html`<div>${cell(operation)}</div>`),
  });
  return [
    { head: 'Window', kind: 'number', cell: (cell) => formatDuration(cell.durationS) },
    number('Completed', 'requests', ({ result }) => formatNumber(result.requests.completed)),
    number('Failed', 'requests', ({ result }) => formatNumber(result.requests.failed)),
    number(
      'Recall',
      '@k; by id',
      ({ result: { recall } }) =>
        html`${value(recall?.mean, formatFraction)}<small>${value(
          recall?.byId,
          formatFraction,
        )}</small>`,
    ),
    number('Throughput', 'QPS', ({ result }) => value(result.throughputQps)),
    number('p50', latencyUnit, ({ latency }) => value(latency?.p50, formatMs)),
    number('p99', latencyUnit, ({ latency }) => p99Of(latency)),
    {
      head: 'Client loop',
      unit: 'busy',
      kind: 'number',
      cell: (cell) => value(cell.resources.client.eventLoopUtilization, formatPercent),
    },
  ];
}

function p99Of(latency: Latency | undefined): Content {
  const { p99Low, p99High } = latency ?? {};
  const p99 = value(latency?.p99, formatMs);
  if (p99Low === undefined || p99High === undefined) return p99;
  return html`${p99}<small>${range(p99Low, p99High, formatMs)}</small>`;
}

function operationsOf(cell: Cell) {
  return cell.streams.flatMap((stream) =>
    Object.values(stream.operations).map((result) => ({
      result,
      latency: result.latencyMs[latencyKind(stream.load)],
    })),
  );
}
