import type { Run } from '../../../core/result.js';
import { seriesOf } from '../../charts/series.js';
import { clientColour, coresChart, hasUsage, residentChart, usersOf } from '../../charts/usage.js';
import { figure } from '../figure.js';
import { html, type Markup } from '../markup.js';
import { lineLegend } from '../swatch.js';

/** What stores and client took, second by second; nothing where too little was sampled. */
export async function usageSection(run: Run, id: string): Promise<Markup | undefined> {
  if (!hasUsage(run)) return undefined;
  const client = usersOf(run, 'clientCores').size > 0 && clientLegend;
  const cores = await figure(coresChart(run), {
    id: `${id}-cores`,
    caption: html`Processor time <small>of the store's processes and of the client; 1 is one core
 without a pause</small>`,
    legend: html`<ul class="legend">${seriesItems(run, 'serverCores')}${client || undefined}</ul>`,
  });
  const memory = await figure(residentChart(run), {
    id: `${id}-memory`,
    caption: html`Memory <small>resident set (RSS) of the store's processes, the largest sample of
 each second</small>`,
    legend: html`<ul class="legend">${seriesItems(run, 'serverRssBytes')}</ul>`,
  });
  if (cores === undefined && memory === undefined) return undefined;
  return html`<section id="${id}"><h2>Processor time and memory over time</h2>
<p>Along the clock of the whole run, second by second of every window that was sampled, attempts
that do not count among them. Between windows, as while building or warming up, nothing is drawn;
nor is a second of which nothing is known.</p><div class="pair">${cores}${memory}</div></section>`;
}

const clientLegend = lineLegend(clientColour, 'client', '2 2');

/** Series that share a colour share an entry. */
function seriesItems(run: Run, figure: Parameters<typeof usersOf>[1]): readonly Markup[] {
  const drawn = usersOf(run, figure);
  const names = new Map<string, string[]>();
  for (const { name, colour } of seriesOf(run).values()) {
    if (drawn.has(name)) names.set(colour, [...(names.get(colour) ?? []), name]);
  }
  return [...names].map(([colour, own]) => lineLegend(colour, own.join(', ')));
}
