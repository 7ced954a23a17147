import { describeWork } from '../../core/load/describe-work.js';
import type { OperationResult, Run, Summary } from '../../core/result.js';
import { formatNumber } from '../../core/units.js';
import { formatParameters } from '../html/figures.js';
import { counts, measuredOf } from './cells.js';
import { type LineEnd, lineEndLayers, mostNames, shareForTexts } from './line-ends.js';
import { type LogAxis, logAxis, logChannel, rateChannel } from './log-axis.js';
import { type Layer, type Point, plotHeight, pointLayers, repeatLayers } from './point-layers.js';
import { figureText, markOf, nameOfPoint, remarkOf } from './points.js';
import { seriesName, seriesOf } from './series.js';
import type { Chart } from './svg.js';
import { chartWidth, theme } from './theme.js';

/** What is drawn against the offered rate: open loads of one operation on one dataset. */
export interface RatePanel {
  readonly dataset: string;
  readonly stream: string;
  readonly operation: string;
}

/** What stands on the y axis. */
export type AgainstRate = 'p99' | 'achieved';

/** The same search on the same index at several rates. */
interface Line {
  readonly name: string;
  readonly summaries: readonly Summary[];
}

const axes = {
  p99: {
    metric: 'responseMsP99',
    title: 'response time, p99 (ms)',
    unit: 'ms',
    ofRepeat: ({ latencyMs }: OperationResult) => latencyMs.response?.p99,
  },
  achieved: {
    metric: 'throughputQps',
    title: 'throughput (QPS)',
    unit: 'QPS',
    ofRepeat: ({ throughputQps }: OperationResult) => throughputQps as number | undefined,
  },
} as const;

/** The panels of a run: where something was measured at two offered rates or more. */
export function ratePanelsOf(run: Run): readonly RatePanel[] {
  const panels = new Map<string, RatePanel>();
  for (const { dataset, stream, operation } of run.summaries) {
    const panel = { dataset, stream, operation };
    if (linesOf(run, panel).length > 0) panels.set(JSON.stringify(panel), panel);
  }
  return [...panels.values()];
}

/**
 * What comes of an offered rate, both axes on a log scale: the p99 of response, or the throughput
 * with a dashed line where it is what was offered. Medians with their intervals, every repeat, and
 * the rates of one search joined.
 *
 * @returns undefined where no point has the figure
 */
export function rateChart(run: Run, panel: RatePanel, against: AgainstRate): Chart | undefined {
  const axis = axes[against];
  const lines = linesOf(run, panel);
  const points = lines.flatMap((line) => pointsOf(run, line, against));
  if (points.length === 0) return undefined;
  const repeats = lines.flatMap(({ summaries }) =>
    summaries.flatMap((summary) => repeatsOf(run, summary, against)),
  );
  const ends = endsOf(run, lines, points);
  const kept = shareForTexts(ends.map(({ text }) => text));
  const rates = logAxis('offered rate (QPS)', xsOf(lines), kept);
  const ys = [...points.flatMap((each) => [each.y, each.yLow ?? each.y, each.yHigh ?? each.y])];
  const found = logAxis(axis.title, [...ys, ...repeats.map(({ y }) => y)]);
  const series = seriesOf(run);
  const [low, high] = rates.domain;
  const channels = {
    x: rateChannel('x', rates),
    y: against === 'achieved' ? rateChannel('y', found) : logChannel('y', found),
  };
  return {
    title: `Offered rate against ${axis.title}`,
    description: [
      `${points.length} measured points on ${panel.dataset}`,
      ...points.map(({ label }) => label),
    ].join('. '),
    spec: {
      width: chartWidth,
      autosize: { type: 'fit-x', contains: 'padding' },
      height: plotHeight,
      config: theme,
      layer: [
        ...(against === 'achieved' ? [offeredLayer(xsOf(lines), found)] : []),
        ...repeatLayers(repeats, series),
        ...lineEndLayers(ends, { xAt: (at) => low * (high / low) ** at, y: found, kept }, series),
        ...pointLayers(points, series),
      ].map((layer) => ({
        ...layer,
        encoding: { ...channels, ...layer.encoding },
      })),
    } as Chart['spec'],
  };
}

