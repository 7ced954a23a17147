import { costGaps } from '../../core/cost/gaps.js';
import { describePrices } from '../../core/cost/prices.js';
import type { Run, Summary } from '../../core/result.js';
import { withInterval } from './figures.js';
import { html, type Markup } from './markup.js';
import type { Column } from './table.js';

const costs = [
  ['costPerMillionByHour', 'by the hour'],
  ['costPerMillionByUse', 'by use'],
  ['costPerMillionByRequest', 'by the request'],
] as const;

/** What a million queries take and cost; only with prices, and those costs that there are. */
export function priceColumns({ prices, summaries }: Run): readonly Column<Summary>[] {
  if (prices === undefined) return [];
  const column = (metric: string, head: string, unit: string): Column<Summary> => ({
    head,
    unit,
    kind: 'number',
    cell: ({ metrics }) => withInterval(metrics[metric]),
    sort: ({ metrics }) => metrics[metric]?.median ?? -1,
  });
  const shown = costs.filter(([metric]) => summaries.some(({ metrics }) => metrics[metric]));
  return [
    column('cpuSPerMillion', 'Server CPU', 's a million'),
    ...shown.map(([metric, way]) => column(metric, 'Cost', `${prices.currency} a million, ${way}`)),
  ];
}

/** What the costs rest on, and which of them nothing was measured for. */
export function priceNote({ prices, summaries }: Run): Markup | undefined {
  if (prices === undefined) return undefined;
  const gaps = costGaps(prices, summaries).map((gap) => ` There is ${gap}.`);
  return html`<p>Prices: ${describePrices(prices)}. They were given with the run (${
    prices.file
  }); bench knows none.${gaps}</p>`;
}
