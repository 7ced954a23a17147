import type { Figure, Load } from '../../core/result.js';
import { switchedOn } from '../../core/switched-on.js';
import { formatBytes, formatNumber } from '../../core/units.js';
import { type Content, html, type Markup } from './markup.js';

/** How a value is written. */
export type Format = (value: number) => string;

/** What stands where nothing was measured; never a zero. */
export const notMeasured: Markup = html`<span class="none" title="not measured">—<span
class="sr"> not measured</span></span>`;

/** A fraction such as recall, with three decimals. */
export function formatFraction(value: number): string {
  return value.toFixed(3);
}

/** A fraction as a percentage: `4.2 %`. */
export function formatPercent(value: number): string {
  return `${formatNumber(value * 100)} %`;
}

/** Seconds of a build, which may be far below one: `3.31 s`, `42.0 ms`. */
export function formatDuration(seconds: number): string {
  if (seconds > 0 && seconds < 0.1) return `${formatNumber(seconds * 1000)} ms`;
  return `${seconds < 100 ? seconds.toPrecision(3) : formatNumber(seconds)} s`;
}

/** Milliseconds with three digits: `0.330`, `12.4`, `1,240`. */
export function formatMs(ms: number): string {
  return ms !== 0 && Math.abs(ms) < 100 ? ms.toPrecision(3) : formatNumber(ms);
}

const metricUnits: readonly (readonly [RegExp, Format])[] = [
  [/Bytes$/, formatBytes],
  [/Ms[A-Z]/, (ms) => `${formatMs(ms)} ms`],
  [/Us$/, (us) => `${formatNumber(us)} µs`],
  [/Qps$/, (qps) => `${formatNumber(qps)} QPS`],
  [/PerS$/, (rate) => `${formatNumber(rate)} a second`],
  [/S$/, formatDuration],
];

/** How the values of a metric are written, by the unit in its name. */
export function formatOfMetric(metric: string): Format {
  return metricUnits.find(([name]) => name.test(metric))?.[1] ?? formatNumber;
}

/** `low–high`. */
export function range(low: number, high: number, format: Format = formatNumber): string {
  return `${format(low)}–${format(high)}`;
}

/** A value, or the mark for what was not measured. */
export function value(measured: number | undefined, format: Format = formatNumber): Content {
  return measured === undefined ? notMeasured : format(measured);
}

/** `low–high` of a figure; says so where there is none. */
export function interval(figure: Figure, format: Format = formatNumber): string {
  if (figure.low === undefined || figure.high === undefined) return 'no interval';
  return range(figure.low, figure.high, format);
}

/** A median with its interval beneath it. */
export function withInterval(figure: Figure | undefined, format: Format = formatNumber): Content {
  if (figure === undefined) return notMeasured;
  return html`${format(figure.median)}<small>${interval(figure, format)}</small>`;
}

type Scalars = Readonly<Record<string, string | number | boolean>>;

/** Parameters as `name=value name=value`; those that are switched off are left out. */
export function formatParameters(parameters: Scalars): string {
  return formatScalars(Object.fromEntries(switchedOn(parameters)));
}

/** Named values as `name=value name=value`, whatever they are. */
export function formatScalars(values: Scalars): string {
  return Object.entries(values)
    .map(([name, found]) => `${name}=${found}`)
    .join(' ');
}

/** Which latency a load has: an intended time exists only where the load does not wait. */
export function latencyKind(load: Load): 'service' | 'response' {
  return load.kind === 'closed' ? 'service' : 'response';
}

/** A name at the start of a line. */
export function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** The time of a run as `2026-05-04 10:20 UTC`. */
export function formatTime(iso: string): string {
  return iso.length < 16 ? iso : `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
