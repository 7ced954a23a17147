import { z } from 'zod';
import { pricesSchema } from './cost/prices.js';
import { citedCalibrationSchema } from './result/calibration.js';
import { capacitySchema } from './result/capacity.js';
import {
  cellSchema,
  type filterResultSchema,
  type latencySchema,
  loadSchema,
  type operationSchema,
  type phaseResultSchema,
  type qualitySchema,
  type queriesResultSchema,
  type recallSchema,
  type streamResultSchema,
} from './result/cell.js';
import { noiseSchema } from './result/noise.js';
import {
  bytes,
  count,
  elements,
  fraction,
  id,
  note,
  parameters,
  seconds,
} from './result/primitives.js';

/** The name and version of the run document. A change of meaning is a new version. */
export const runSchemaName = 'bench.run/1';

const pagesSchema = z.looseObject({
  pssAnonBytes: bytes,
  pssFileBytes: bytes,
  pssShmemBytes: bytes,
  hugetlbBytes: bytes,
});

const groupMemorySchema = z
  .looseObject({
    anonBytes: bytes,
    fileBytes: bytes,
    shmemBytes: bytes,
    workingSetBytes: bytes,
    peakBytes: bytes.optional(),
  })
  .describe('where the store has a control group of its own');

/** One index or loaded table on one target; one entry per id and instance. */
export const buildSchema = z.looseObject({
  id,
  instance: count,
  target: z.string(),
  dataset: z.string(),
  index: z.looseObject({ family: z.string(), params: parameters }),
  attached: z
    .string()
    .optional()
    .describe("a collection of a person's own: of how it was built nothing is known"),
  rows: count,
  threads: z.number().int().min(1),
  searchThreads: z.number().int().min(1),
  seed: z.number().int(),
  normalisedBy: z.enum(['harness', 'store', 'none']),
  elements: elements
    .optional()
    .describe('how rows were sent: as they are stored, or widened to f32'),
  load: z.looseObject({
    batchSize: z.number().int().min(1),
    concurrency: z.number().int().min(1),
  }),
  status: z.enum(['ready', 'failed']),
  phases: z.array(z.looseObject({ name: z.enum(['insert', 'train', 'add', 'index']), s: seconds })),
  buildS: seconds.optional().describe('all phases together'),
  memory: z
    .looseObject({
      rawBytes: bytes,
      engineBytes: bytes,
      baselineBytes: bytes,
      pssAnonBytes: bytes,
      pssFileBytes: bytes,
      pssShmemBytes: bytes,
      hugetlbBytes: bytes,
      peakBytes: bytes,
      cgroupBytes: bytes.describe('all that is charged to the control group of the store'),
      cgroup: groupMemorySchema,
      baseline: pagesSchema
        .extend({ cgroup: groupMemorySchema.optional() })
        .partial()
        .describe('before the first row; baselineBytes is the PSS of it'),
    })
    .partial(),
  diskBytes: bytes.optional(),
  folderBytes: bytes.optional().describe('what the folder named by `watch.dataFolder` takes'),
  store: z
    .looseObject({
      version: z.string(),
      client: z.looseObject({ name: z.string(), version: z.string() }).optional(),
      settings: parameters,
      warnings: z.array(z.string()),
    })
    .optional()
    .describe('what the store said of itself'),
  warnings: z.array(note),
  failure: note.optional(),
});

const figureSchema = z
  .looseObject({
    median: z.number(),
    low: z.number(),
    high: z.number(),
    method: z.string(),
    values: z.array(z.number()),
    requests: count,
  })
  .partial({ low: true, high: true, requests: true })
  .describe('without low and high where one repeat says nothing of the spread');

/** The repeats of one key put together. */
export const summarySchema = z.looseObject({
  key: z.string(),
  target: z.string(),
  dataset: z.string(),
  build: id,
  family: z.string(),
  params: parameters,
  search: parameters,
  load: loadSchema,
  stream: z.string(),
  operation: z.string(),
  validRepeats: count,
  repeats: count,
  clientLimited: z.boolean(),
  saturated: z.boolean().optional().describe('in any valid repeat; its latency has no end'),
  pacerLimited: z.array(z.string()).optional().describe('metrics that the pacer moved'),
  invalid: z.array(note).optional().describe('why repeats do not count, where some do not'),
  metrics: z.record(z.string(), figureSchema),
});

// Older results do not say them.
const stream = z.string().optional().describe('the stream whose points these are');
const operation = z.string().optional().describe('what of the stream these are points of');

const frontSchema = z
  .looseObject({
    target: z.string(),
    dataset: z.string(),
    metric: z.string(),
    stream,
    operation,
    load: loadSchema,
    keys: z.array(z.string()),
  })
  .describe('the summaries that no other beats in both recall and the metric');

const atRecallSchema = z
  .looseObject({
    target: z.string(),
    family: z.string(),
    stream,
    operation,
    load: loadSchema,
    recall: fraction,
    key: z.string().optional(),
    throughputQps: z.number().optional(),
  })
  .describe('the best measured point with recall >= r; no key where none reaches it');

const gateResultSchema = z.looseObject({
  name: z.string(),
  metric: z.string(),
  where: parameters,
  atLeast: z.number().optional(),
  atMost: z.number().optional(),
  value: z.number().optional(),
  low: z.number().optional(),
  high: z.number().optional(),
  verdict: z.enum(['pass', 'fail', 'undecided', 'no-data']),
  why: z.string(),
});

