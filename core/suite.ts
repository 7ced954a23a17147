import { z } from 'zod';
import { filterSchema } from './filter.js';

const scalar = z.union([z.number(), z.string(), z.boolean()]);
const swept = z.union([scalar, z.array(scalar).min(1)]);
const positive = z.number().int().min(1);
const positives = z.union([positive, z.array(positive).min(1)]);

/** A closed load: each of `concurrency` callers sends when its last request is answered. */
export const closedLoadSchema = z.strictObject({
  kind: z.literal('closed'),
  concurrency: positives.describe('requests in flight in all, over all workers; a list sweeps'),
});

const rate = z.number().min(0.01).max(10_000_000);
const paced = {
  arrivals: z
    .enum(['constant', 'poisson'])
    .optional()
    .describe('evenly spaced, or at random as independent users come; constant when not given'),
  maxInFlight: positive
    .max(65_536)
    .optional()
    .describe('requests in flight in all; later ones wait, which counts; 64 when not given'),
};

/** An open load: requests come at a rate, whether or not earlier ones were answered. */
export const openLoadSchema = z.strictObject({
  kind: z.literal('open'),
  rateQps: z
    .union([rate, z.array(rate).min(1)])
    .describe('queries a second in all, over all workers; a list sweeps'),
  ...paced,
});

/** An open load whose rate rises in steps of one factor, up to and past what the store carries. */
export const rampLoadSchema = z.strictObject({
  kind: z.literal('ramp'),
  fromQps: rate.describe('queries a second of the first step'),
  toQps: rate.describe('queries a second of the last step'),
  steps: z.number().int().min(2).max(100),
  stepS: z.number().min(0.2).max(3600).optional().describe('measure.durationS when not given'),
  ...paced,
});

/** An open load that bursts once: how bad it gets, and how long the store takes to recover. */
export const spikeLoadSchema = z.strictObject({
  kind: z.literal('spike'),
  baseQps: rate.describe('queries a second before and after the burst'),
  burstQps: rate.describe('queries a second of the burst'),
  burstS: z.number().min(0.1).max(3600),
  beforeS: z.number().min(1).max(3600).optional().describe('measure.durationS when not given'),
  afterS: z.number().min(1).max(3600).optional().describe('measure.durationS when not given'),
  ...paced,
});

const queriesSchema = z
  .strictObject({
    order: z
      .enum(['cycle', 'zipf', 'weighted', 'log'])
      .describe('in turn; few of them often; by the weights of a file; as a file has them'),
    exponent: z.number().min(0).max(10).optional().describe('of zipf; 1 when not given'),
    file: z.string().min(1).optional().describe('of weighted and log: csv or JSON lines'),
  })
  .describe('which query a request takes; in turn when not given');

const columns = z.array(z.string().min(1));
const variantName = z.string().regex(/^(?!(and|or|not|field)$)[a-z0-9]+(-[a-z0-9]+)*$/);

const streamSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .optional(),
  operation: z.literal('search'),
  k: positive.describe('how many neighbours a search asks for'),
  batch: positives.optional().describe('queries in one request; a list sweeps'),
  queries: queriesSchema.optional(),
  filter: z
    .union([filterSchema, z.record(variantName, z.union([filterSchema, z.literal('none')]))])
    .optional()
    .describe('what rows must meet; several by names of your own sweep, `none` is no filter'),
  payload: z
    .union([columns, z.record(variantName, columns)])
    .optional()
    .describe('columns that come with the ids; several lists by names of your own sweep'),
  load: z
    .array(
      z.discriminatedUnion('kind', [
        closedLoadSchema,
        openLoadSchema,
        rampLoadSchema,
        spikeLoadSchema,
      ]),
    )
    .min(1),
});

const indexSchema = z.strictObject({
  family: z.string().describe('flat, ivf-flat, pq, ivf-pq, ivf-sq, hnsw, hnsw-sq, factory, ...'),
  params: z.record(z.string(), swept).optional().describe('build parameters; a list sweeps'),
  search: z.record(z.string(), swept).optional().describe('search parameters; a list sweeps'),
});

const measureSchema = z.strictObject({
  warmUpS: z.number().min(0).max(3600).describe('seconds before the window'),
  durationS: z.number().min(0.05).max(86_400).describe('seconds of the window, at least'),
  repeats: z.number().int().min(1).max(100),
  timeoutS: z.number().min(0.01).max(3600).optional().describe('one request; 10 when not given'),
  workers: z.number().int().min(1).max(64).optional().describe('load workers; 1 when not given'),
  pacer: z
    .enum(['sleep', 'spin'])
    .optional()
    .describe('how open loads wait: sleep, or spin, which takes a core for itself'),
  buildThreads: z.number().int().min(1).max(1024).optional(),
  searchThreads: z.number().int().min(1).max(1024).optional(),
  maxJudged: z.number().int().min(1).max(10_000_000).optional().describe('answers judged a cell'),
  sampleHz: z
    .union([z.literal(0), z.number().min(0.2).max(20)])
    .optional()
    .describe('samples of resources a second; 5 when not given, 0 for none'),
});

const gateSchema = z.strictObject({
  name: z.string().optional(),
  metric: z.string(),
  where: z.record(z.string(), scalar).optional(),
  atLeast: z.number().optional(),
  atMost: z.number().optional(),
});

/** The shape of a suite: plain data, no control flow. */
export const suiteSchema = z.strictObject({
  title: z.string().min(1),
  dataset: z.string().min(1),
  targets: z.array(z.string().min(1)).min(1),
  indexes: z.array(indexSchema).min(1),
  payload: columns
    .optional()
    .describe('columns that are stored; those that streams filter by or ask for always are'),
  streams: z.array(streamSchema).min(1),
  measure: measureSchema,
  gates: z.array(gateSchema).optional(),
  on: z
    .record(z.string(), z.record(z.string(), z.union([scalar, z.array(scalar)])))
    .optional()
    .describe('for other datasets by name: what --set would change, as place and value'),
});

/** What is measured: dataset, targets, indexes, streams of operations under load, gates. */
export type Suite = z.infer<typeof suiteSchema>;
/** One index family of a suite, with the lists that sweep its parameters. */
export type SuiteIndex = z.infer<typeof indexSchema>;
/** One stream of operations of a suite. */
export type SuiteStream = z.infer<typeof streamSchema>;
/** Which query a request of a stream takes. */
export type SuiteQueries = z.infer<typeof queriesSchema>;
/** One load of a stream of a suite, with the lists that sweep it. */
export type SuiteLoad = SuiteStream['load'][number];
/** A rule over the summaries of a run. */
export type GateRule = z.infer<typeof gateSchema>;
/** How long and how often is measured. */
export type Measure = z.infer<typeof measureSchema>;
