import type { Run } from '../../core/result.js';
import type { Part } from '../charts/bars.js';
import { saturatedMark } from '../charts/point-layers.js';
import { type Series, seriesName, seriesOf, star } from '../charts/series.js';
import { type Content, html, type Markup } from './markup.js';

/** Gives the mark of a series by its name, as the charts draw it. */
export type Swatches = (name: string) => Markup | undefined;

const outlines: Readonly<Record<string, string>> = {
  circle: 'M6,2a4,4 0 1,1 0,8a4,4 0 1,1 0,-8z',
  square: 'M2.5,2.5h7v7h-7z',
  'triangle-up': 'M6,1.5L10.8,10H1.2z',
  'triangle-down': 'M6,10.5L10.8,2H1.2z',
  diamond: 'M6,1L10.5,6L6,11L1.5,6z',
  'triangle-right': 'M2,1.2L10.5,6L2,10.8z',
  'triangle-left': 'M10,1.2L1.5,6L10,10.8z',
  cross: 'M4.3,1.5h3.4v2.8h2.8v3.4h-2.8v2.8h-3.4v-2.8h-2.8v-3.4h2.8z',
};

/** The marks of a run's series. */
export function swatchesOf(run: Run): Swatches {
  const series = seriesOf(run);
  return (name) => {
    const found = series.get(name);
    return found === undefined ? undefined : swatch(found);
  };
}

function swatch(series: Series): Markup {
  const fill = series.standIn ? 'none' : series.colour;
  if (series.shape === star) {
    return html`<svg class="swatch" width="12" height="12" viewBox="-1.2 -1.2 2.4 2.4"
 aria-hidden="true"><path d="${star}" fill="${fill}" stroke="${series.colour}"
 stroke-width="0.2"/></svg>`;
  }
  return html`<svg class="swatch" width="12" height="12" aria-hidden="true"><path
 d="${outlines[series.shape] ?? ''}" fill="${fill}" stroke="${series.colour}"/></svg>`;
}

/** A series by mark and name, kept on one line. */
export function seriesLabel(swatches: Swatches, name: string): Markup {
  return html`<span class="series">${swatches(name)}<b>${name}</b></span>`;
}

/** What the marks of the recall charts mean. */
export function seriesLegend(run: Run): Markup {
  return html`<ul class="legend">${seriesItems(run)}<li>${stroke(
    'var(--front)',
    7,
  )}front: no other point of its target beats it</li><li>${stroke(
    'var(--muted)',
    1.5,
  )}one build, search widened</li>${saturatedItem(run)}<li>${cross()}does not count</li></ul>`;
}

/** What the marks of the charts of an offered rate mean. */
export function rateLegend(run: Run): Markup {
  return html`<ul class="legend">${seriesItems(run)}${saturatedItem(run)}<li>${stroke(
    'var(--rule-strong)',
    1.5,
    '3 3',
  )}all that was offered</li><li>${cross()}does not count</li></ul>`;
}

/** What the lines over a ramp or a spike mean. */
export function percentileLegend(events: readonly Content[]): Markup {
  return html`<ul class="legend"><li>${stroke('var(--ink)', 1.5)}p99</li><li>${stroke(
    'var(--ink)',
    1.5,
    '4 3',
  )}p50</li>${events}</ul>`;
}

/** The mark of a saturated point or step, with what it means. */
export function saturatedLegend(): Markup {
  return html`<li><svg class="swatch" width="12" height="12" viewBox="-1.2 -1.2 2.4 2.4"
 aria-hidden="true"><path d="${saturatedMark}" fill="var(--ink)"/></svg>saturated: latency has no
 end</li>`;
}

/** The mark of something that happened at one place. */
export function eventLegend(text: string): Markup {
  return html`<li><svg class="swatch" width="12" height="12" aria-hidden="true"><path
 d="M6,0V12" stroke="var(--ink)" stroke-width="1.2" stroke-dasharray="3 3"/></svg>${text}</li>`;
}

/** A symbol of a chart as an outline filled or not, with what it means. */
export function symbolLegend(
  shape: string,
  colour: { readonly fill: string; readonly stroke: string },
  text: string,
): Markup {
  return html`<li><svg class="swatch" width="12" height="12" aria-hidden="true"><path
 d="${outlines[shape] ?? ''}" fill="${colour.fill}" stroke="${colour.stroke}"
 stroke-width="1.5"/></svg>${text}</li>`;
}

/** A line of a chart, with what it means. */
export function lineLegend(colour: string, text: string, dashes?: string): Markup {
  return html`<li>${stroke(colour, 1.5, dashes)}${text}</li>`;
}

/** A shaded part of a chart. */
export function shadeLegend(colour: string, text: string): Markup {
  return html`<li>${box(colour)}${text}</li>`;
}

function seriesItems(run: Run): readonly Markup[] {
  const names = drawn(run);
  const shown = [...seriesOf(run).values()].filter((series) => names.has(series.name));
  return shown.map((series) => html`<li>${swatch(series)}${series.name}</li>`);
}

function saturatedItem(run: Run): Markup | undefined {
  return run.summaries.some(({ saturated }) => saturated) ? saturatedLegend() : undefined;
}

function drawn(run: Run): ReadonlySet<string> {
  return new Set(run.summaries.map((summary) => seriesName(run, summary)));
}

/** What the colours of the bars mean. */
export function partsLegend(parts: readonly Part[]): Markup {
  return html`<ul class="legend">${parts.map(
    (part) => html`<li>${box(part.colour)}${part.name}</li>`,
  )}</ul>`;
}

function box(colour: string): Markup {
  return html`<svg class="swatch" width="12" height="12" aria-hidden="true"><rect
 width="12" height="12" rx="2" fill="${colour}"/></svg>`;
}

function stroke(colour: string, width: number, dashes?: string): Markup {
  const ends = dashes === undefined ? html` stroke-linecap="round"` : undefined;
  const dashed = dashes === undefined ? undefined : html` stroke-dasharray="${dashes}"`;
  return html`<svg class="swatch" width="20" height="12" aria-hidden="true"><path
 d="M4,6H16" stroke="${colour}" stroke-width="${width}"${ends}${dashed}/></svg>`;
}

function cross(): Markup {
  return html`<svg class="swatch" width="12" height="12" aria-hidden="true"><path
 d="M2,2L10,10M2,10L10,2" stroke="var(--muted)" stroke-width="1.2"/></svg>`;
}
