import { describeWork } from '../../../core/load/describe-work.js';
import type { Run } from '../../../core/result.js';
import type { Part } from '../../charts/bars.js';
import { buildTimeChart, memoryChart, memoryParts, phaseParts } from '../../charts/builds.js';
import { type Panel, panelsOf, recallChart } from '../../charts/recall.js';
import type { Chart } from '../../charts/svg.js';
import { figure } from '../figure.js';
import { latencyKind } from '../figures.js';
import { type Content, html, type Markup } from '../markup.js';
import { partsLegend, seriesLegend } from '../swatch.js';

/**
 * Recall against throughput and against p99, a pair for each dataset, stream and closed load. Under
 * an open load the throughput is what was offered, so there is p99 alone.
 */
export async function recallSection(run: Run, id: string): Promise<Markup | undefined> {
  const panels = panelsOf(run);
  if (panels.length === 0) return undefined;
  const figures = await Promise.all(
    panels.map((panel, index) => panelFigures(run, panel, `${id}-${index}`)),
  );
  return html`<section id="${id}"><h2>What recall costs</h2>
<p>Large marks are medians of the valid repeats, small dots the repeats themselves; rules are 95 %
intervals, dashed lines the recalls at which indexes are compared. Hollow marks are not compared:
stand-ins, or points at which the client or the pacer was the limit. Attempts that do not count are
grey crosses, and in no line. Point at a mark for its figures.</p>
${seriesLegend(run)}<div class="pair">${figures}</div></section>`;
}

async function panelFigures(run: Run, panel: Panel, id: string): Promise<Content> {
  const what = `${panel.dataset}, ${describeWork(panel)}`;
  const kind = latencyKind(panel.load);
  const throughput = kind === 'service' ? recallChart(run, panel, 'throughput') : undefined;
  return [
    await figure(throughput, {
      id: `${id}-qps`,
      caption: html`Recall against throughput <small>${what}; up and right is better</small>`,
    }),
    await figure(recallChart(run, panel, 'p99'), {
      id: `${id}-p99`,
      caption: html`Recall against ${kind} p99 <small>${what}; down and right is better</small>`,
    }),
  ];
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
