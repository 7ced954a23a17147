import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import type { Interval } from './interval.js';
import { logMoments } from './log-moments.js';
import { type Point, paretoFront } from './pareto.js';

/** A point with the figure of each repeat; `value` stands for them, such as their median. */
export interface RepeatedPoint extends Point {
  readonly repeats: readonly number[];
}

/** Where to read fronts. */
export interface RecallTarget {
  /** In [0, 1]. */
  readonly recall: number;
  /** Whether more or less of the figure is better. */
  readonly better: 'more' | 'less';
  /** In (0, 1); 0.95 when not given. */
  readonly confidence?: number;
}

/** A figure at a recall. */
export interface ValueAtRecall {
  readonly value: number;
  /** Absent where a point has fewer than 2 repeats. */
  readonly interval?: Interval;
  readonly kind: 'measured' | 'interpolated';
  /** The keys of the points that it rests on: one if measured, else two by rising recall. */
  readonly points: readonly string[];
}

/** How much more or less one store has than another, at the same recall. */
export interface RatioAtRecall {
  /** Head over base. */
  readonly ratio: number;
  /** Absent where one of the points has fewer than 2 repeats. */
  readonly interval?: Interval;
  /** `interpolated` where either of the two is. */
  readonly kind: 'measured' | 'interpolated';
  readonly base: ValueAtRecall;
  readonly head: ValueAtRecall;
}

/** A point that a figure rests on; the log of the figure is the weighted sum of theirs. */
interface Term {
  readonly point: RepeatedPoint;
  readonly weight: number;
}

/**
 * The figure of a front at a recall: of the point measured there, or between the two points of the
 * front around it, with log(value) taken as a straight line over -log(1 - recall). The interval
 * adds the squared standard errors of the logs of the repeats, by their weights; its degrees of
 * freedom are those of Welch and Satterthwaite. It holds the spread of repeats only: neither that
 * of recall over queries, nor how far the front is from a straight line.
 *
 * @param points of one store under one load; those whose value is not above 0 are left out, as
 *   they have no log
 * @returns undefined outside the recalls of the front, and between one below 1 and one of 1, which
 *   is infinitely far away
 * @see Satterthwaite, An Approximate Distribution of Estimates of Variance Components (1946)
 */
export function valueAtRecall(
  points: readonly RepeatedPoint[],
  target: RecallTarget,
): ValueAtRecall | undefined {
  const terms = termsAt(points, target);
  return terms === undefined ? undefined : figureOf(terms, target.confidence);
}

/**
 * Head over base at one recall. Repeats of the two are taken as independent of each other: what
 * they have in common makes the interval too wide, not too narrow.
 *
 * @returns undefined where one of the two has no value at that recall
 * @see Welch, The Generalization of "Student's" Problem when Several Different Population
 *   Variances are Involved (1947)
 */
export function ratioAtRecall(
  base: readonly RepeatedPoint[],
  head: readonly RepeatedPoint[],
  target: RecallTarget,
): RatioAtRecall | undefined {
  const below = termsAt(base, target);
  const above = termsAt(head, target);
  if (below === undefined || above === undefined) return undefined;
  const terms = [...above, ...below.map(({ point, weight }) => ({ point, weight: -weight }))];
  const interval = intervalOf(terms, target.confidence);
  const figures = {
    base: figureOf(below, target.confidence),
    head: figureOf(above, target.confidence),
  };
  const isMeasured = figures.base.kind === 'measured' && figures.head.kind === 'measured';
  return {
    ratio: figures.head.value / figures.base.value,
    ...(interval === undefined ? {} : { interval }),
    kind: isMeasured ? 'measured' : 'interpolated',
    ...figures,
  };
}

function termsAt(
  points: readonly RepeatedPoint[],
  { recall, better }: RecallTarget,
): readonly Term[] | undefined {
  const front = frontOf(points, better);
  const next = front.findIndex((point) => point.recall >= recall);
  const above = front[next];
  if (above === undefined) return undefined;
  if (above.recall === recall) return [{ point: above, weight: 1 }];
  const below = front[next - 1];
  if (below === undefined || above.recall >= 1) return undefined;
  const weight =
    (nines(recall) - nines(below.recall)) / (nines(above.recall) - nines(below.recall));
  return [
    { point: below, weight: 1 - weight },
    { point: above, weight },
  ];
}

/** By rising recall. */
function frontOf(points: readonly RepeatedPoint[], better: 'more' | 'less'): RepeatedPoint[] {
  const usable = points.filter(({ value }) => value > 0);
  const byKey = new Map(usable.map((point) => [point.key, point]));
  return paretoFront(usable, better).map((key) => byKey.get(key) as RepeatedPoint);
}

function nines(recall: number): number {
  return -Math.log1p(-recall);
}

function figureOf(terms: readonly Term[], confidence: number | undefined): ValueAtRecall {
  const interval = intervalOf(terms, confidence);
  const [only] = terms;
  const isMeasured = terms.length === 1;
  return {
    // The figure of a measured point as it is, not carried into logs and back.
    value: isMeasured && only !== undefined ? only.point.value : logLinear(terms),
    ...(interval === undefined ? {} : { interval }),
    kind: isMeasured ? 'measured' : 'interpolated',
    points: terms.map(({ point }) => point.key),
  };
}

function logLinear(terms: readonly Term[]): number {
  return Math.exp(
    terms.reduce((sum, { point, weight }) => sum + weight * Math.log(point.value), 0),
  );
}

/** Around the weighted sum of the means of the logs, carried back. */
function intervalOf(terms: readonly Term[], confidence = 0.95): Interval | undefined {
  let centre = 0;
  let variance = 0;
  let perFreedom = 0;
  for (const { point, weight } of terms) {
    const logs = logMoments(point.repeats);
    if (logs === undefined) return undefined;
    const share = (weight ** 2 * logs.variance) / logs.count;
    centre += weight * logs.mean;
    variance += share;
    perFreedom += share ** 2 / (logs.count - 1);
  }
  // Without any spread the degrees of freedom are 0 / 0, and the interval is a point.
  const t = variance === 0 ? 0 : tQuantile(1 - (1 - confidence) / 2, variance ** 2 / perFreedom);
  const half = t * Math.sqrt(variance);
  return { low: Math.exp(centre - half), high: Math.exp(centre + half), method: 'Welch t of logs' };
}
