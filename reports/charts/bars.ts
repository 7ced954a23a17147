import type { Chart } from './svg.js';
import { chartWidth, theme } from './theme.js';

/** A part of a stacked bar, as the legend names it. */
export interface Part {
  readonly name: string;
  /** A CSS colour variable. */
  readonly colour: string;
}

/** One part of one bar. */
export interface Bar {
  readonly build: string;
  readonly row: string;
  readonly part: string;
  readonly order: number;
  readonly amount: number;
  readonly label: string;
}

/** Text at the end of a bar. */
export interface Mark {
  readonly build: string;
  readonly row: string;
  readonly at: number;
  readonly text: string;
}

/** Bars by build, stacked by part. */
export interface BarChart {
  readonly bars: readonly Bar[];
  readonly marks: readonly Mark[];
  /** Upright ticks, each with `build`, `row` and `at`. */
  readonly ticks: readonly object[];
  /** Lines along the bars, each with `build`, `row`, `at` and `to`. */
  readonly spans?: readonly object[];
  readonly parts: readonly Part[];
  /** The bars of one build, from top to bottom. */
  readonly rows: readonly string[];
  /** How much longer the axis is than what is drawn, for the text at the end; 1.2 or so. */
  readonly room?: number;
  /** One a build, in order; line breaks part name and parameters. */
  readonly labels: readonly string[];
  readonly title: string;
}

/** Labels of more characters leave so little to the bars that the text at the end needs more. */
const longLabel = 24;
const lines = "split(datum.label, '\\n')";
const lineHeight = 13;

const at = { field: 'at', type: 'quantitative' };

/** Horizontal bars with the total written at the end of each. */
export function barSpec(chart: BarChart): Chart['spec'] {
  const labels = [...new Set(chart.labels)];
  const place = {
    y: {
      field: 'build',
      type: 'nominal',
      scale: { domain: labels, paddingInner: 0.35, paddingOuter: 0.1 },
      axis: {
        title: null,
        labelExpr: lines,
        // Several lines are centred together.
        labelOffset: { expr: `-${lineHeight / 2} * (length(${lines}) - 1)` },
        labelLimit: 230,
        ticks: false,
      },
    },
    yOffset: { field: 'row', type: 'nominal', scale: { domain: chart.rows, paddingInner: 0.15 } },
  };
  const tick = { type: 'tick', color: 'var(--ink)', thickness: 2, bandSize: 16, aria: false };
  const text = { type: 'text', align: 'left', baseline: 'middle', dx: 5, aria: false };
  const spec: object = {
    width: chartWidth,
    autosize: { type: 'fit-x', contains: 'padding' },
    height: labels.length * Math.max(chart.rows.length > 1 ? 46 : 38, labelHeight(labels)),
    config: theme,
    layer: [
      {
        data: { values: chart.bars },
        mark: { type: 'bar' },
        encoding: { ...place, ...barEncoding(chart) },
      },
      { data: { values: chart.ticks }, mark: tick, encoding: { ...place, x: at } },
      ...spanLayers(chart.spans ?? [], place),
      {
        data: { values: chart.marks },
        mark: text,
        encoding: { ...place, x: at, text: { field: 'text' } },
      },
    ],
  };
  return spec as Chart['spec'];
}

/** Each line with an upright stroke at both ends. */
function spanLayers(values: readonly object[], place: object): readonly object[] {
  if (values.length === 0) return [];
  const end = { type: 'tick', color: 'var(--ink)', thickness: 1.25, bandSize: 9, aria: false };
  return [
    {
      data: { values },
      mark: { type: 'rule', stroke: 'var(--ink)', strokeWidth: 1.25, aria: false },
      encoding: { ...place, x: at, x2: { field: 'to' } },
    },
    { data: { values }, mark: end, encoding: { ...place, x: at } },
    { data: { values }, mark: end, encoding: { ...place, x: { ...at, field: 'to' } } },
  ];
}

/** What the label with the most lines needs. */
function labelHeight(labels: readonly string[]): number {
  return lineHeight * Math.max(...labels.map((label) => linesOf(label).length)) + 8;
}

function linesOf(label: string): readonly string[] {
  return label.split('\n');
}

function barEncoding(chart: BarChart): object {
  const ends = [...chart.marks.map((mark) => mark.at), ...chart.bars.map((bar) => bar.amount)];
  // The text at the end of the longest bar needs room.
  const widest = Math.max(...chart.labels.flatMap(linesOf).map(({ length }) => length));
  const room = chart.room ?? (widest > longLabel ? 1.32 : 1.2);
  const domain = [0, Math.max(...ends) * room || 1];
  return {
    x: {
      field: 'amount',
      type: 'quantitative',
      stack: 'zero',
      scale: { domain, nice: false },
      axis: { title: chart.title, tickCount: 5, format: ',~r', domain: false, labelFlush: false },
    },
    order: { field: 'order' },
    description: { field: 'label' },
    color: {
      field: 'part',
      type: 'nominal',
      legend: null,
      scale: {
        domain: chart.parts.map((part) => part.name),
        range: chart.parts.map((part) => part.colour),
      },
    },
  };
}
