import type { Run } from '../../core/result.js';
import type { Series } from './series.js';

/** The height of the drawing area. */
export const plotHeight = 300;

/** A cross of two lines. */
const invalidMark = 'M-0.7,-0.7L0.7,0.7M-0.7,0.7L0.7,-0.7';

/** An arrow upwards, as Vega takes a shape: within -1 to 1. */
export const saturatedMark = 'M0,-1.1L0.9,-0.1L0.3,-0.1L0.3,1L-0.3,1L-0.3,-0.1L-0.9,-0.1Z';

/** How a point is drawn: what is not compared is hollow, saturated ones are arrows. */
export type Mark = 'full' | 'hollow' | 'saturated';

/** A point of a chart; the fields that start with x or y are in the units of the axes. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly xLow?: number | undefined;
  readonly xHigh?: number | undefined;
  readonly yLow: number | undefined;
  readonly yHigh: number | undefined;
  readonly series: string;
  /** Points of one line are joined. */
  readonly line: string;
  readonly mark: Mark;
  readonly label: string;
}

/** One measurement behind a point. */
export interface Repeat {
  readonly x: number;
  readonly y: number;
  readonly series: string;
  readonly valid: boolean;
}

/** A layer of a Vega-Lite chart, its position channels apart. */
export interface Layer {
  readonly data: { readonly values: readonly object[] };
  readonly mark: object;
  readonly encoding?: object;
}

/**
 * Dashed lines at the recalls that the table of the report asks for.
 *
 * @param lowest where the axis begins: what is not right of it is not drawn
 */
export function thresholdLayers(run: Run, lowest: number): readonly Layer[] {
  const recalls = [...new Set(run.atRecall.map(({ recall }) => recall))].sort((a, b) => a - b);
  const values = recalls.filter((x) => x > lowest).map((x) => ({ x, text: `≥ ${x}` }));
  const rule: Layer = {
    data: { values },
    mark: { type: 'rule', stroke: 'var(--rule-strong)', strokeDash: [3, 3], aria: false },
    encoding: { y: { value: 0 }, y2: { value: plotHeight } },
  };
  // On a long axis the lines are near each other: then only the last name is centred.
  const aside = lowest < longAxis ? values.slice(0, -1) : [];
  return [
    rule,
    ...(aside.length === 0 ? [] : [thresholdNames(aside, 'right')]),
    thresholdNames(values.slice(aside.length), 'center'),
  ];
}

/** An axis from so low a recall is long. */
const longAxis = 0.5;

function thresholdNames(values: readonly object[], align: 'right' | 'center'): Layer {
  const style = { dy: -8, fontSize: 10, fill: 'var(--muted)', aria: false };
  return {
    data: { values },
    mark: { type: 'text', ...style, ...(align === 'right' && { align }) },
    encoding: { y: { value: 0 }, text: { field: 'text' } },
  };
}

/** The front as a broad pale line beneath the rest. */
export function frontLayer(values: readonly object[]): Layer {
  return {
    data: { values },
    mark: { type: 'line', stroke: 'var(--front)', strokeWidth: 7, strokeCap: 'round', aria: false },
    encoding: { detail: { field: 'target', type: 'nominal' }, order: { field: 'order' } },
  };
}

/** The colour channel of marks that have the field `series`. */
export function colourBy(series: ReadonlyMap<string, Series>): object {
  const range = [...series.values()].map((each) => each.colour);
  return {
    field: 'series',
    type: 'nominal',
    legend: null,
    scale: { domain: [...series.keys()], range },
  };
}

/** Valid repeats as dots of their series, attempts that do not count as grey crosses. */
export function repeatLayers(
  repeats: readonly Repeat[],
  series: ReadonlyMap<string, Series>,
): readonly Layer[] {
  return [
    {
      data: { values: repeats.filter((repeat) => repeat.valid) },
      mark: { type: 'point', filled: true, size: 14, opacity: 0.7, aria: false },
      encoding: { color: colourBy(series) },
    },
    {
      data: { values: repeats.filter((repeat) => !repeat.valid) },
      mark: {
        type: 'point',
        shape: invalidMark,
        stroke: 'var(--muted)',
        strokeWidth: 1.5,
        size: 60,
        aria: false,
      },
    },
  ];
}

/** Medians with their intervals, the points of one line joined. */
export function pointLayers(
  points: readonly Point[],
  series: ReadonlyMap<string, Series>,
): readonly Layer[] {
  const color = colourBy(series);
  const shape = {
    field: 'series',
    type: 'nominal',
    legend: null,
    scale: {
      domain: [...series.keys()],
      range: [...series.values()].map((each) => each.shape),
    },
  };
  const rule = { type: 'rule', strokeWidth: 1.25, opacity: 0.8, aria: false };
  const description = { field: 'label' };
  const point = { type: 'point', size: 64, opacity: 1 };
  return [
    {
      data: { values: points },
      mark: { type: 'line', strokeWidth: 1.5, opacity: 0.9, aria: false },
      encoding: { color, detail: { field: 'line' }, order: { field: 'x' } },
    },
    {
      data: { values: points.filter((point) => point.yLow !== undefined) },
      mark: rule,
      encoding: { color, y: { field: 'yLow', type: 'quantitative' }, y2: { field: 'yHigh' } },
    },
    {
      data: { values: points.filter((point) => point.xLow !== undefined) },
      mark: rule,
      encoding: { color, x: { field: 'xLow', type: 'quantitative' }, x2: { field: 'xHigh' } },
    },
    {
      data: { values: points.filter(({ mark }) => mark === 'full') },
      mark: { ...point, filled: true, stroke: 'var(--page)', strokeWidth: 0.75 },
      encoding: { fill: color, shape, description },
    },
    {
      data: { values: points.filter(({ mark }) => mark === 'hollow') },
      mark: { ...point, filled: false, fill: 'var(--page)', strokeWidth: 1.5 },
      encoding: { stroke: color, shape, description },
    },
    ...saturatedLayers(points, color),
  ];
}

function saturatedLayers(points: readonly Point[], fill: object): readonly Layer[] {
  const values = points.filter(({ mark }) => mark === 'saturated');
  if (values.length === 0) return [];
  const mark = { type: 'point', shape: saturatedMark, size: 130, filled: true, opacity: 1 };
  return [
    {
      data: { values },
      mark: { ...mark, stroke: 'var(--page)', strokeWidth: 0.75 },
      encoding: { fill, description: { field: 'label' } },
    },
  ];
}
