import { z } from 'zod';

/** The name and version of the run document. A change of meaning is a new version. */
export const runSchemaName = 'bench.run/1';

const count = z.number().int().min(0);
const seconds = z.number().min(0);
const bytes = z.number().int().min(0);
const fraction = z.number().min(0).max(1);
const id = z.string().regex(/^[a-z0-9-]+$/);
const scalar = z.union([z.number(), z.string(), z.boolean()]);
const parameters = z.record(z.string(), scalar);
const note = z.looseObject({ code: z.string(), message: z.string() });

const latencySchema = z
  .looseObject({
    p50: z.number(),
    p90: z.number(),
    p95: z.number(),
    p99: z.number(),
    p999: z.number(),
    max: z.number(),
    mean: z.number(),
    p99Low: z.number(),
    p99High: z.number(),
    count,
  })
  .partial({ p99: true, p999: true, p99Low: true, p99High: true })
  .describe('milliseconds; p99 from 1,000 requests on, p999 from 10,000 on');

const recallSchema = z
  .looseObject({
    k: z.number().int().min(1),
    mean: fraction,
    low: fraction,
    high: fraction,
    byId: fraction,
    p05: fraction,
    queries: count,
    coverage: fraction,
    judged: count,
    answered: fraction,
  })
  .describe('methodology rules 15 and 16: by distance, over distinct queries');

const qualitySchema = z.looseObject({
  ndcgAt10: fraction.optional(),
  mrrAt10: fraction.optional(),
  recallAt100: fraction.optional(),
  queries: count,
});

const operationSchema = z.looseObject({
  requests: z.looseObject({
    offered: count,
    sent: count,
    completed: count,
    failed: count,
    dropped: count,
  }),
  itemsPerRequest: z.number().int().min(1),
  errors: z.record(z.string(), count),
  throughputQps: z.number().min(0).describe('items completed in the window a second'),
  requestsPerS: z.number().min(0),
  latencyMs: z.looseObject({
    response: latencySchema.optional(),
    service: latencySchema.optional(),
    engine: latencySchema.optional(),
    overhead: latencySchema.optional(),
    hostQueue: latencySchema.optional(),
    queueWait: latencySchema.optional(),
    pacerLag: latencySchema.optional(),
  }),
  histograms: z.string().optional(),
  recall: recallSchema.optional(),
  quality: qualitySchema.optional(),
  violations: z.record(z.string(), count),
});

/** The load of one stream in one cell, every list resolved. */
export const loadSchema = z.looseObject({
  kind: z.enum(['closed', 'open', 'ramp']),
  concurrency: z.number().int().min(1).optional(),
  rateQps: z.number().positive().optional(),
  arrivals: z.enum(['constant', 'poisson']).optional(),
  workers: z.number().int().min(1),
  connections: z.number().int().min(1),
  maxInFlight: z.number().int().min(1).optional(),
  itemsPerRequest: z.number().int().min(1),
});

const streamResultSchema = z.looseObject({
  name: z.string(),
  load: loadSchema,
  operations: z.record(z.string(), operationSchema),
  timeline: z.looseObject({
    secondS: z.array(z.number()),
    completed: z.array(count),
    failed: z.array(count),
    msP50: z.array(z.number().nullable()),
    msP99: z.array(z.number().nullable()),
  }),
});

const resourcesSchema = z.looseObject({
  server: z.looseObject({ cpuUsPerRequest: z.number().min(0).optional() }),
  client: z.looseObject({
    cpuUsPerRequest: z.number().min(0).optional(),
    eventLoopUtilization: fraction.optional(),
    loopDelayMsP99: z.number().min(0).optional(),
    gcPauseMsMax: z.number().min(0).optional(),
  }),
  host: z.looseObject({
    stealFraction: fraction.optional(),
    foreignCpuFraction: fraction.optional(),
  }),
});

/** One measurement: build x search parameters x load point x repeat, one attempt of it. */
export const cellSchema = z.looseObject({
  id,
  key: z.string(),
  build: id,
  instance: count,
  search: parameters,
  repeat: count,
  sequence: count,
  attempt: count,
  startedAt: z.string(),
  durationS: seconds,
  status: z.enum(['complete', 'partial', 'failed']),
  invalid: z.array(note),
  saturated: z.boolean(),
  clientLimited: z.boolean(),
  pacerLimited: z.boolean(),
  warnings: z.array(note),
  events: z.array(z.looseObject({})),
  streams: z.array(streamResultSchema),
  resources: resourcesSchema,
  failure: note.optional(),
});

/** One index or loaded table on one target; one entry per id and instance. */
export const buildSchema = z.looseObject({
  id,
  instance: count,
  target: z.string(),
  dataset: z.string(),
  index: z.looseObject({ family: z.string(), params: parameters }),
  rows: count,
  threads: z.number().int().min(1),
  searchThreads: z.number().int().min(1),
  seed: z.number().int(),
  normalisedBy: z.enum(['harness', 'store', 'none']),
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
      peakBytes: bytes,
      cgroupBytes: bytes,
    })
    .partial(),
  diskBytes: bytes.optional(),
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
  })
  .partial({ low: true, high: true })
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
  metrics: z.record(z.string(), figureSchema),
});

const frontSchema = z
  .looseObject({
    target: z.string(),
    dataset: z.string(),
    metric: z.string(),
    load: loadSchema,
    keys: z.array(z.string()),
  })
  .describe('the summaries that no other beats in both recall and the metric');

const atRecallSchema = z
  .looseObject({
    target: z.string(),
    family: z.string(),
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
  datasets: z.array(datasetResultSchema),
  targets: z.array(targetResultSchema),
  unsupported: z.array(z.looseObject({ target: z.string(), what: z.string(), why: z.string() })),
  interleaved: z.boolean(),
  warnings: z.array(note),
  builds: z.array(buildSchema),
  cells: z.array(cellSchema),
  summaries: z.array(summarySchema),
  fronts: z.array(frontSchema),
  atRecall: z.array(atRecallSchema),
  capacity: z.array(z.looseObject({})),
  gates: z.array(gateResultSchema),
});

/** A stored run: `run.json`. */
export type Run = z.infer<typeof runSchema>;
/** One measurement of a run. */
export type Cell = z.infer<typeof cellSchema>;
/** One stream of a cell. */
export type StreamResult = z.infer<typeof streamResultSchema>;
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
/** A remark with a code: a warning or a reason. */
export type Note = z.infer<typeof note>;
/** The points that no other beats. */
export type Front = z.infer<typeof frontSchema>;
/** The best measured point at a recall. */
export type AtRecall = z.infer<typeof atRecallSchema>;
