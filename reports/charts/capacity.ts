import {
  type CapacityCondition,
  describeAnswer,
  describeCondition,
  isSameRate,
  latencyCurve,
  type Trial,
} from '../../core/capacity/describe-capacity.js';
import type { Capacity } from '../../core/result.js';
import { formatNumber } from '../../core/units.js';
import { formatMs } from '../html/figures.js';
import { logAxis, logChannel, rateChannel } from './log-axis.js';
import { type Layer, plotHeight, saturatedMark } from './point-layers.js';
import type { Chart } from './svg.js';
import { chartWidth, theme } from './theme.js';

/** The symbol of Vega for each kind of trial that has a rate. */
export const trialShapes = { ramp: 'circle', bisect: 'diamond', confirm: 'square' } as const;

/** The colour of each verdict, a variable of the page. */
export const verdictColours: Readonly<Record<Trial['verdict'], string>> = {
  passed: 'var(--pass)',
  failed: 'var(--fail)',
  client: 'var(--undecided)',
};

/** What is drawn of a search. */
export interface CapacityView {
  /** What the setting is called. */
  readonly name: string;
  readonly condition: CapacityCondition;
  /** All rates on a log scale, or those around the answer on a linear one. */
  readonly part: 'whole' | 'near';
}

/** One trial as a point. */
interface Mark {
  readonly x: number;
  readonly y: number;
  readonly kind: string;
  readonly verdict: Trial['verdict'];
  readonly saturated: boolean;
  readonly label: string;
}

/**
 * The percentile that a condition of an SLO is about by offered rate: one point a trial, a line
 * through the medians, the limit, the bracket, the confirmed rate and the knee.
 *
 * @returns undefined where no trial measured it, or where the part shows no more than the whole
 */
export function capacityChart(entry: Capacity, view: CapacityView): Chart | undefined {
  const { condition, name, part } = view;
  const all = marksOf(entry, condition);
  const isShown = part === 'near' ? nearAnswer(entry, all) : () => true;
  const marks = all.filter(({ x }) => isShown(x));
  if (marks.length === 0) return undefined;
  // The name of the limit needs room on either side of it, and an arrow over its point.
  const limits = [condition.limit / room, condition.limit * room];
  const tops = marks.map(({ y, saturated }) => (saturated ? y * room : y));
  const found = logAxis(titleOf(condition), [...marks.map(({ y }) => y), ...tops, ...limits]);
  const curve = latencyCurve(entry, condition).filter(({ rateQps }) => isShown(rateQps));
  const xs = marks.map(({ x }) => x);
  return {
    title: `Offered rate against ${found.title}: ${name}`,
    description: [
      `${name}: ${describeAnswer(entry)}`,
      `limit ${describeCondition(condition)}`,
      ...placesOf(entry).map(({ text }) => text),
      ...marks.map(({ label }) => label),
    ].join('. '),
    spec: {
      width: chartWidth,
      autosize: { type: 'fit-x', contains: 'padding' },
      height: plotHeight,
      config: theme,
      layer: [
        bracketLayer(entry),
        ...limitLayers(condition, crossesEarly(marks, view)),
        ...placeLayers(entry),
        curveLayer(curve),
        ...markLayers(marks),
      ].map((layer) => ({
        ...layer,
        encoding: { x: xChannel(xs, part), y: logChannel('y', found), ...layer.encoding },
      })),
    } as Chart['spec'],
  };
}

const room = 1.3;

/** Whether points are above the limit from so far to the left that its name has no room there. */
function crossesEarly(marks: readonly Mark[], { condition, part }: CapacityView): boolean {
  const place = ({ x }: Mark): number => (part === 'whole' ? Math.log(x) : x);
  const places = marks.map(place);
  const [low, high] = [Math.min(...places), Math.max(...places)];
  const over = marks.filter(({ y }) => y > condition.limit / room).map(place);
  return over.length > 0 && Math.min(...over) < low + 0.4 * (high - low);
}

