import { formatMs } from '../html/figures.js';
import type { LineEnd } from './line-ends.js';
import { colourBy, type Layer, plotHeight, saturatedMark } from './point-layers.js';
import type { Series } from './series.js';

/** The percentiles of response that are drawn over a load that changes. */
export const drawnPercentiles = ['p50', 'p99'] as const;

/** One of them. */
export type DrawnPercentile = (typeof drawnPercentiles)[number];

/** A measured percentile of one repeat, over a stretch of the x axis or at one place of it. */
export interface PercentileMark {
  readonly fromX: number;
  readonly toX: number;
  /** Milliseconds, positive. */
  readonly y: number;
  readonly percentile: DrawnPercentile;
  readonly repeat: number;
  readonly series: string;
  readonly saturated: boolean;
  /** Marks of one piece are joined; where something was not measured a new piece begins. */
  readonly piece: number;
  readonly label: string;
}

/** What is known of a stretch of a load. */
export interface Stretch {
  readonly fromX: number;
  readonly toX: number;
  readonly ms: Readonly<Record<DrawnPercentile, number | null | undefined>>;
  readonly saturated: boolean;
  readonly what: string;
}

/** The marks of one repeat; a percentile that was not measured leaves a gap. */
export function percentileMarks(
  stretches: readonly Stretch[],
  { repeat, series }: { readonly repeat: number; readonly series: string },
): readonly PercentileMark[] {
  return drawnPercentiles.flatMap((percentile) => {
    let piece = 0;
    return stretches.flatMap(({ ms, what, ...stretch }) => {
      const y = ms[percentile];
      if (y === undefined || y === null || y <= 0) {
        piece += 1;
        return [];
      }
      const figure = `${percentile} ${formatMs(y)} ms`;
      const remark = stretch.saturated ? ', saturated' : '';
      const label = `repeat ${repeat + 1}, ${what}: ${figure}${remark}`;
      return [{ ...stretch, y, percentile, repeat, series, piece, label }];
    });
  });
}

/** The lines of all repeats, dashed for the median, and a mark for each measured percentile. */
export function percentileLayers(
  marks: readonly PercentileMark[],
  series: ReadonlyMap<string, Series>,
): readonly Layer[] {
  const color = colourBy(series);
  const strokeDash = {
    field: 'percentile',
    type: 'nominal',
    legend: null,
    scale: {
      domain: drawnPercentiles,
      range: [
        [4, 3],
        [1, 0],
      ],
    },
  };
  const places = marks.flatMap((mark) => [
    { ...mark, x: mark.fromX },
    { ...mark, x: mark.toX },
  ]);
  const middles = marks.map((mark) => ({ ...mark, x: (mark.fromX + mark.toX) / 2 }));
  const point = {
    type: 'point',
    filled: true,
    opacity: 1,
    stroke: 'var(--page)',
    strokeWidth: 0.75,
  };
  const description = { field: 'label' };
  return [
    {
      data: { values: places.map((place, order) => ({ ...place, order, line: lineOf(place) })) },
      mark: { type: 'line', strokeWidth: 1.25, opacity: 0.8, aria: false },
      encoding: { color, strokeDash, detail: { field: 'line' }, order: { field: 'order' } },
    },
    {
      data: { values: middles.filter(({ saturated }) => !saturated) },
      mark: { ...point, size: 28 },
      encoding: { fill: color, description },
    },
    {
      data: { values: middles.filter(({ saturated }) => saturated) },
      mark: { ...point, shape: saturatedMark, size: 90 },
      encoding: { fill: color, description },
    },
  ];
}

function lineOf({ repeat, percentile, piece }: PercentileMark): string {
  return `${repeat}/${percentile}/${piece}`;
}

/** The names of the percentiles at the last marks of the first repeat that has them. */
export function percentileEnds(marks: readonly PercentileMark[]): readonly LineEnd[] {
  return drawnPercentiles.flatMap((percentile) => {
    const own = marks.filter((mark) => mark.percentile === percentile);
    const last = own.findLast((mark) => mark.repeat === own[0]?.repeat);
    return last === undefined
      ? []
      : [{ x: last.toX, y: last.y, text: percentile, series: last.series }];
  });
}

/** Something that happens at a place of the x axis, with its interval where there is one. */
export interface Event {
  readonly x: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly text: string;
}

/** A dashed upright line with its name above the chart, its interval as a pale band. */
export function eventLayers({ x, low, high, text }: Event): readonly Layer[] {
  const whole = { y: { value: 0 }, y2: { value: plotHeight } };
  const band = low === undefined || high === undefined || low === high ? [] : [{ x: low, high }];
  return [
    {
      data: { values: band },
      mark: { type: 'rect', fill: 'var(--front)', opacity: 0.6, aria: false },
      encoding: { ...whole, x2: { field: 'high' } },
    },
    {
      data: { values: [{ x }] },
      mark: { type: 'rule', stroke: 'var(--ink)', strokeDash: [3, 3], aria: false },
      encoding: whole,
    },
    {
      data: { values: [{ x, text }] },
      mark: { type: 'text', dy: -8, fontSize: 10.5, fill: 'var(--ink)', aria: false },
      encoding: { y: { value: 0 }, text: { field: 'text' } },
    },
  ];
}
