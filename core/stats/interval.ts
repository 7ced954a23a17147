import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import { type Random, seededRandom } from '../random.js';
import { logMoments } from './log-moments.js';
import { mean, median, quantile7 } from './quantile.js';

/** A closed interval and how it was made. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly method: string;
}

/**
 * The t-interval of the logs, carried back: where the geometric mean of positive values lies.
 *
 * @param values at least 2, all above 0
 * @param confidence in (0, 1)
 * @returns undefined where it is not defined (fewer than 2 values, one not above 0, one
 *   not finite)
 * @see Student, The Probable Error of a Mean (1908)
 */
export function logTInterval(values: readonly number[], confidence = 0.95): Interval | undefined {
  const logs = logMoments(values);
  if (logs === undefined) return undefined;
  const t = tQuantile(1 - (1 - confidence) / 2, logs.count - 1);
  const half = t * Math.sqrt(logs.variance / logs.count);
  return { low: Math.exp(logs.mean - half), high: Math.exp(logs.mean + half), method: 't of logs' };
}

/**
 * The bias-corrected and accelerated bootstrap interval of the median.
 *
 * @param values at least 10
 * @see Efron, Better Bootstrap Confidence Intervals (1987)
 */
export function bcaInterval(values: readonly number[], seed: number, confidence = 0.95): Interval {
  const random = seededRandom(seed);
  const observed = median(values);
  const replicates = Array.from({ length: 2000 }, () => median(resample(values, random)));
  replicates.sort((a, b) => a - b);
  const below = replicates.filter((value) => value < observed).length;
  const ties = replicates.filter((value) => value === observed).length;
  const share = Math.min(Math.max((below + ties / 2) / replicates.length, 0.0005), 0.9995);
  const bias = normalQuantile(share, 0, 1);
  const acceleration = accelerationOf(values);
  const at = (probability: number): number => {
    const z = bias + normalQuantile(probability, 0, 1);
    return quantile7(replicates, normalCdf(bias + z / (1 - acceleration * z), 0, 1));
  };
  const tail = (1 - confidence) / 2;
  return { low: at(tail), high: at(1 - tail), method: 'BCa bootstrap' };
}

function accelerationOf(values: readonly number[]): number {
  const left = values.map((_, out) => median(values.filter((_, index) => index !== out)));
  const centre = mean(left);
  const squares = left.reduce((sum, value) => sum + (centre - value) ** 2, 0);
  const cubes = left.reduce((sum, value) => sum + (centre - value) ** 3, 0);
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}

function resample(values: readonly number[], random: Random): number[] {
  return values.map(() => values[Math.floor(random() * values.length)] as number);
}

/**
 * The percentile bootstrap interval of a mean over clusters (here: distinct queries), each of
 * which counts once.
 *
 * @param clusterMeans one value a cluster, at least one
 * @see Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13
 */
export function clusterInterval(
  clusterMeans: ArrayLike<number>,
  seed: number,
  confidence = 0.95,
): Interval {
  const count = clusterMeans.length;
  const random = seededRandom(seed);
  const replicates = new Float64Array(1000);
  for (let replicate = 0; replicate < replicates.length; replicate++) {
    let sum = 0;
    for (let draw = 0; draw < count; draw++) {
      sum += clusterMeans[Math.floor(random() * count)] as number;
    }
    replicates[replicate] = sum / count;
  }
  replicates.sort();
  const tail = (1 - confidence) / 2;
  return {
    low: quantile7(replicates, tail),
    high: quantile7(replicates, 1 - tail),
    method: 'bootstrap over queries',
  };
}

/**
 * The interval of compared repeats: t of the logs below 10 values, BCa from 10 on.
 *
 * @returns undefined where the values say nothing of their spread
 */
export function repeatInterval(values: readonly number[], seed: number): Interval | undefined {
  return values.length >= 10 ? bcaInterval(values, seed) : logTInterval(values);
}
