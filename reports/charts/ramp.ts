import { describeWork } from '../../core/load/describe-work.js';
import type { PhaseResult, Run, Summary } from '../../core/result.js';
import { formatNumber } from '../../core/units.js';
import { repeatsOf } from './cells.js';
import { lineEndLayers, shareForTexts } from './line-ends.js';
import { logAxis, logChannel, rateChannel } from './log-axis.js';
import {
  eventLayers,
  percentileEnds,
  percentileLayers,
  percentileMarks,
  type Stretch,
} from './percentiles.js';
import { plotHeight } from './point-layers.js';
import { nameOfPoint } from './points.js';
import { seriesName, seriesOf } from './series.js';
import type { Chart } from './svg.js';
import { chartWidth, theme } from './theme.js';

/**
 * The steps of a ramp: p50 and p99 of response by offered rate, each valid repeat by itself, with
 * saturated steps marked and a line at the knee.
 *
 * @returns undefined where no valid repeat has a response time
 */
export function rampChart(run: Run, summary: Summary): Chart | undefined {
  const repeats = repeatsOf(run, summary);
  const name = seriesName(run, summary);
  const marks = repeats.flatMap(({ cell, stream }) =>
    percentileMarks((stream.phases ?? []).map(stretchOf), { repeat: cell.repeat, series: name }),
  );
  if (marks.length === 0) return undefined;
  const ends = percentileEnds(marks);
  const kept = shareForTexts(ends.map(({ text }) => text));
  const rates = logAxis(
    'offered rate of the step (QPS)',
    marks.map(({ fromX }) => fromX),
    kept,
  );
  const found = logAxis(
    'response time (ms)',
    marks.map(({ y }) => y),
  );
  const series = seriesOf(run);
  const [low, high] = rates.domain;
  const knee = summary.metrics.kneeQps;
  const text = kneeText(run, summary);
  const event = knee && { x: knee.median, low: knee.low, high: knee.high, text };
  const title = `${nameOfPoint(run, summary)}, ${describeWork(summary)}`;
  return {
    title: `Response time by step of a ramp: ${title}`,
    description: [text, ...marks.map(({ label }) => label)].join('. '),
    spec: {
      width: chartWidth,
      autosize: { type: 'fit-x', contains: 'padding' },
      height: plotHeight,
      config: theme,
      layer: [
        ...(event === undefined ? [] : eventLayers(event)),
        ...lineEndLayers(ends, { xAt: (at) => low * (high / low) ** at, y: found, kept }, series),
        ...percentileLayers(marks, series),
      ].map((layer) => ({
        ...layer,
        encoding: { x: rateChannel('x', rates), y: logChannel('y', found), ...layer.encoding },
      })),
    } as Chart['spec'],
  };
}

function stretchOf({ rateQps, response, saturated, throughputQps }: PhaseResult): Stretch {
  const answered = `${formatNumber(throughputQps)} QPS answered`;
  return {
    fromX: rateQps,
    toX: rateQps,
    ms: { p50: response?.p50, p99: response?.p99 },
    saturated,
    what: `${formatNumber(rateQps)} QPS offered, ${answered}`,
  };
}

/** What a ramp found: its knee, or on which side of its steps the knee lies. */
export function kneeText(run: Run, summary: Summary): string {
  const repeats = repeatsOf(run, summary);
  const knee = summary.metrics.kneeQps?.median;
  if (knee !== undefined) {
    const rate = `${formatNumber(knee)} QPS`;
    const phases = repeats.flatMap(({ stream }) => stream.phases ?? []);
    return phases.some(({ saturated }) => saturated) ? `knee ${rate}` : `no knee up to ${rate}`;
  }
  const first = repeats[0]?.stream.phases?.[0];
  if (first === undefined) return 'no knee measured';
  const below = repeats.filter(({ stream }) => stream.kneeQps === undefined).length;
  const where = `${below} of ${repeats.length} repeats`;
  return `saturated from the first step (${formatNumber(first.rateQps)} QPS) in ${where}`;
}
