import type { LogAxis } from './log-axis.js';
import { colourBy, type Layer, plotHeight } from './point-layers.js';
import type { Series } from './series.js';
import { chartWidth } from './theme.js';

/** The end of a line, and what is written there. */
export interface LineEnd {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly series: string;
}

const lineHeight = 13;
/** So many names have room at the ends of lines. */
export const mostNames = Math.floor(plotHeight / lineHeight);
const charWidth = 6.3;
/** From the end of the longest line to the texts. */
const leader = 16;
/** Of the width of a chart about so much is left by the y axis. */
const plotWidth = chartWidth - 60;
/** The rest of a longer text is cut off. */
const mostChars = 28;

/** The share of the x axis that texts at the ends of lines need. */
export function shareForTexts(texts: readonly string[]): number {
  if (texts.length === 0) return 0;
  const longest = Math.max(...texts.map((text) => shortened(text).length));
  return (longest * charWidth + leader) / plotWidth;
}

function shortened(text: string): string {
  return text.length > mostChars ? `${text.slice(0, mostChars - 1)}…` : text;
}

/**
 * Moves places apart until none is nearer to the next than a gap.
 *
 * @param places from 0 to `height`
 * @returns in the order that was given; beyond `height` only where there is no room for all
 */
export function movedApart(
  places: readonly number[],
  { gap, height }: { readonly gap: number; readonly height: number },
): readonly number[] {
  const at = (index: number): number => places[index] as number;
  const order = places.map((_, index) => index).sort((a, b) => at(a) - at(b) || a - b);
  const down: number[] = [];
  for (const index of order) down.push(Math.max(at(index), (down.at(-1) ?? -gap) + gap));
  const moved = [...places];
  let limit = Math.max(height, gap * (places.length - 1));
  for (const [rank, index] of [...order.entries()].reverse()) {
    const place = Math.min(down[rank] as number, limit);
    moved[index] = place;
    limit = place - gap;
  }
  return moved;
}

/** The axes of a chart whose lines are named. */
export interface NamedAxes {
  /** The value at a share of the x axis, from 0 at its beginning to 1. */
  readonly xAt: (share: number) => number;
  readonly y: LogAxis;
  /** The share of the x axis that is kept for names. */
  readonly kept: number;
}

/** Names at the ends of lines, each joined to its line; none hides another. */
export function lineEndLayers(
  ends: readonly LineEnd[],
  axes: NamedAxes,
  series: ReadonlyMap<string, Series>,
): readonly Layer[] {
  if (ends.length === 0) return [];
  const [low, high] = axes.y.domain;
  const depth = (y: number) => plotHeight * (1 - Math.log(y / low) / Math.log(high / low));
  const places = movedApart(
    ends.map(({ y }) => depth(y)),
    { gap: lineHeight, height: plotHeight },
  );
  const toX = axes.xAt(1 - axes.kept + leader / plotWidth);
  const values = ends.map((end, index) => ({
    ...end,
    text: shortened(end.text),
    toX,
    toY: low * (high / low) ** (1 - (places[index] as number) / plotHeight),
  }));
  const color = colourBy(series);
  return [
    {
      data: { values },
      mark: { type: 'rule', strokeWidth: 0.75, opacity: 0.7, aria: false },
      encoding: { x2: { field: 'toX' }, y2: { field: 'toY' }, color },
    },
    {
      data: {
        values: values.map(({ text, series: name, toY }) => ({
          x: toX,
          y: toY,
          text,
          series: name,
        })),
      },
      mark: { type: 'text', align: 'left', baseline: 'middle', dx: 3, aria: false },
      encoding: { text: { field: 'text' }, color },
    },
  ];
}
