import { build, type Histogram, initWebAssembly, WasmHistogram } from 'hdr-histogram-js';
import type { Latency } from '../result.js';
import { orderStatisticRanks } from '../stats/order-statistic.js';
import { nsPerMs } from '../units.js';

await initWebAssembly();

/** The longest time a histogram holds: an hour, in nanoseconds. Longer ones count as an hour. */
export const longestNs = 3_600_000_000_000;

/** Requests from which p99 is printed (methodology rule 4). */
export const p99FromCount = 1_000;
/** Requests from which p99.9 is printed. */
export const p999FromCount = 10_000;

/**
 * An empty histogram of whole nanoseconds, 3 significant digits, 1 ns to an hour.
 *
 * @see Gil Tene, HdrHistogram, https://hdrhistogram.github.io/HdrHistogram/
 */
export function createHistogram(): Histogram {
  return build({
    useWebAssembly: true,
    bitBucketSize: 64,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: longestNs,
    numberOfSignificantValueDigits: 3,
  });
}

/** Records a time. @param ns 0 or more; fractions are cut, an hour is the most */
export function recordNs(histogram: Histogram, ns: number): void {
  histogram.recordValue(ns < longestNs ? (ns > 0 ? Math.trunc(ns) : 0) : longestNs);
}

/** The histogram in HdrHistogram's V2 encoding. */
export function encodeHistogram(histogram: Histogram): Uint8Array {
  return (histogram as WasmHistogram).encode();
}

/** A histogram from its V2 encoding. */
export function decodeHistogram(bytes: Uint8Array): Histogram {
  return WasmHistogram.decode(bytes, 64);
}

/** The lossless union of histograms, decoded from their encodings. The caller destroys it. */
export function mergeHistograms(encoded: readonly Uint8Array[]): Histogram {
  const merged = createHistogram();
  for (const bytes of encoded) {
    const part = decodeHistogram(bytes);
    merged.add(part as never);
    part.destroy();
  }
  return merged;
}

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
