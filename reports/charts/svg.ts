import type { TopLevelSpec } from 'vega-lite';
import { escapeText } from '../html/markup.js';

/** A chart as data, with the words for those who cannot see it. */
export interface Chart {
  readonly spec: TopLevelSpec;
  readonly title: string;
  readonly description: string;
}

const tag = /<\w+(?:\s[\w:-]+="[^"]*")*\s*\/?>/g;
const hiddenText = /<text[^>]* opacity="0"[^>]*>[^<]*<\/text>/g;
const dropped = / (?:role|aria-[a-z]+|pointer-events|stroke-miterlimit)="[^"]*"/g;
const long = /-?\d+\.\d{3,}/g;

/**
 * Draws a chart without a browser: the same text on every machine, since Vega estimates the width
 * of text where it has no canvas. A mark that has a description gets it as its tooltip.
 *
 * @param chart its spec names colours of the page (`var(--ink)`)
 * @param id unique in the page
 * @returns an `svg` element
 */
export async function renderChart(chart: Chart, id: string): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  const { spec } = vegaLite.compile(chart.spec);
  const view = new vega.View(vega.parse(spec), { renderer: 'none' });
  try {
    return accessible(await view.toSVG(), chart, id);
  } finally {
    view.finalize();
  }
}

function accessible(svg: string, chart: Chart, id: string): string {
  const size = /width="([\d.]+)" height="([\d.]+)"/.exec(svg);
  const box = `0 0 ${size?.[1] ?? 0} ${size?.[2] ?? 0}`;
  const inner = svg
    .replace(/^<svg[^>]*>/, '')
    .replace(/<\/svg>$/, '')
    .replace(/<rect[^>]*fill="transparent"\/>/, '')
    .replace(hiddenText, '')
    .replace(tag, withTooltip)
    .replace(/<path class="(?:background|foreground)"[^>]*?\/>/g, '');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}" width="${size?.[1] ?? 0}"
 role="img" aria-labelledby="${id}-title" aria-describedby="${id}-desc"><title
 id="${id}-title">${escapeText(chart.title)}</title><desc
 id="${id}-desc">${escapeText(chart.description)}</desc>${inner}</svg>`;
}

/** Attributes for screen readers are of no use within an image; a label becomes a tooltip. */
function withTooltip(element: string): string {
  const label = / aria-label="([^"]*)"/.exec(element)?.[1];
  const isMark = /aria-roledescription="(?:point|bar|tick)"/.test(element);
  const kept = element
    .replace(/ aria-label="[^"]*"/, '')
    .replace(dropped, '')
    .replace(long, (digits) => String(Math.round(Number(digits) * 100) / 100));
  if (!isMark || label === undefined || !kept.endsWith('/>')) return kept;
  const name = /^<(\w+)/.exec(kept)?.[1] ?? '';
  return `${kept.slice(0, -2)}><title>${label.replaceAll('>', '&gt;')}</title></${name}>`;
}