const environmentSchema = z.looseObject({
  cpu: z.looseObject({ model: z.string(), cores: z.number().int(), usableCores: z.number() }),
  memoryBytes: bytes,
  os: z.looseObject({ platform: z.string(), release: z.string() }),
  node: z.string(),
  container: z.looseObject({}),
  gpus: z.array(z.looseObject({})),
});

const datasetResultSchema = z.looseObject({
  name: z.string(),
  sha256: z.string(),
  rows: count,
  dimensions: count,
  elements: elements.optional().describe('how its values are stored'),
  metric: z.enum(['l2', 'ip', 'cosine']),
  queries: count,
  duplicateRows: count,
  truth: z.looseObject({ k: count, method: z.string(), tieFraction: fraction }),
});

const targetResultSchema = z.looseObject({
  name: z.string(),
  adapter: z.string(),
  kind: z.enum(['embedded', 'server', 'cloud']),
  transport: z.string(),
  version: z.string().optional(),
  client: z.looseObject({ name: z.string(), version: z.string() }).optional(),
  settings: parameters,
  warnings: z.array(z.string()),
  standIn: z.boolean(),
});

/** What belongs together: everything about one `bench run`. */
export const runSchema = z.looseObject({
  schema: z.literal(runSchemaName),
  runId: id,
  status: z.enum(['complete', 'partial']),
  startedAt: z.string(),
  finishedAt: z.string(),
  seed: z.number().int(),
  command: z.array(z.string()),
  tool: z.looseObject({ name: z.string(), version: z.string(), commit: z.string().optional() }),
  suite: z.looseObject({ name: z.string(), title: z.string() }),
  environment: environmentSchema,
  calibration: z
    .array(citedCalibrationSchema)
    .optional()
    .describe('what bench calibrate found of this machine before, where it did'),
  datasets: z.array(datasetResultSchema),
  targets: z.array(targetResultSchema),
  unsupported: z.array(z.looseObject({ target: z.string(), what: z.string(), why: z.string() })),
  interleaved: z.boolean(),
  isolation: z
    .looseObject({
      on: z.boolean(),
      clientCores: z.array(count),
      engineCores: z.array(count),
      why: z.string(),
    })
    .optional(),
  stopped: note.optional().describe('why the run ended before its plan did'),
  prices: pricesSchema.optional(),
  sampling: z
    .looseObject({ cells: count, cpuFraction: z.number().min(0) })
    .optional()
    .describe('share of a core that the sampling thread took, median of the cells that know it'),
  warnings: z.array(note),
  builds: z.array(buildSchema),
  cells: z.array(cellSchema),
  summaries: z.array(summarySchema),
  fronts: z.array(frontSchema),
  atRecall: z.array(atRecallSchema),
  capacity: z.array(capacitySchema),
  aa: z.boolean().optional().describe('every repeat is a pair of identical halves'),
  noise: z.array(noiseSchema).optional().describe('of an A/A run: by point and metric'),
  gates: z.array(gateResultSchema),
});

/** A stored run: `run.json`. */
export type Run = z.infer<typeof runSchema>;
/** One measurement of a run. */
export type Cell = z.infer<typeof cellSchema>;
/** One stream of a cell. */
export type StreamResult = z.infer<typeof streamResultSchema>;
/** A step of a ramp or a part of a spike. */
export type PhaseResult = z.infer<typeof phaseResultSchema>;
/** What the rows of an answer had to meet. */
export type FilterResult = z.infer<typeof filterResultSchema>;
/** Which queries a stream asked for, where they were not taken in turn. */
export type QueriesResult = z.infer<typeof queriesResultSchema>;
/** One operation of a stream. */
export type OperationResult = z.infer<typeof operationSchema>;
/** One build of a run. */
export type Build = z.infer<typeof buildSchema>;
/** The repeats of one key. */
export type Summary = z.infer<typeof summarySchema>;
/** A median with its interval and all repeats. */
export type Figure = z.infer<typeof figureSchema>;
/** Percentiles of one histogram in milliseconds. */
export type Latency = z.infer<typeof latencySchema>;
/** Recall of one cell. */
export type Recall = z.infer<typeof recallSchema>;
/** Judged quality of one cell. */
export type Quality = z.infer<typeof qualitySchema>;
/** A load point. */
export type Load = z.infer<typeof loadSchema>;
/** A gate's verdict. */
export type GateResult = z.infer<typeof gateResultSchema>;
/** The machine. */
export type Environment = z.infer<typeof environmentSchema>;
/** A dataset as a result names it. */
export type DatasetResult = z.infer<typeof datasetResultSchema>;
/** A target as a result names it. */
export type TargetResult = z.infer<typeof targetResultSchema>;
/** The highest rate at which one setting meets an SLO. */
export type Capacity = z.infer<typeof capacitySchema>;
/** A remark with a code: a warning or a reason. */
export type Note = z.infer<typeof note>;
/** The points that no other beats. */
export type Front = z.infer<typeof frontSchema>;
/** The best measured point at a recall. */
export type AtRecall = z.infer<typeof atRecallSchema>;
