import { mean } from './quantile.js';

/** Mean and spread of the natural logs of positive values. */
export interface LogMoments {
  readonly count: number;
  readonly mean: number;
  /** With count - 1 as its divisor. */
  readonly variance: number;
}

/**
 * The mean and the sample variance of the logs.
 *
 * @returns undefined where they are not defined: fewer than 2 values, one not above 0, one not
 *   finite
 */
export function logMoments(values: readonly number[]): LogMoments | undefined {
  if (values.length < 2 || !values.every(isPositive)) return undefined;
  const logs = values.map(Math.log);
  const centre = mean(logs);
  const variance = logs.reduce((sum, log) => sum + (log - centre) ** 2, 0) / (logs.length - 1);
  return { count: logs.length, mean: centre, variance };
}

function isPositive(value: number): boolean {
  return value > 0 && value < Number.POSITIVE_INFINITY;
}
