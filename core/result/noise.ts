import { z } from 'zod';
import { count, fraction, id, seconds } from './primitives.js';

const shareSchema = z
  .looseObject({ rate: fraction, low: fraction.optional(), high: fraction.optional() })
  .describe('without an interval where all signs were tried');

const neededPairs = z.number().int().min(1).optional();

/** How much one metric of one point differs from itself (methodology, A/A). */
export const noiseSchema = z.looseObject({
  key: z.string().describe('of the summary'),
  target: z.string(),
  build: id,
  stream: z.string(),
  operation: z.string(),
  metric: z.string(),
  pairs: count.describe('those that count: both halves valid, one right after the other'),
  cv: z.number().min(0).describe('of single measurements, both halves'),
  logRatioSd: z.number().min(0).describe('of the natural logs of head over base'),
  logRatios: z.array(z.number()).describe('in the order of measuring'),
  lag1: z
    .looseObject({
      measurements: z.number().min(-1).max(1).optional(),
      measurementsBound: z.number(),
      ratios: z.number().min(-1).max(1).optional(),
      ratiosBound: z.number(),
    })
    .describe('autocorrelations in the order of measuring; a size above its bound is no chance'),
  ratio: z.number().positive().describe('geometric mean of head over base'),
  low: z.number().positive(),
  high: z.number().positive(),
  differs: z.boolean().describe('this very A/A: the interval leaves out 1'),
  alarm: z.boolean().describe('this very A/A: it differs, and by the minimum effect'),
  falseAlarmRate: z.looseObject({
    method: z.enum(['all signs', 'drawn signs']),
    draws: count,
    anyEffect: shareSchema,
    minimumEffect: shareSchema,
  }),
  detectableEffect: z
    .looseObject({ value: z.number().min(0), low: z.number().min(0), high: z.number().min(0) })
    .describe('the smallest true effect told with a chance of 0.8, a fraction'),
  pairsFor5Percent: neededPairs.describe('absent above 1,000'),
  pairsFor10Percent: neededPairs.describe('absent above 1,000'),
});

/** How much one metric of one point differs from itself. */
export type Noise = z.infer<typeof noiseSchema>;

/** The name and version of what is kept of a machine's noise. */
export const noiseProfileName = 'bench.noise/1';

const metricNoiseSchema = z.looseObject({
  points: count.min(1),
  cv: z.number().min(0),
  lag1: z.number().min(-1).max(1).optional(),
  logRatioSd: z.number().min(0),
  falseAlarmRate: z.looseObject({ anyEffect: fraction, minimumEffect: fraction }),
  alarms: z
    .looseObject({ differs: count, alarm: count, low: fraction, high: fraction })
    .describe('points that this A/A told apart; the interval is that of the share of alarms'),
  detectableEffect: z.number().min(0),
  pairsFor5Percent: neededPairs,
  pairsFor10Percent: neededPairs,
});

/** What is kept of an A/A run for its machine: by metric the medians over the points. */
export const noiseProfileSchema = z.looseObject({
  schema: z.literal(noiseProfileName),
  at: z.string(),
  runId: id,
  suite: z.string(),
  dataset: z.string(),
  targets: z.array(z.string()),
  loads: z.array(z.string()),
  windowS: seconds,
  pairs: count.describe('fewest of any point'),
  metrics: z.record(z.string(), metricNoiseSchema),
});

/** The noise of a machine, as one A/A run found it. */
export type NoiseProfile = z.infer<typeof noiseProfileSchema>;
/** The noise of one metric, over the points of a run. */
export type MetricNoise = NoiseProfile['metrics'][string];
