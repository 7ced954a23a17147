import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createHistogram,
  decodeHistogram,
  encodeHistogram,
  longestNs,
  mergeHistograms,
  recordNs,
} from '../../../core/measure/histogram.js';
import { latencyOf } from '../../../core/measure/latency.js';
import { seededRandom } from '../../../core/random.js';

/** Times from 10 us to some seconds, most of them short. */
function sampleNs(count: number, seed: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => Math.round(10_000 * Math.exp(12 * random() ** 3)));
}

function histogramOf(times: readonly number[]) {
  const histogram = createHistogram();
  for (const ns of times) recordNs(histogram, ns);
  return histogram;
}

/** The nearest rank: the smallest value that at least the given share of all does not exceed. */
function nearestRank(times: readonly number[], percent: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.max(Math.ceil((percent / 100) * sorted.length), 1) - 1] as number;
}

function assertShare(found: number | undefined, expected: number): void {
  const near = found !== undefined && Math.abs(found / expected - 1) <= 0.001;
  assert.ok(near, `got ${found}, expected ${expected} within 0.1 %`);
}

test('percentiles are those of the sorted times within a thousandth', () => {
  const times = sampleNs(20_000, 1);
  const latency = latencyOf(histogramOf(times));
  assert.ok(latency !== undefined);
  assertShare(latency.p50, nearestRank(times, 50) / 1e6);
  assertShare(latency.p90, nearestRank(times, 90) / 1e6);
  assertShare(latency.p95, nearestRank(times, 95) / 1e6);
  assertShare(latency.p99, nearestRank(times, 99) / 1e6);
  assertShare(latency.p999, nearestRank(times, 99.9) / 1e6);
  assertShare(latency.max, Math.max(...times) / 1e6);
  assertShare(latency.mean, times.reduce((sum, ns) => sum + ns, 0) / times.length / 1e6);
  assert.equal(latency.count, 20_000);
});

test('merged histograms are what one histogram of all times would be', () => {
  const [a, b, c] = [sampleNs(3000, 2), sampleNs(500, 3), sampleNs(1, 4)] as const;
  const merged = mergeHistograms([a, b, c].map((part) => encodeHistogram(histogramOf(part))));
  const together = histogramOf([...a, ...b, ...c]);
  const bytes = encodeHistogram(together);
  assert.deepEqual(Buffer.from(encodeHistogram(merged)), Buffer.from(bytes));
  assert.deepEqual(latencyOf(merged), latencyOf(decodeHistogram(bytes)));
});

test('an encoded histogram comes back as it was', () => {
  const histogram = histogramOf([...sampleNs(1000, 5), 0, longestNs]);
  const bytes = encodeHistogram(histogram);
  const back = decodeHistogram(bytes);
  assert.equal(back.totalCount, 1002);
  assert.deepEqual(Buffer.from(encodeHistogram(back)), Buffer.from(bytes));
});

test('p99 and its interval are there from a thousand requests, p99.9 from ten thousand', () => {
  const fieldsAt = (count: number): (boolean | undefined)[] => {
    const latency = latencyOf(histogramOf(sampleNs(count, 6)));
    return [latency?.p99, latency?.p99Low, latency?.p99High, latency?.p999].map(
      (value) => value !== undefined,
    );
  };
  assert.deepEqual(fieldsAt(999), [false, false, false, false]);
  assert.deepEqual(fieldsAt(1000), [true, true, true, false]);
  assert.deepEqual(fieldsAt(9999), [true, true, true, false]);
  assert.deepEqual(fieldsAt(10_000), [true, true, true, true]);
});

test('the interval of p99 is made of two order statistics', () => {
  const times = Array.from({ length: 10_000 }, (_, index) => 1_000_000 + 1000 * index);
  const latency = latencyOf(histogramOf(times));
  // scipy 1.17: ranks binom.ppf(0.025, 10000, 0.99) = 9880 and binom.ppf(0.975, ...) + 1 = 9920.
  assertShare(latency?.p99Low, (times[9879] as number) / 1e6);
  assertShare(latency?.p99High, (times[9919] as number) / 1e6);
  assertShare(latency?.p99, (times[9899] as number) / 1e6);
});

test('times outside the range count as its ends, fractions are cut', () => {
  const histogram = histogramOf([-5, 0.9, 2.7, longestNs * 10]);
  assert.equal(histogram.totalCount, 4);
  assert.equal(histogram.getValueAtPercentile(50), 0);
  assert.equal(histogram.getValueAtPercentile(75), 2);
  assertShare(latencyOf(histogram)?.max, longestNs / 1e6);
});

test('an empty histogram has no percentiles', () => {
  assert.equal(latencyOf(createHistogram()), undefined);
  assert.equal(latencyOf(mergeHistograms([])), undefined);
});