function titleOf({ metric }: CapacityCondition): string {
  const isService = metric.startsWith('service.');
  const percentile = metric.replace('service.', '').replace('p999', 'p99.9');
  return `${isService ? 'service' : 'response'} time, ${percentile} (ms)`;
}

function marksOf({ trials }: Capacity, { metric }: CapacityCondition): readonly Mark[] {
  return trials.flatMap((trial) => {
    const { kind, rateQps, saturated, verdict, why } = trial;
    const y = trial.measured[metric];
    if (kind === 'probe' || rateQps === undefined || y === undefined || y <= 0) return [];
    const figure = `${formatNumber(rateQps)} QPS offered (${kind}): ${metric} ${formatMs(y)} ms`;
    const remark = saturated ? ', saturated: latency has no end' : '';
    const reasons = why.length === 0 ? '' : ` (${why.join('; ')})`;
    const label = `${figure}, ${verdictWords[verdict]}${reasons}${remark}`;
    return [{ x: rateQps, y, kind, verdict, saturated, label }];
  });
}

const verdictWords: Readonly<Record<Trial['verdict'], string>> = {
  passed: 'passed',
  failed: 'failed',
  client: 'says nothing of the store',
};

/** So far around the answer rates are near it. */
const nearFactor = 1.25;
/** A wider bracket has nothing to look at more closely. */
const mostApart = 1.3;
const leastNear = 3;

/** Whether a rate is near the answer; none is where that part would show no more than the whole. */
function nearAnswer(entry: Capacity, marks: readonly Mark[]): (rateQps: number) => boolean {
  const { bracket, confirmedQps } = entry;
  const around = [confirmedQps, bracket.passedQps, bracket.failedQps].filter(
    (rate) => rate !== undefined,
  );
  const [lowest, highest] = [Math.min(...around), Math.max(...around)];
  if (around.length === 0 || highest / lowest > mostApart) return () => false;
  const [low, high] = [lowest / nearFactor, highest * nearFactor];
  const isNear = (rate: number): boolean => rate >= low && rate <= high;
  const rates = new Set(marks.map(({ x }) => x));
  const near = [...rates].filter(isNear);
  return near.length >= leastNear && near.length < rates.size ? isNear : () => false;
}

function xChannel(xs: readonly number[], part: CapacityView['part']): object {
  const title = 'offered rate (QPS)';
  if (part === 'whole') return rateChannel('x', logAxis(title, xs));
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  const margin = 0.06 * (high - low);
  return {
    field: 'x',
    type: 'quantitative',
    scale: { domain: [low - margin, high + margin], nice: false, zero: false },
    axis: { title, tickCount: 5, format: ',~r', grid: true, labelFlush: false },
  };
}

const wholeHeight = { y: { value: 0 }, y2: { value: plotHeight } };

/** A pale band from the highest rate that passed to the lowest that failed. */
function bracketLayer({ bracket }: Capacity): Layer {
  const { passedQps: x, failedQps: high } = bracket;
  return {
    data: { values: x === undefined || high === undefined ? [] : [{ x, high }] },
    mark: { type: 'rect', fill: 'var(--front)', opacity: 0.7, aria: false },
    encoding: { ...wholeHeight, x2: { field: 'high' } },
  };
}

/** The limit across the chart, named above its left end, or beneath its right one. */
function limitLayers(condition: CapacityCondition, isRight: boolean): readonly Layer[] {
  const text = `SLO: ${describeCondition(condition).replace('<=', '≤')}`;
  const values = [{ y: condition.limit, text }];
  const place = isRight ? { align: 'right', dx: -4, dy: 9 } : { align: 'left', dx: 4, dy: -7 };
  const words = { type: 'text', baseline: 'middle', fill: 'var(--fail)', ...place };
  return [
    {
      data: { values },
      mark: { type: 'rule', stroke: 'var(--fail)', strokeWidth: 1.25, aria: false },
      encoding: { x: { value: 0 }, x2: { value: 'width' } },
    },
    {
      data: { values },
      mark: { ...words, aria: false },
      encoding: { x: { value: isRight ? 'width' : 0 }, text: { field: 'text' } },
    },
  ];
}

