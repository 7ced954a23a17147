import { build, type Histogram, initWebAssembly, WasmHistogram } from 'hdr-histogram-js';

await initWebAssembly();

/** The longest time a histogram holds: an hour, in nanoseconds. Longer ones count as an hour. */
export const longestNs = 3_600_000_000_000;

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
