import type { Config } from 'vega-lite';

/** Colours are variables of the page, so that one drawing serves light, dark and paper. */
export const theme: Config = {
  background: 'transparent',
  font: 'system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif',
  padding: { left: 2, right: 10, top: 6, bottom: 2 },
  view: { stroke: null },
  axis: {
    domainColor: 'var(--rule-strong)',
    gridColor: 'var(--rule)',
    labelColor: 'var(--muted)',
    labelFontSize: 11,
    labelPadding: 6,
    tickColor: 'var(--rule-strong)',
    tickSize: 4,
    titleColor: 'var(--ink)',
    titleFontSize: 11.5,
    titleFontWeight: 600,
    titlePadding: 10,
  },
  text: { color: 'var(--ink)', fontSize: 11 },
};

/** Width of a chart with its axes in its own units; the page scales the whole. */
export const chartWidth = 480;
