import { fewestPairs } from '../plan/pairs.js';
import type { Noise } from '../result/noise.js';
import { lag1Autocorrelation } from '../stats/autocorrelation.js';
import { type LogMoments, logMoments } from '../stats/log-moments.js';
import { type Pair, pairedRatio, pairedVerdict } from '../stats/paired.js';
import { detectableShift, pairsNeeded, spreadFactors } from '../stats/paired-power.js';
import { falseAlarms } from '../stats/sign-flips.js';

/** The same figure of both halves, and which was measured first. */
export interface OrderedPair extends Pair {
  readonly isBaseFirst: boolean;
}

/** What the figures of pairs say of the noise; the names are those of the result. */
export type PairNoise = Pick<
  Noise,
  | ('pairs' | 'cv' | 'logRatioSd' | 'logRatios' | 'lag1' | 'ratio' | 'low' | 'high' | 'differs')
  | ('alarm' | 'falseAlarmRate' | 'detectableEffect' | 'pairsFor5Percent' | 'pairsFor10Percent')
>;

const limits = { fewest: fewestPairs, most: 1000 };

/**
 * The noise of one figure.
 *
 * @param pairs in the order of measuring
 * @returns undefined where it is not known: fewer than 4 pairs, or a figure not above 0
 */
export function noiseOfPairs(pairs: readonly OrderedPair[], seed: number): PairNoise | undefined {
  const found = pairs.length < fewestPairs ? undefined : pairedRatio(pairs);
  const ratios = momentsOf(pairs.map(({ base, head }) => head / base));
  const values = pairs.flatMap(({ base, head, isBaseFirst }) =>
    isBaseFirst ? [base, head] : [head, base],
  );
  const spread = momentsOf(values);
  if (found === undefined || ratios === undefined || spread === undefined) return undefined;
  const logRatios = pairs.map(({ base, head }) => Math.log(head / base));
  const sd = Math.sqrt(ratios.variance);
  const { low, high } = found.interval;
  const verdict = pairedVerdict(found);
  const { anyEffect, minimumEffect, ...how } = falseAlarms(logRatios, { seed });
  return {
    pairs: pairs.length,
    cv: lognormalCv(spread.variance),
    logRatioSd: sd,
    logRatios,
    lag1: lag1Of(values.map(Math.log), logRatios),
    ratio: found.ratio,
    low,
    high,
    differs: low > 1 || high < 1,
    alarm: verdict === 'more' || verdict === 'less',
    falseAlarmRate: { ...how, anyEffect: { ...anyEffect }, minimumEffect: { ...minimumEffect } },
    detectableEffect: detectable(pairs.length, sd),
    ...needed('pairsFor5Percent', 0.05, sd),
    ...needed('pairsFor10Percent', 0.1, sd),
  };
}

/** Equal values have no spread; their mean, rounded, would give them one. */
function momentsOf(values: readonly number[]): LogMoments | undefined {
  const found = logMoments(values);
  return found === undefined || !areEqual(values) ? found : { ...found, variance: 0 };
}

function areEqual(values: readonly number[]): boolean {
  return values.every((value) => value === values[0]);
}

/**
 * The coefficient of variation of a lognormal figure.
 *
 * @param logVariance of the natural logs
 * @see Aitchison and Brown, The Lognormal Distribution (1957), chapter 2
 */
function lognormalCv(logVariance: number): number {
  return Math.sqrt(Math.expm1(logVariance));
}

/**
 * Lag-1 autocorrelations, each with the size that 95 % of independent series stay below.
 *
 * @see Bartlett, On the Theoretical Specification and Sampling Properties of Autocorrelated
 *   Time-Series (1946), for the standard error 1 / sqrt(n)
 */
function lag1Of(values: readonly number[], logRatios: readonly number[]): Noise['lag1'] {
  const bound = (count: number): number => 1.96 / Math.sqrt(count);
  const of = (series: readonly number[]) =>
    areEqual(series) ? undefined : lag1Autocorrelation(series);
  const measurements = of(values);
  const ratios = of(logRatios);
  return {
    ...(measurements === undefined ? {} : { measurements }),
    measurementsBound: bound(values.length),
    ...(ratios === undefined ? {} : { ratios }),
    ratiosBound: bound(logRatios.length),
  };
}

/** As a fraction above 1, and what it would be at the ends of the interval of the spread. */
function detectable(pairs: number, sd: number): Noise['detectableEffect'] {
  const shift = detectableShift(pairs) * sd;
  const factors = spreadFactors(pairs);
  return {
    value: Math.expm1(shift),
    low: Math.expm1(shift * factors.low),
    high: Math.expm1(shift * factors.high),
  };
}

function needed<Name extends string>(
  name: Name,
  effect: number,
  sd: number,
): Partial<Record<Name, number>> {
  const pairs = pairsNeeded(Math.log1p(effect) / sd, limits);
  return pairs === undefined ? {} : ({ [name]: pairs } as Record<Name, number>);
}
