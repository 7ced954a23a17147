import type { Run } from '../../../core/result.js';
import type { Part } from '../../charts/bars.js';
import { buildTimeChart, memoryChart, memoryParts, phaseParts } from '../../charts/builds.js';
import { type Panel, panelsOf, recallChart } from '../../charts/recall.js';
import { type Chart, renderChart } from '../../charts/svg.js';
import { formatLoad, latencyKind } from '../figures.js';
import { type Content, html, type Markup, trustedMarkup } from '../markup.js';
import { partsLegend, seriesLegend } from '../swatch.js';

/** Recall against throughput and against p99, a pair for each dataset and load. */
export async function recallSection(run: Run, id: string): Promise<Markup | undefined> {
  const panels = panelsOf(run);
  if (panels.length === 0) return undefined;
  const pairs = await Promise.all(
    panels.map((panel, index) => panelPair(run, panel, `${id}-${index}`)),
  );
  return html`<section id="${id}"><h2>What recall costs</h2>
<p>Large marks are medians of the valid repeats, small dots the repeats themselves; rules are 95 %
intervals, dashed lines the recalls of the table above. Hollow marks are stand-ins, or points at
which the client was the limit. Point at a mark for its figures.</p>
${seriesLegend(run)}${pairs}</section>`;
}

async function panelPair(run: Run, panel: Panel, id: string): Promise<Markup> {
  const load = `${panel.dataset}, ${formatLoad(panel.load)}`;
  const kind = latencyKind(panel.load);
  const throughput = recallChart(run, panel, 'throughput');
  const p99 = recallChart(run, panel, 'p99');
  return html`<div class="pair">${await figure(throughput, {
    id: `${id}-qps`,
    caption: html`Recall against throughput <small>${load}; up and right is better</small>`,
  })}${await figure(p99, {
    id: `${id}-p99`,
    caption: html`Recall against ${kind} p99 <small>${load}; down and right is better</small>`,
  })}</div>`;
}

/** Memory and build time of each build. */
export async function costSection(run: Run, id: string): Promise<Markup | undefined> {
  const memory = memoryChart(run);
  const time = buildTimeChart(run);
  if (memory === undefined && time === undefined) return undefined;
  return html`<section id="${id}"><h2>What an index costs</h2><div class="pair">${await figure(
    memory,
    {
      id: `${id}-memory`,
      caption: html`Memory <small>above: the index as its engine reports it (tick: raw vectors);
 beneath: its process</small>`,
      legend: shownParts(memoryParts, memory),
    },
  )}${await figure(time, {
    id: `${id}-time`,
    caption: html`Time to build <small>the timed phases, one after the other</small>`,
    legend: shownParts(phaseParts, time),
  })}</div></section>`;
}

function shownParts(parts: readonly Part[], chart: Chart | undefined): Markup {
  return partsLegend(parts.filter((part) => chart?.description.includes(`: ${part.name} `)));
}

async function figure(
  chart: Chart | undefined,
  { id, caption, legend }: { id: string; caption: Content; legend?: Content },
): Promise<Markup | undefined> {
  if (chart === undefined) return undefined;
  const svg = trustedMarkup(await renderChart(chart, id));
  return html`<figure><figcaption>${caption}</figcaption>${legend}${svg}</figure>`;
}
