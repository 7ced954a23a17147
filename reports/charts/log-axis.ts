/** The steps 1, 2, 5, 10, ... that enclose a range of positive values. */
export function logTicks(low: number, high: number): readonly number[] {
  const steps: number[] = [];
  for (let power = Math.floor(Math.log10(low)) - 1; power <= Math.log10(high) + 1; power++) {
    for (const step of [1, 2, 5]) steps.push(Number(`${step}e${power}`));
  }
  const first = steps.findLastIndex((step) => step <= low);
  const last = steps.findIndex((step) => step >= high);
  // A scale needs a length, even where all values are one.
  return steps.slice(first, first === last ? last + 2 : last + 1);
}

/** A logarithmic axis with ticks at {@link logTicks}. */
export interface LogAxis {
  readonly title: string;
  readonly ticks: readonly number[];
  /** Where the axis ends; beyond the last tick where something is written at the end of lines. */
  readonly domain: readonly [number, number];
}

/**
 * The axis of some values.
 *
 * @param values positive, one at least
 * @param kept share of its length, in [0, 1), that stays free behind the highest value
 */
export function logAxis(title: string, values: readonly number[], kept = 0): LogAxis {
  const highest = Math.max(...values);
  const all = logTicks(Math.min(...values), highest);
  const inner = kept > 0 ? all.filter((tick) => tick <= highest) : all;
  const ticks = inner.length < 2 ? all : inner;
  const low = ticks[0] as number;
  const high = Math.max(highest, ticks.at(-1) as number);
  return { title, ticks, domain: [low, low * (high / low) ** (1 / (1 - kept))] };
}

/**
 * The axis as a position channel of Vega-Lite.
 *
 * @param format of its labels, as d3 takes it
 */
export function logChannel(
  field: string,
  { title, ticks, domain }: LogAxis,
  format = ',~r',
): object {
  return {
    field,
    type: 'quantitative',
    scale: { type: 'log', domain, nice: false },
    axis: { title, values: ticks, format, grid: true },
  };
}

/** As {@link logChannel} for rates, whose labels have to be short along an axis: `500`, `2k`. */
export function rateChannel(field: string, axis: LogAxis): object {
  const channel = logChannel(field, axis, '~s') as { readonly axis: object };
  return { ...channel, axis: { ...channel.axis, labelFlush: false } };
}
