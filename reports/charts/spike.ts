import { describeWork } from '../../core/load/describe-work.js';
import type { PhaseResult, Run, Summary } from '../../core/result.js';
import { formatNumber } from '../../core/units.js';
import { formatDuration } from '../html/figures.js';
import { type Measured, repeatsOf } from './cells.js';
import { lineEndLayers, shareForTexts } from './line-ends.js';
import { logAxis, logChannel } from './log-axis.js';
import {
  eventLayers,
  percentileEnds,
  percentileLayers,
  percentileMarks,
  type Stretch,
} from './percentiles.js';
import { type Layer, plotHeight } from './point-layers.js';
import { nameOfPoint } from './points.js';
import { seriesName, seriesOf } from './series.js';
import type { Chart } from './svg.js';
import { chartWidth, theme } from './theme.js';

/**
 * A spike over time: p50 and p99 of response by the second in which requests ended, each valid
 * repeat by itself, with the burst shaded and a line where the store was itself again.
 *
 * @returns undefined where no valid repeat has a response time
 */
export function spikeChart(run: Run, summary: Summary): Chart | undefined {
  const repeats = repeatsOf(run, summary);
  const name = seriesName(run, summary);
  const marks = repeats.flatMap((measured) =>
    percentileMarks(secondsOf(measured), { repeat: measured.cell.repeat, series: name }),
  );
  if (marks.length === 0) return undefined;
  const ends = percentileEnds(marks);
  const kept = shareForTexts(ends.map(({ text }) => text));
  const lastS = Math.max(...marks.map(({ toX }) => toX));
  const wholeS = lastS / (1 - kept);
  const found = logAxis(
    'response time (ms)',
    marks.map(({ y }) => y),
  );
  const series = seriesOf(run);
  const burst = burstOf(repeats);
  const title = `${nameOfPoint(run, summary)}, ${describeWork(summary)}`;
  const time = {
    field: 'x',
    type: 'quantitative',
    scale: { domain: [0, wholeS], nice: false },
    axis: { title: 'time in the window (s)', values: secondTicks(lastS), grid: false },
  };
  return {
    title: `Response time over a spike: ${title}`,
    description: [recoveryText(run, summary), ...marks.map(({ label }) => label)].join('. '),
    spec: {
      width: chartWidth,
      autosize: { type: 'fit-x', contains: 'padding' },
      height: plotHeight,
      config: theme,
      layer: [
        ...(burst === undefined ? [] : burstLayers(burst, recoveryOf(summary, burst))),
        ...lineEndLayers(ends, { xAt: (at) => wholeS * at, y: found, kept }, series),
        ...percentileLayers(marks, series),
      ].map((layer) => ({
        ...layer,
        encoding: { x: time, y: logChannel('y', found), ...layer.encoding },
      })),
    } as Chart['spec'],
  };
}

/** The seconds of a window as stretches; the last one perhaps not whole. */
function secondsOf({ cell, stream }: Measured): readonly Stretch[] {
  const { secondS, msP50, msP99, completed, failed } = stream.timeline;
  return secondS.map((second, index) => {
    const answered = `${formatNumber(completed[index] ?? 0)} answered`;
    const lost = failed[index] ? `, ${formatNumber(failed[index])} failed` : '';
    return {
      fromX: second,
      toX: Math.min(second + 1, Math.max(cell.durationS, second)),
      ms: { p50: msP50[index], p99: msP99[index] },
      saturated: false,
      what: `second ${second + 1}, ${answered}${lost}`,
    };
  });
}

/** Whole seconds, a dozen at most. */
function secondTicks(lastS: number): readonly number[] {
  const step = [1, 2, 5, 10, 20, 30, 60].find((each) => lastS / each <= 12) ?? 300;
  return Array.from({ length: Math.floor(lastS / step) + 1 }, (_, index) => index * step);
}

function burstOf(repeats: readonly Measured[]): PhaseResult | undefined {
  return repeats.flatMap(({ stream }) => stream.phases ?? []).find(({ name }) => name === 'burst');
}

function recoveryOf({ metrics }: Summary, { beginS, durationS }: PhaseResult) {
  const endS = beginS + durationS;
  const figure = metrics.recoveryS;
  if (figure === undefined) return undefined;
  const at = (s: number | undefined) => (s === undefined ? undefined : endS + s);
  const text = figure.median === 0 ? 'no trace' : `+${formatDuration(figure.median)}`;
  return { x: endS + figure.median, low: at(figure.low), high: at(figure.high), text };
}

function burstLayers(
  { beginS, durationS, rateQps }: PhaseResult,
  recovery: Parameters<typeof eventLayers>[0] | undefined,
): readonly Layer[] {
  const values = [{ x: beginS, end: beginS + durationS, text: `${formatNumber(rateQps)} QPS` }];
  return [
    {
      data: { values },
      mark: { type: 'rect', fill: 'var(--burst)', aria: false },
      encoding: { x2: { field: 'end' }, y: { value: 0 }, y2: { value: plotHeight } },
    },
    ...(recovery === undefined ? [] : eventLayers(recovery)),
    {
      data: { values },
      mark: {
        type: 'text',
        align: 'left',
        dy: -20,
        fontSize: 10.5,
        fill: 'var(--ink)',
        aria: false,
      },
      encoding: { y: { value: 0 }, text: { field: 'text' } },
    },
  ];
}

/** What a spike found: how long until the store was itself again, where it was. */
export function recoveryText(run: Run, summary: Summary): string {
  const figure = summary.metrics.recoveryS;
  if (figure !== undefined) {
    return figure.median === 0
      ? 'the burst left no trace'
      : `recovered ${formatDuration(figure.median)} after the burst`;
  }
  const repeats = repeatsOf(run, summary);
  const lasting = repeats.filter(({ stream }) => stream.recoveryS === undefined).length;
  if (repeats.length === 0) return 'no recovery measured';
  return `not recovered within the window in ${lasting} of ${repeats.length} repeats`;
}