/** A rate that has a name above the chart. */
interface Place {
  readonly x: number;
  readonly text: string;
  readonly side: 'left' | 'right';
}

/** The confirmed rate and the knee; their names go away from each other. */
function placesOf({ confirmedQps, kneeQps }: Capacity): readonly Place[] {
  if (confirmedQps !== undefined && isSameRate(confirmedQps, kneeQps)) {
    return [
      {
        x: confirmedQps,
        text: `confirmed ${formatNumber(confirmedQps)}, also the knee`,
        side: 'left',
      },
    ];
  }
  const isKneeLower = (kneeQps ?? 0) < (confirmedQps ?? 0);
  const confirmed = (x: number): Place => ({
    x,
    text: `confirmed ${formatNumber(x)}`,
    side: kneeQps !== undefined && isKneeLower ? 'right' : 'left',
  });
  const knee = (x: number): Place => ({
    x,
    text: `knee ${formatNumber(x)}`,
    side: confirmedQps === undefined || isKneeLower ? 'left' : 'right',
  });
  return [
    ...(confirmedQps === undefined ? [] : [confirmed(confirmedQps)]),
    ...(kneeQps === undefined ? [] : [knee(kneeQps)]),
  ];
}

function placeLayers(entry: Capacity): readonly Layer[] {
  const places = placesOf(entry);
  const rule = { type: 'rule', aria: false };
  const isConfirmed = ({ x }: Place): boolean => x === entry.confirmedQps;
  const text = { type: 'text', dy: -8, fontSize: 10.5, fill: 'var(--ink)', aria: false };
  const named = (side: Place['side'], dx: number): Layer => ({
    data: { values: places.filter((place) => place.side === side) },
    mark: { ...text, align: side === 'left' ? 'right' : 'left', dx },
    encoding: { y: { value: 0 }, text: { field: 'text' } },
  });
  return [
    {
      data: { values: places.filter(isConfirmed) },
      mark: { ...rule, stroke: 'var(--pass)', strokeWidth: 1.5 },
      encoding: wholeHeight,
    },
    {
      data: { values: places.filter((place) => !isConfirmed(place)) },
      mark: { ...rule, stroke: 'var(--ink)', strokeDash: [3, 3] },
      encoding: wholeHeight,
    },
    named('left', 3),
    named('right', -3),
  ];
}

function curveLayer(curve: ReturnType<typeof latencyCurve>): Layer {
  return {
    data: { values: curve.map(({ rateQps, ms }) => ({ x: rateQps, y: ms })) },
    mark: { type: 'line', stroke: 'var(--muted)', strokeWidth: 1.5, aria: false },
    encoding: { order: { field: 'x' } },
  };
}

/** Trials that passed are full, others hollow; an arrow stands over those that were saturated. */
function markLayers(marks: readonly Mark[]): readonly Layer[] {
  const colour = {
    field: 'verdict',
    type: 'nominal',
    legend: null,
    scale: { domain: Object.keys(verdictColours), range: Object.values(verdictColours) },
  };
  const shape = {
    field: 'kind',
    type: 'nominal',
    legend: null,
    scale: { domain: Object.keys(trialShapes), range: Object.values(trialShapes) },
  };
  const description = { field: 'label' };
  const point = { type: 'point', size: 64, opacity: 1 };
  const arrow = { type: 'point', shape: saturatedMark, size: 60, filled: true, yOffset: -11 };
  return [
    {
      data: { values: marks.filter(({ verdict }) => verdict === 'passed') },
      mark: { ...point, filled: true, stroke: 'var(--page)', strokeWidth: 0.75 },
      encoding: { fill: colour, shape, description },
    },
    {
      data: { values: marks.filter(({ verdict }) => verdict !== 'passed') },
      mark: { ...point, filled: false, fill: 'var(--page)', strokeWidth: 1.5 },
      encoding: { stroke: colour, shape, description },
    },
    {
      data: { values: marks.filter(({ saturated }) => saturated) },
      mark: { ...arrow, opacity: 1, aria: false },
      encoding: { fill: colour },
    },
  ];
}
