import type { Cell, Figure, Load, Run, Summary } from '../../core/result.js';
import { formatNumber } from '../../core/units.js';
import {
  formatFraction,
  formatLoad,
  formatParameters,
  interval,
  latencyKind,
} from '../html/figures.js';
import {
  frontLayer,
  type Point,
  plotHeight,
  pointLayers,
  type Repeat,
  repeatLayers,
  thresholdLayers,
} from './recall-layers.js';
import { cellsOf, latencyMetric, recallName, seriesName, seriesOf } from './series.js';
import type { Chart } from './svg.js';
import { chartWidth, theme } from './theme.js';

/** What is drawn against recall: everything of one dataset under one load. */
export interface Panel {
  readonly dataset: string;
  readonly load: Load;
}

/** What stands on the y axis. */
export type Against = 'throughput' | 'p99';

interface Axis {
  readonly metric: string;
  readonly title: string;
  readonly unit: string;
  readonly ofCell: (cell: Cell, summary: Summary) => number | undefined;
}

/** The panels of a run: one for each dataset and load point that has recall. */
export function panelsOf(run: Run): readonly Panel[] {
  const panels = new Map<string, Panel>();
  for (const summary of run.summaries) {
    if (summary.metrics.recall === undefined) continue;
    const name = `${summary.dataset}/${formatLoad(summary.load)}`;
    if (!panels.has(name)) panels.set(name, { dataset: summary.dataset, load: summary.load });
  }
  return [...panels.values()];
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
  const repeats = summaries.flatMap((summary) => repeatsOf(run, summary, axis));
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
        ...thresholdLayers(run),
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

function isIn(panel: Panel, each: { dataset: string; load: Load }): boolean {
  return each.dataset === panel.dataset && formatLoad(each.load) === formatLoad(panel.load);
}

function axisOf(load: Load, against: Against): Axis {
  if (against === 'throughput') {
    return {
      metric: 'throughputQps',
      title: 'throughput (QPS)',
      unit: 'QPS',
      ofCell: (cell, summary) => operationOf(cell, summary)?.throughputQps,
    };
  }
  const kind = latencyKind(load);
  return {
    metric: latencyMetric(load, 'P99'),
    title: `${kind} time, p99 (ms)`,
    unit: 'ms',
    ofCell: (cell, summary) => operationOf(cell, summary)?.latencyMs[kind]?.p99,
  };
}

function operationOf(cell: Cell, summary: Summary) {
  return cell.streams.find((stream) => stream.name === summary.stream)?.operations[
    summary.operation
  ];
}

function pointOf(run: Run, summary: Summary, axis: Axis): readonly Point[] {
  const recall = summary.metrics.recall;
  const figure = summary.metrics[axis.metric];
  if (recall === undefined || figure === undefined || figure.median <= 0) return [];
  const name = seriesName(run, summary);
  return [
    {
      x: recall.median,
      y: figure.median,
      xLow: recall.low,
      xHigh: recall.high,
      yLow: figure.low,
      yHigh: figure.high,
      series: name,
      build: summary.build,
      filled: !summary.clientLimited && seriesOf(run).get(name)?.standIn !== true,
      label: labelOf(summary, { name, recall, figure, unit: axis.unit }),
    },
  ];
}

function labelOf(
  summary: Summary,
  point: { name: string; recall: Figure; figure: Figure; unit: string },
): string {
  const { name, recall, figure, unit } = point;
  const where = formatParameters({ ...summary.params, ...summary.search });
  const limit = summary.clientLimited ? ', limited by the client' : '';
  return `${name} ${where}: recall ${formatFraction(recall.median)}, ${formatNumber(
    figure.median,
  )} ${unit} (${interval(figure)})${limit}`;
}

function repeatsOf(run: Run, summary: Summary, axis: Axis): readonly Repeat[] {
  const series = seriesName(run, summary);
  return cellsOf(run, summary).flatMap((cell) => {
    const x = operationOf(cell, summary)?.recall?.mean;
    const y = axis.ofCell(cell, summary);
    if (x === undefined || y === undefined || y <= 0) return [];
    return [{ x, y, series, valid: cell.invalid.length === 0 && cell.status === 'complete' }];
  });
}

function frontOf(run: Run, panel: Panel, axis: Axis): readonly object[] {
  return run.fronts
    .filter((front) => front.metric === axis.metric && isIn(panel, front))
    .flatMap((front) =>
      front.keys.flatMap((key, order) => {
        const metrics = run.summaries.find(
          (each) => each.key === key && each.target === front.target,
        )?.metrics;
        const x = metrics?.recall?.median;
        const y = metrics?.[axis.metric]?.median;
        return x === undefined || y === undefined ? [] : [{ x, y, order, target: front.target }];
      }),
    );
}

function axes(
  points: readonly Point[],
  repeats: readonly Repeat[],
  axis: Axis & { recall: string },
): object {
  const xs = [...points.flatMap((point) => [point.x, point.xLow ?? point.x]), ...repeats.map(toX)];
  const ys = [
    ...points.flatMap((point) => [point.y, point.yLow ?? point.y, point.yHigh ?? point.y]),
    ...repeats.map((repeat) => repeat.y),
  ];
  const ticks = logTicks(Math.min(...ys), Math.max(...ys));
  const lowest = Math.min(0.95, Math.floor(Math.min(...xs) * 20) / 20);
  return {
    x: {
      field: 'x',
      type: 'quantitative',
      scale: { domain: [lowest, 1], nice: false, zero: false },
      axis: {
        title: `${axis.recall}, mean over queries`,
        format: '.2f',
        tickCount: 6,
        grid: true,
        labelFlush: false,
      },
    },
    y: {
      field: 'y',
      type: 'quantitative',
      scale: { type: 'log', domain: [ticks[0], ticks.at(-1)], nice: false },
      axis: { title: axis.title, values: ticks, format: ',~r', grid: true },
    },
  };
}

function toX(repeat: Repeat): number {
  return repeat.x;
}

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
