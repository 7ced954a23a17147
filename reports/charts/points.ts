import type { Figure, Run, Summary } from '../../core/result.js';
import { formatNumber } from '../../core/units.js';
import { formatParameters, interval } from '../html/figures.js';
import type { Mark } from './point-layers.js';
import { isStandIn, seriesName } from './series.js';

/**
 * How the median of a metric is drawn: saturated where its load was, hollow where it is not
 * compared, for a stand-in, a limit of the client or of the pacer.
 */
export function markOf(run: Run, summary: Summary, metric: string): Mark {
  if (summary.saturated === true) return 'saturated';
  const isHeld = summary.clientLimited || summary.pacerLimited?.includes(metric) === true;
  return isHeld || isStandIn(run, summary.target) ? 'hollow' : 'full';
}

/** Why a point is not drawn like others, in words that follow its figures; empty for most. */
export function remarkOf(summary: Summary, metric: string): string {
  return [
    ...(summary.saturated === true ? [', saturated: latency has no end'] : []),
    ...(summary.clientLimited ? [', limited by the client'] : []),
    ...(summary.pacerLimited?.includes(metric) === true ? [', limited by the pacer'] : []),
  ].join('');
}

/** A point by series and parameters. */
export function nameOfPoint(run: Run, summary: Summary): string {
  const where = formatParameters({ ...summary.params, ...summary.search });
  return `${seriesName(run, summary)} ${where}`.trim();
}

/** A median and its interval with the unit. */
export function figureText(figure: Figure, unit: string): string {
  return `${formatNumber(figure.median)} ${unit} (${interval(figure)})`;
}
