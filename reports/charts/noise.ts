import { describeWork } from '../../core/load/describe-work.js';
import type { Noise } from '../../core/result/noise.js';
import type { Run, Summary } from '../../core/result.js';
import { formatNumber } from '../../core/units.js';
import { colourBy, type Layer } from './point-layers.js';
import { nameOfPoint } from './points.js';
import { commonWork, seriesName, seriesOf } from './series.js';
import type { Chart } from './svg.js';
import { chartWidth, theme } from './theme.js';

/** A minimum effect on either side: what a comparison has to exceed. */
const minimumEffect = 0.05;
const rowHeight = 24;

/** The summary whose noise it is. */
export function summaryOfNoise(run: Run, { key, build, stream, operation }: Noise) {
  return run.summaries.find((summary) => {
    const isSame = summary.key === key && summary.build === build;
    return isSame && summary.stream === stream && summary.operation === operation;
  });
}

/** A point by its index, parameters and, where they differ, stream and load. */
export function nameOfNoise(run: Run, noise: Noise): string {
  const summary = summaryOfNoise(run, noise);
  if (summary === undefined) return noise.build;
  const work = commonWork(run) === undefined ? `, ${describeWork(summary)}` : '';
  return `${nameOfPoint(run, summary)}${work}`;
}

/**
 * A strip a point: of each pair how much more or less the head had than the base, in per cent.
 *
 * @returns undefined where the metric has no noise
 */
export function noiseChart(run: Run, metric: string): Chart | undefined {
  const strips = (run.noise ?? []).filter((one) => one.metric === metric);
  if (strips.length === 0) return undefined;
  const values = strips.flatMap((one) => dotsOf(run, one));
  const ends = values.map(({ x }) => Math.abs(x));
  const reach = Math.max(100 * minimumEffect, ...ends) * 1.08;
  return {
    title: `Head against base, ${metric}`,
    description: strips.map((one) => wordsOf(run, one)).join('. '),
    spec: {
      width: chartWidth,
      autosize: { type: 'fit-x', contains: 'padding' },
      height: strips.length * rowHeight + 8,
      config: theme,
      layer: [...limitLayers(strips.length), dotLayer(run, values)].map((layer) => ({
        ...layer,
        encoding: { x: xChannel(reach), ...layer.encoding },
      })),
    } as Chart['spec'],
  };
}

interface Dot {
  readonly x: number;
  readonly point: string;
  readonly series: string;
  readonly label: string;
}

function dotsOf(run: Run, noise: Noise): readonly Dot[] {
  const point = nameOfNoise(run, noise);
  const summary = summaryOfNoise(run, noise) as Summary | undefined;
  const series = summary === undefined ? '' : seriesName(run, summary);
  return noise.logRatios.map((ratio, index) => {
    const x = 100 * Math.expm1(ratio);
    return { x, point, series, label: `${point}, pair ${index + 1}: ${formatNumber(x)} %` };
  });
}

function wordsOf(run: Run, noise: Noise): string {
  const { value } = noise.detectableEffect;
  const found = `${noise.pairs} pairs tell ${formatNumber(100 * value)} %`;
  return `${nameOfNoise(run, noise)}: ${found}`;
}

function xChannel(reach: number): object {
  return {
    field: 'x',
    type: 'quantitative',
    scale: { domain: [-reach, reach], nice: false },
    axis: { title: 'head against base (%)', tickCount: 7, domain: false },
  };
}

/** Dashed where a difference is of note. */
function limitLayers(rows: number): readonly Layer[] {
  const least = 100 * (1 / (1 + minimumEffect) - 1);
  const height = rows * rowHeight + 8;
  return [
    {
      data: { values: [{ x: least }, { x: 100 * minimumEffect }] },
      mark: { type: 'rule', stroke: 'var(--rule-strong)', strokeDash: [3, 3], aria: false },
      encoding: { y: { value: 0 }, y2: { value: height } },
    },
  ];
}

function dotLayer(run: Run, values: readonly Dot[]): Layer {
  const domain = [...new Set(values.map(({ point }) => point))];
  return {
    data: { values },
    mark: { type: 'point', filled: true, size: 40, opacity: 0.6 },
    encoding: {
      y: {
        field: 'point',
        type: 'nominal',
        scale: { domain },
        axis: { title: null, labelLimit: 300, ticks: false },
      },
      color: colourBy(seriesOf(run)),
      description: { field: 'label' },
    },
  };
}
