import { describeWork } from '../../../core/load/describe-work.js';
import type { Run, Summary } from '../../../core/result.js';
import { nameOfPoint } from '../../charts/points.js';
import { kneeText, rampChart } from '../../charts/ramp.js';
import { rateChart, ratePanelsOf } from '../../charts/rates.js';
import { queriesSentence } from '../../charts/series.js';
import { recoveryText, spikeChart } from '../../charts/spike.js';
import { figure } from '../figure.js';
import { type Content, html, type Markup } from '../markup.js';
import {
  eventLegend,
  percentileLegend,
  rateLegend,
  type Swatches,
  saturatedLegend,
  shadeLegend,
} from '../swatch.js';
import { openTables, phasesTable } from './load-tables.js';

/** What a store does at a rate that does not wait for it; nothing without open loads. */
export async function loadSection(
  run: Run,
  id: string,
  swatches: Swatches,
): Promise<Markup | undefined> {
  const open = run.summaries.filter(({ load }) => load.kind !== 'closed');
  if (open.length === 0) return undefined;
  const queries = queriesSentence(run);
  return html`<section id="${id}" class="wide"><h2>Under an offered rate</h2>
<p>Requests are due by a schedule and do not wait for answers; response time counts from the moment
a request was due. Large marks are medians of the valid repeats with 95 % intervals, small dots the
repeats. Attempts that do not count are grey crosses here, and left out of ramps and spikes. Point
at a mark for its figures.${queries && ` ${queries}`}</p>
${await ratePart(run, id)}${await rampPart(run, id)}${await spikePart(run, id)}
${openTables(run, open, swatches)}${phasesTable(run, open)}</section>`;
}

async function ratePart(run: Run, id: string): Promise<Content> {
  const panels = ratePanelsOf(run);
  if (panels.length === 0) return undefined;
  const figures = panels.map(async (panel, index): Promise<Content> => {
    const what = `${panel.dataset}, ${panel.stream}`;
    return [
      await figure(rateChart(run, panel, 'p99'), {
        id: `${id}-rate-${index}-p99`,
        caption: html`Response p99 against offered rate <small>${what}; down and right is better;
 from 1,000 requests on</small>`,
      }),
      await figure(rateChart(run, panel, 'achieved'), {
        id: `${id}-rate-${index}-qps`,
        caption: html`Throughput against offered rate <small>${what}; on the dashed line nothing
 stays behind</small>`,
      }),
    ];
  });
  return html`${rateLegend(run)}<div class="pair">${await Promise.all(figures)}</div>`;
}

async function rampPart(run: Run, id: string): Promise<Content> {
  const ramps = run.summaries.filter(({ load }) => load.kind === 'ramp');
  const figures = await figuresOf(ramps, (summary, index) =>
    figure(rampChart(run, summary), {
      id: `${id}-ramp-${index}`,
      caption: captionOf(run, summary, kneeText(run, summary)),
    }),
  );
  if (figures.length === 0) return undefined;
  const events = [saturatedLegend(), eventLegend('knee: the last rate before the first saturated')];
  return html`<h3>Ramps</h3>${percentileLegend(events)}<div class="pair">${figures}</div>`;
}

async function spikePart(run: Run, id: string): Promise<Content> {
  const spikes = run.summaries.filter(({ load }) => load.kind === 'spike');
  const figures = await figuresOf(spikes, (summary, index) =>
    figure(spikeChart(run, summary), {
      id: `${id}-spike-${index}`,
      caption: captionOf(run, summary, recoveryText(run, summary)),
    }),
  );
  if (figures.length === 0) return undefined;
  const events = [shadeLegend('var(--burst)', 'burst'), eventLegend('as before the burst again')];
  return html`<h3>Spikes</h3>${percentileLegend(events)}<div class="pair">${figures}</div>`;
}

async function figuresOf(
  summaries: readonly Summary[],
  draw: (summary: Summary, index: number) => Promise<Markup | undefined>,
): Promise<readonly Markup[]> {
  const figures = await Promise.all(summaries.map(draw));
  return figures.filter((each) => each !== undefined);
}

function captionOf(run: Run, summary: Summary, found: string): Markup {
  const work = describeWork(summary);
  return html`${nameOfPoint(run, summary)}: ${found} <small>${summary.dataset}, ${work}</small>`;
}
