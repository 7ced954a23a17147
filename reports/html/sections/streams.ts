import { describeFilter } from '../../../core/describe-filter.js';
import { askedOf, type StreamAsked } from '../../../core/load/describe-asked.js';
import type { Run } from '../../../core/result.js';
import { formatNumber } from '../../../core/units.js';
import { formatPercent } from '../figures.js';
import { html, type Markup } from '../markup.js';
import { type Column, table } from '../table.js';

/** What each stream asks beside the nearest rows; nothing where none asks for more. */
export function streamsSection(run: Run, id: string): Markup | undefined {
  const streams = askedOf(run);
  if (streams.length === 0) return undefined;
  const hasFilter = streams.some(({ filter }) => filter !== undefined);
  const hasPayload = streams.some(({ payload }) => payload !== undefined);
  const words = hasFilter
    ? 'Of a filtered stream the recall is judged among the rows that meet its filter.'
    : '';
  return html`<section id="${id}"><h2>What each stream asks</h2>${table<StreamAsked>({
    caption: `The nearest rows to each query. ${words}`.trim(),
    layout: 'stack',
    groups: [{ rows: streams }],
    columns: [
      { head: 'Stream', kind: 'head', cell: ({ name }) => html`<b>${name}</b>` },
      ...(hasFilter ? filterColumns : []),
      ...(hasPayload ? [payloadColumn] : []),
    ],
  })}</section>`;
}

const filterColumns: readonly Column<StreamAsked>[] = [
  {
    head: 'Filter',
    cell: ({ filter }) =>
      filter === undefined ? 'none' : html`<code>${describeFilter(filter.expression)}</code>`,
  },
  {
    head: 'Rows that meet it',
    kind: 'number',
    cell: ({ filter }) => {
      if (filter === undefined) return 'all';
      return html`${formatPercent(filter.fraction)}<small>${formatNumber(filter.rows)}</small>`;
    },
  },
];

const payloadColumn: Column<StreamAsked> = {
  head: 'With the ids',
  cell: ({ payload = [] }) => (payload.length === 0 ? 'nothing' : payload.join(', ')),
};
