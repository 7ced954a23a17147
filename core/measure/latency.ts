import type { Histogram } from 'hdr-histogram-js';
import type { Latency } from '../result.js';
import { orderStatisticRanks } from '../stats/order-statistic.js';
import { nsPerMs } from '../units.js';

// Requests from which p99 is printed (methodology rule 4).
const p99FromCount = 1_000;
// Requests from which p99.9 is printed.
const p999FromCount = 10_000;

/** The value at a rank counted from 1, in nanoseconds; nearest rank, as HdrHistogram defines it. */
function valueAtRank(histogram: Histogram, rank: number): number {
  return histogram.getValueAtPercentile((100 * rank) / histogram.totalCount);
}

/**
 * Percentiles in milliseconds: HDR nearest rank, p99 with its 95 % order-statistic interval.
 *
 * @returns undefined for an empty histogram; p99 and p999 only where there are enough requests
 */
export function latencyOf(histogram: Histogram): Latency | undefined {
  const count = histogram.totalCount;
  if (count === 0) return undefined;
  const ms = (percentile: number): number => histogram.getValueAtPercentile(percentile) / nsPerMs;
  const latency: Latency = {
    p50: ms(50),
    p90: ms(90),
    p95: ms(95),
    max: histogram.maxValue / nsPerMs,
    mean: histogram.mean / nsPerMs,
    count,
  };
  if (count >= p99FromCount) {
    latency.p99 = ms(99);
    const { low, high } = orderStatisticRanks(count, 0.99, 0.95);
    if (low !== undefined) latency.p99Low = valueAtRank(histogram, low) / nsPerMs;
    if (high !== undefined) latency.p99High = valueAtRank(histogram, high) / nsPerMs;
  }
  if (count >= p999FromCount) latency.p999 = ms(99.9);
  return latency;
}
