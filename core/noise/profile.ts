import { describeLoad } from '../load/phases.js';
import { readMachineRecord, writeMachineRecord } from '../machine.js';
import {
  type MetricNoise,
  type Noise,
  type NoiseProfile,
  noiseProfileName,
  noiseProfileSchema,
} from '../result/noise.js';
import type { Run } from '../result.js';
import { median } from '../stats/quantile.js';
import { wilsonInterval } from '../stats/wilson.js';

/**
 * What an A/A run says of its machine: of each metric the medians over the points.
 *
 * @returns undefined where the run cannot speak for it: not an A/A, not complete, or a point whose
 *   noise is not known
 */
export function noiseProfile(run: Run): NoiseProfile | undefined {
  const { noise = [], summaries, status } = run;
  const known = new Set(noise.map(({ build, key }) => `${build}/${key}`));
  const isWhole = summaries.every(({ build, key }) => known.has(`${build}/${key}`));
  if (noise.length === 0 || status !== 'complete' || !isWhole) return undefined;
  const metrics = [...new Set(noise.map(({ metric }) => metric))];
  const { measure } = run.suite as { measure?: { durationS?: number } };
  return noiseProfileSchema.parse({
    schema: noiseProfileName,
    at: run.finishedAt,
    runId: run.runId,
    suite: run.suite.name,
    dataset: summaries[0]?.dataset,
    targets: [...new Set(summaries.map(({ target }) => target))],
    loads: [...new Set(summaries.map(({ load }) => describeLoad(load)))],
    windowS: measure?.durationS,
    pairs: Math.min(...noise.map(({ pairs }) => pairs)),
    metrics: Object.fromEntries(metrics.map((name) => [name, overPoints(noise, name)])),
  });
}

/** The noise of one metric: medians over the points at which it is known. */
export function overPoints(noise: readonly Noise[], metric: string): MetricNoise {
  const points = noise.filter((one) => one.metric === metric);
  const over = (of: (one: Noise) => number): number => median(points.map(of));
  const lags = points.flatMap(({ lag1 }) => lag1.measurements ?? []);
  const alarm = points.filter((one) => one.alarm).length;
  const { low, high } = wilsonInterval(alarm, points.length);
  return {
    points: points.length,
    cv: over(({ cv }) => cv),
    ...(lags.length === 0 ? {} : { lag1: median(lags) }),
    logRatioSd: over(({ logRatioSd }) => logRatioSd),
    falseAlarmRate: {
      anyEffect: over(({ falseAlarmRate }) => falseAlarmRate.anyEffect.rate),
      minimumEffect: over(({ falseAlarmRate }) => falseAlarmRate.minimumEffect.rate),
    },
    alarms: { differs: points.filter(({ differs }) => differs).length, alarm, low, high },
    detectableEffect: over(({ detectableEffect }) => detectableEffect.value),
    ...upperMedian('pairsFor5Percent', points),
    ...upperMedian('pairsFor10Percent', points),
  };
}

/** Of an even number the upper one of the middle; absent where that one is. */
function upperMedian(
  name: 'pairsFor5Percent' | 'pairsFor10Percent',
  points: readonly Noise[],
): Partial<MetricNoise> {
  const needed = points.map((point) => point[name] ?? Number.POSITIVE_INFINITY);
  needed.sort((a, b) => a - b);
  const middle = needed[Math.floor(needed.length / 2)] ?? Number.POSITIVE_INFINITY;
  return Number.isFinite(middle) ? { [name]: middle } : {};
}

/**
 * Keeps the noise of this machine, in place of what was known.
 *
 * @returns the file
 * @throws BenchError DISK_FULL or NOT_WRITABLE
 */
export function keepNoise(profile: NoiseProfile): Promise<string> {
  return writeMachineRecord('noise', profile);
}

/**
 * What is known of the noise of this machine; undefined where nothing is.
 *
 * @throws SyntaxError or ZodError when the file is damaged
 */
export async function knownNoise(): Promise<NoiseProfile | undefined> {
  const stored = await readMachineRecord('noise');
  return stored === undefined ? undefined : noiseProfileSchema.parse(stored);
}