/** Open loads of a panel by index, search and all of the load but its rate; two rates or more. */
function linesOf(run: Run, panel: RatePanel): readonly Line[] {
  const lines = new Map<string, Summary[]>();
  for (const summary of run.summaries) {
    const { build, search, load } = summary;
    if (load.kind !== 'open' || !isIn(panel, summary)) continue;
    const name = JSON.stringify([build, search, { ...load, rateQps: 0 }]);
    lines.set(name, [...(lines.get(name) ?? []), summary]);
  }
  return [...lines]
    .map(([name, summaries]) => ({ name, summaries: summaries.toSorted(byRate) }))
    .filter(({ summaries }) => new Set(summaries.map(rateOf)).size > 1);
}

function isIn(panel: RatePanel, { dataset, stream, operation }: Summary): boolean {
  const isSame = stream === panel.stream && operation === panel.operation;
  return isSame && dataset === panel.dataset;
}

function byRate(a: Summary, b: Summary): number {
  return rateOf(a) - rateOf(b);
}

/** The schema lets an open load be without a rate; it is then not drawn. */
function rateOf({ load }: Summary): number {
  return load.rateQps ?? Number.NaN;
}

function xsOf(lines: readonly Line[]): readonly number[] {
  return lines.flatMap(({ summaries }) => summaries.map(rateOf));
}

function pointsOf(run: Run, line: Line, against: AgainstRate): readonly Point[] {
  const { metric, unit } = axes[against];
  return line.summaries.flatMap((summary) => {
    const figure = summary.metrics[metric];
    if (figure === undefined || figure.median <= 0) return [];
    const what = `${nameOfPoint(run, summary)}, ${describeWork(summary)}`;
    return [
      {
        x: rateOf(summary),
        y: figure.median,
        yLow: figure.low,
        yHigh: figure.high,
        series: seriesName(run, summary),
        line: line.name,
        mark: markOf(run, summary, metric),
        label: `${what}: ${figureText(figure, unit)}${remarkOf(summary, metric)}`,
      },
    ];
  });
}

function repeatsOf(run: Run, summary: Summary, against: AgainstRate) {
  const series = seriesName(run, summary);
  return measuredOf(run, summary).flatMap(({ cell, operation }) => {
    const y = axes[against].ofRepeat(operation);
    return y === undefined || y <= 0
      ? []
      : [{ x: rateOf(summary), y, series, valid: counts(cell) }];
  });
}

/**
 * What is written at the last point of each line: what tells it from others of its colour. Where
 * there are more lines than lines of text have room, nothing is.
 */
function endsOf(run: Run, lines: readonly Line[], points: readonly Point[]): readonly LineEnd[] {
  if (lines.length > mostNames) return [];
  const firsts = new Map(lines.map(({ name, summaries }) => [name, summaries[0] as Summary]));
  return lines.flatMap(({ name }) => {
    const last = points.findLast((point) => point.line === name);
    if (last === undefined) return [];
    const { x, y, series } = last;
    const others = [...firsts.values()].filter((each) => seriesName(run, each) === series);
    const own = firsts.get(name) as Summary;
    const telling = partsOf(own).filter((part, index) =>
      others.some((other) => partsOf(other)[index] !== part),
    );
    const text = telling.filter((part) => part !== '').join(' ');
    return [{ x, y, series, text: text === '' ? series : text }];
  });
}

function partsOf({ params, search, load }: Summary): readonly string[] {
  const batch = load.itemsPerRequest > 1 ? `batch ${formatNumber(load.itemsPerRequest)}` : '';
  return [formatParameters(params), formatParameters(search), load.arrivals ?? '', batch];
}

/** From the lowest to the highest rate, as far as the y axis reaches: all that was offered. */
function offeredLayer(rates: readonly number[], found: LogAxis): Layer {
  const from = Math.max(Math.min(...rates), found.domain[0]);
  const to = Math.min(Math.max(...rates), found.domain[1]);
  return {
    data: { values: from < to ? [{ x: from, y: from, toX: to, toY: to }] : [] },
    mark: { type: 'rule', stroke: 'var(--rule-strong)', strokeDash: [3, 3], aria: false },
    encoding: { x2: { field: 'toX' }, y2: { field: 'toY' } },
  };
}
