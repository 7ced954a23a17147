import { describeWork, isSameWork, type Work } from '../../core/load/describe-work.js';
import type { Load, OperationResult, Run, Summary } from '../../core/result.js';
import { formatFraction, latencyKind } from '../html/figures.js';
import { counts, measuredOf } from './cells.js';
import { logAxis, logChannel } from './log-axis.js';
import {
  frontLayer,
  type Point,
  plotHeight,
  pointLayers,
  type Repeat,
  repeatLayers,
  thresholdLayers,
} from './point-layers.js';
import { figureText, markOf, nameOfPoint, remarkOf } from './points.js';
import { latencyMetric, recallName, seriesName, seriesOf } from './series.js';
import type { Chart } from './svg.js';
import { chartWidth, theme } from './theme.js';

/** What is drawn against recall: everything of one dataset that was asked the same. */
export interface Panel extends Work {
  readonly dataset: string;
}

/** What stands on the y axis. */
export type Against = 'throughput' | 'p99';

interface Axis {
  readonly metric: string;
  readonly title: string;
  readonly unit: string;
  readonly ofRepeat: (operation: OperationResult) => number | undefined;
}

/**
 * The panels of a run: one for each dataset, stream and load point that has recall. A ramp or a
 * spike is many loads, and has none.
 */
export function panelsOf(run: Run): readonly Panel[] {
  const panels = new Map<string, Panel>();
  for (const { dataset, stream, operation, load, metrics } of run.summaries) {
    const isOne = load.kind === 'closed' || load.kind === 'open';
    if (metrics.recall === undefined || !isOne) continue;
    const panel = { dataset, stream, operation, load };
    const name = `${dataset}/${describeWork(panel)}`;
    if (!panels.has(name)) panels.set(name, panel);
  }
  const all = [...panels.values()];
  const streams = [...new Set(all.map(({ stream }) => stream))];
  const rateOf = ({ load }: Panel): number => load.rateQps ?? 0;
  // Of each stream closed loads first, then the rates of open ones in their order.
  return streams.flatMap((name) =>
    all.filter(({ stream }) => stream === name).sort((a, b) => rateOf(a) - rateOf(b)),
  );
}

/**
 * Recall against throughput or p99, y on a log scale: medians with their intervals, every repeat,
 * the points of one build joined, and the front.
 *
 * @returns undefined where nothing of the panel has both figures
 */
export function recallChart(run: Run, panel: Panel, against: Against): Chart | undefined {
  const axis = { ...axisOf(panel.load, against), recall: recallName(run) };
  const summaries = run.summaries.filter((summary) => isIn(panel, summary));
  const series = seriesOf(run);
  const points = summaries.flatMap((summary) => pointOf(run, summary, axis));
  if (points.length === 0) return undefined;
  const repeats = summaries.flatMap((summary) => dotsOf(run, summary, axis));
  const front = frontOf(run, panel, axis);
  const better = against === 'throughput' ? 'up and to the right' : 'down and to the right';
  return {
    title: `Recall against ${axis.title}`,
    description: [
      `${points.length} measured points on ${panel.dataset}; better is ${better}`,
      ...points.map((point) => point.label),
    ].join('. '),
    spec: {
      width: chartWidth,
      autosize: { type: 'fit-x', contains: 'padding' },
      height: plotHeight,
      config: theme,
      layer: [
        ...thresholdLayers(run, lowestOf(points, repeats)),
        frontLayer(front),
        ...repeatLayers(repeats, series),
        ...pointLayers(points, series),
      ].map((layer) => ({
        ...layer,
        encoding: { ...axes(points, repeats, axis), ...layer.encoding },
      })),
    } as Chart['spec'],
  };
}

function isIn(panel: Panel, each: Work & { readonly dataset: string }): boolean {
  return each.dataset === panel.dataset && isSameWork(each, panel);
}

function axisOf(load: Load, against: Against): Axis {
  if (against === 'throughput') {
    return {
      metric: 'throughputQps',
      title: 'throughput (QPS)',
      unit: 'QPS',
      ofRepeat: (operation) => operation.throughputQps,
    };
  }
  const kind = latencyKind(load);
  return {
    metric: latencyMetric(load, 'P99'),
    title: `${kind} time, p99 (ms)`,
    unit: 'ms',
    ofRepeat: (operation) => operation.latencyMs[kind]?.p99,
  };
}

function pointOf(run: Run, summary: Summary, { metric, unit }: Axis): readonly Point[] {
  const recall = summary.metrics.recall;
  const figure = summary.metrics[metric];
  if (recall === undefined || figure === undefined || figure.median <= 0) return [];
  const figures = `recall ${formatFraction(recall.median)}, ${figureText(figure, unit)}`;
  return [
    {
      x: recall.median,
      y: figure.median,
      xLow: recall.low,
      xHigh: recall.high,
      yLow: figure.low,
      yHigh: figure.high,
      series: seriesName(run, summary),
      line: summary.build,
      mark: markOf(run, summary, metric),
      label: `${nameOfPoint(run, summary)}: ${figures}${remarkOf(summary, metric)}`,
    },
  ];
}

function dotsOf(run: Run, summary: Summary, axis: Axis): readonly Repeat[] {
  const series = seriesName(run, summary);
  return measuredOf(run, summary).flatMap(({ cell, operation }) => {
    const x = operation.recall?.mean;
    const y = axis.ofRepeat(operation);
    if (x === undefined || y === undefined || y <= 0) return [];
    return [{ x, y, series, valid: counts(cell) }];
  });
}

function frontOf(run: Run, panel: Panel, axis: Axis): readonly object[] {
  return run.fronts
    .filter((front) => front.metric === axis.metric && isIn(panel, front))
    .flatMap((front) =>
      front.keys.flatMap((key, order) => {
        const found = run.summaries.find(
          (each) => each.key === key && each.target === front.target && isIn(panel, each),
        );
        const x = found?.metrics.recall?.median;
        const y = found?.metrics[axis.metric]?.median;
        // A latency without an end beats nothing.
        const isEndless = found?.saturated === true && axis.unit === 'ms';
        if (x === undefined || y === undefined || isEndless) return [];
        return [{ x, y, order, target: front.target }];
      }),
    );
}

/** Where the axis of recall begins. */
function lowestOf(points: readonly Point[], repeats: readonly Repeat[]): number {
  const xs = [
    ...points.flatMap((point) => [point.x, point.xLow ?? point.x]),
    ...repeats.map(({ x }) => x),
  ];
  return Math.min(0.95, Math.floor(Math.min(...xs) * 20) / 20);
}

function axes(
  points: readonly Point[],
  repeats: readonly Repeat[],
  axis: Axis & { recall: string },
): object {
  const ys = [
    ...points.flatMap((point) => [point.y, point.yLow ?? point.y, point.yHigh ?? point.y]),
    ...repeats.map((repeat) => repeat.y),
  ];
  return {
    x: {
      field: 'x',
      type: 'quantitative',
      scale: { domain: [lowestOf(points, repeats), 1], nice: false, zero: false },
      axis: {
        title: `${axis.recall}, mean over queries`,
        format: '.2f',
        tickCount: 6,
        grid: true,
        labelFlush: false,
      },
    },
    y: logChannel('y', logAxis(axis.title, ys)),
  };
}
