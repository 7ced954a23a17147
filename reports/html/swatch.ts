import type { Run } from '../../core/result.js';
import type { Part } from '../charts/bars.js';
import { type Series, seriesName, seriesOf } from '../charts/series.js';
import { html, type Markup } from './markup.js';

/** Gives the mark of a series by its name, as the charts draw it. */
export type Swatches = (name: string) => Markup | undefined;

const outlines: Readonly<Record<string, string>> = {
  circle: 'M6,2a4,4 0 1,1 0,8a4,4 0 1,1 0,-8z',
  square: 'M2.5,2.5h7v7h-7z',
  'triangle-up': 'M6,1.5L10.8,10H1.2z',
  'triangle-down': 'M6,10.5L10.8,2H1.2z',
  diamond: 'M6,1L10.5,6L6,11L1.5,6z',
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
  return html`<svg class="swatch" width="12" height="12" aria-hidden="true"><path
 d="${outlines[series.shape] ?? ''}" fill="${fill}" stroke="${series.colour}"/></svg>`;
}

/** A series by mark and name, kept on one line. */
export function seriesLabel(swatches: Swatches, name: string): Markup {
  return html`<span class="series">${swatches(name)}<b>${name}</b></span>`;
}

/** What the marks of the recall charts mean. */
export function seriesLegend(run: Run): Markup {
  const names = drawn(run);
  const shown = [...seriesOf(run).values()].filter((series) => names.has(series.name));
  return html`<ul class="legend">${shown.map(
    (series) => html`<li>${swatch(series)}${series.name}</li>`,
  )}<li>${stroke('var(--front)', 7)}front: no other point beats it</li><li>${stroke(
    'var(--muted)',
    1.5,
  )}one build, search widened</li><li>${cross()}invalid repeat</li></ul>`;
}

function drawn(run: Run): ReadonlySet<string> {
  return new Set(run.summaries.map((summary) => seriesName(run, summary)));
}

/** What the colours of the bars mean. */
export function partsLegend(parts: readonly Part[]): Markup {
  return html`<ul class="legend">${parts.map(
    (part) => html`<li><svg class="swatch" width="12" height="12" aria-hidden="true"><rect
 width="12" height="12" rx="2" fill="${part.colour}"/></svg>${part.name}</li>`,
  )}</ul>`;
}

function stroke(colour: string, width: number): Markup {
  return html`<svg class="swatch" width="20" height="12" aria-hidden="true"><path
 d="M4,6H16" stroke="${colour}" stroke-width="${width}" stroke-linecap="round"/></svg>`;
}

function cross(): Markup {
  return html`<svg class="swatch" width="12" height="12" aria-hidden="true"><path
 d="M2,2L10,10M2,10L10,2" stroke="var(--muted)" stroke-width="1.2"/></svg>`;
}
