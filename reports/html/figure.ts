import { type Chart, renderChart } from '../charts/svg.js';
import { type Content, html, type Markup, trustedMarkup } from './markup.js';

/** What stands around a chart. */
export interface FigureWords {
  /** Unique in the page. */
  readonly id: string;
  readonly caption: Content;
  readonly legend?: Content;
}

/** A chart with its caption; nothing where there is no chart. */
export async function figure(
  chart: Chart | undefined,
  { id, caption, legend }: FigureWords,
): Promise<Markup | undefined> {
  if (chart === undefined) return undefined;
  const svg = trustedMarkup(await renderChart(chart, id));
  return html`<figure><figcaption>${caption}</figcaption>${legend}${svg}</figure>`;
}
