import type { Load, OperationResult, Run, Summary } from '../../core/result.js';
import { repeatsOf } from '../charts/cells.js';
import { latencyMetric } from '../charts/series.js';
import { formatMs, latencyKind, notMeasured, withInterval } from './figures.js';
import { type Content, html } from './markup.js';
import type { Column } from './table.js';

/** Which latency a load has, in words: that of a ramp or a spike mixes all its rates. */
export function latencyWords(load: Load): string {
  const whole = load.kind === 'ramp' || load.kind === 'spike' ? `, whole ${load.kind}` : '';
  return `${latencyKind(load)}${whole}`;
}

/** The latency that all loads have; undefined where each row has to say which. */
export function commonLatency(loads: readonly Load[]): string | undefined {
  const words = new Set(loads.map(latencyWords));
  return words.size === 1 ? [...words][0] : undefined;
}

/** A headline percentile with all that has to be said of it. */
export function latencyColumn(
  run: Run,
  percentile: 'P50' | 'P99',
  common: string | undefined,
): Column<Summary> {
  const figureOf = ({ load, metrics }: Summary) => metrics[latencyMetric(load, percentile)];
  return {
    head: percentile.toLowerCase(),
    unit: common === undefined ? 'ms, kind beneath' : `${common}, ms`,
    kind: 'number',
    cell: (summary) => {
      const words = html`<small>${latencyWords(summary.load)}</small>`;
      return [
        withInterval(figureOf(summary), formatMs),
        common === undefined ? words : undefined,
        figureOf(summary) && remarks(run, summary, percentile),
      ];
    },
    sort: (summary) => figureOf(summary)?.median ?? -1,
  };
}

function remarks(run: Run, summary: Summary, percentile: 'P50' | 'P99'): Content {
  const isLimited = summary.pacerLimited?.includes(latencyMetric(summary.load, percentile));
  return [
    summary.saturated === true ? html`<span class="tag">no end</span>` : undefined,
    isLimited
      ? html`<span class="tag">pacer-limited</span>${firedToDone(run, summary, percentile)}`
      : undefined,
  ];
}

/** What a percentile is without the lag of the pacer, of each repeat. */
function firedToDone(run: Run, summary: Summary, percentile: 'P50' | 'P99'): Content {
  const name = percentile === 'P50' ? 'p50' : 'p99';
  const values = eachRepeat(run, summary, ({ latencyMs }) => {
    const ms = latencyMs.firedToDone?.[name];
    return ms === undefined ? [] : [formatMs(ms)];
  });
  return html`<small class="words">fired to done ${values}</small>`;
}

/** A figure that has no median in the document: the values of the valid repeats. */
export function eachRepeat(
  run: Run,
  summary: Summary,
  read: (operation: OperationResult) => readonly string[],
): Content {
  const values = repeatsOf(run, summary).flatMap(({ operation }) => read(operation));
  return values.length === 0 ? notMeasured : values.join(' · ');
}
