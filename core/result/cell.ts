import { z } from 'zod';
import { filterSchema } from '../filter.js';
import { bytes, count, fraction, id, note, parameters, seconds } from './primitives.js';

/** Percentiles of one histogram. */
export const latencySchema = z
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
    pacerLimited: z.array(z.string()),
  })
  .partial({ pacerLimited: true, p99: true, p999: true, p99Low: true, p99High: true })
  .describe(
    'milliseconds; p99 from 1,000 requests on, p999 from 10,000 on; ' +
      'the percentiles that the pacer moved by more than a tenth are named',
  );

/** Recall of one stream of one cell. */
export const recallSchema = z
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

/** Judged quality of one stream of one cell. */
export const qualitySchema = z.looseObject({
  ndcgAt10: fraction.optional(),
  mrrAt10: fraction.optional(),
  recallAt100: fraction.optional(),
  queries: count,
});

/** One operation of a stream. */
export const operationSchema = z.looseObject({
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
    firedToDone: latencySchema.optional(),
  }),
  burst: z
    .looseObject({ p99: count, max: count })
    .optional()
    .describe('requests fired in one go of the pacer'),
  histograms: z.string().optional(),
  recall: recallSchema.optional(),
  quality: qualitySchema.optional(),
  violations: z.record(z.string(), count),
});

/** The load of one stream in one cell, every list resolved. */
export const loadSchema = z.looseObject({
  kind: z.enum(['closed', 'open', 'ramp', 'spike']),
  concurrency: z.number().int().min(1).optional(),
  rateQps: z.number().positive().optional(),
  fromQps: z.number().positive().optional(),
  toQps: z.number().positive().optional(),
  steps: z.number().int().optional(),
  stepS: z.number().optional(),
  baseQps: z.number().positive().optional(),
  burstQps: z.number().positive().optional(),
  burstS: z.number().optional(),
  beforeS: z.number().optional(),
  afterS: z.number().optional(),
  pacer: z.enum(['sleep', 'spin']).optional(),
  arrivals: z.enum(['constant', 'poisson']).optional(),
  workers: z.number().int().min(1),
  connections: z.number().int().min(1),
  maxInFlight: z.number().int().min(1).optional(),
  itemsPerRequest: z.number().int().min(1),
});

/** Which queries a stream asked for, where they were not taken in turn. */
export const queriesResultSchema = z
  .looseObject({
    order: z.enum(['zipf', 'weighted', 'log']),
    exponent: z.number().min(0).optional(),
    file: z.string().optional(),
    sha256: z.string().optional(),
    requests: count.describe('decided ahead, of all workers; then they come again'),
    distinct: count,
    coverage: fraction,
  })
  .describe('the order of the queries; what of them is asked for in one pass of it');

/** What the rows of an answer had to meet. */
export const filterResultSchema = z
  .looseObject({
    expression: filterSchema,
    rows: count.describe('of the base, that meet it'),
    fraction: fraction.describe('of all rows'),
  })
  .describe('a filtered search: recall is judged among the rows that meet the filter');

/** A step of a ramp or a part of a spike. */
export const phaseResultSchema = z
  .looseObject({
    name: z.string(),
    rateQps: z.number().positive(),
    beginS: seconds,
    durationS: seconds,
    offered: count,
    completed: count,
    failed: count,
    dropped: count,
    throughputQps: z.number().min(0),
    response: latencySchema.optional(),
    saturated: z.boolean(),
  })
  .describe('a step of a ramp, or a part of a spike; counts and times of what was intended in it');

/** One stream of a cell. */
export const streamResultSchema = z.looseObject({
  name: z.string(),
  load: loadSchema,
  queries: queriesResultSchema.optional(),
  filter: filterResultSchema.optional(),
  payload: z.array(z.string()).optional().describe('columns that came with the ids'),
  operations: z.record(z.string(), operationSchema),
  timeline: z.looseObject({
    secondS: z.array(z.number()),
    completed: z.array(count),
    failed: z.array(count),
    msP50: z.array(z.number().nullable()),
    msP99: z.array(z.number().nullable()),
  }),
  phases: z.array(phaseResultSchema).optional(),
  kneeQps: z.number().optional().describe('the highest rate of a ramp before it was saturated'),
  recoveryS: seconds
    .optional()
    .describe('from the end of a burst until responses are as before; absent if never'),
});

const bytesPerRequest = z.number().min(0);

const serverResourcesSchema = z
  .looseObject({
    cpuUsPerRequest: z.number().min(0),
    rssBytes: bytes.describe('median of the samples of the window'),
    rssPeakBytes: bytes.describe('the largest sample of the window'),
    pssAnonBytes: bytes.describe('after the window, as the other pages by kind'),
    pssFileBytes: bytes,
    pssShmemBytes: bytes,
    hugetlbBytes: bytes,
    cgroup: z
      .looseObject({
        anonBytes: bytes,
        fileBytes: bytes,
        shmemBytes: bytes,
        workingSetBytes: bytes,
      })
      .describe('medians of the samples, where the store has a control group of its own'),
    readBytesPerRequest: bytesPerRequest,
    writeBytesPerRequest: bytesPerRequest,
    network: z
      .looseObject({
        receivedBytesPerRequest: bytesPerRequest,
        sentBytesPerRequest: bytesPerRequest,
        loopbackReceivedBytesPerRequest: bytesPerRequest,
        loopbackSentBytesPerRequest: bytesPerRequest,
      })
      .describe('of the network namespace that the store is in, whoever used it'),
    stated: z
      .record(z.string(), z.number())
      .describe('what the store said of itself: gauges, and of counters the growth for each query'),
  })
  .partial()
  .describe("the store's processes and all that they started; `PerRequest` is for each query");

const cores = z.array(z.number().min(0).nullable()).optional();

/** What a cell took, second by second. */
export const resourceTimelineSchema = z
  .looseObject({
    beginS: seconds.optional().describe('from `startedAt` until the window opened'),
    secondS: z.array(count).describe('from the opening of the window; those that were sampled'),
    serverCores: cores.describe("processor time of the store's processes over time: 1 is one core"),
    clientCores: cores,
    serverRssBytes: z.array(bytes.nullable()).optional().describe('the largest of the second'),
  })
  .describe('by sampled second of the window; what is not known of a second is null');

const resourcesSchema = z.looseObject({
  server: serverResourcesSchema,
  client: z.looseObject({
    cpuUsPerRequest: z.number().min(0).optional(),
    eventLoopUtilization: fraction.optional(),
    loopDelayMsP99: z.number().min(0).optional(),
    gcPauseMsMax: z.number().min(0).optional(),
    rssBytes: bytes.optional(),
    rssPeakBytes: bytes.optional(),
  }),
  gpus: z
    .array(
      z.looseObject({
        index: count,
        usedPeakBytes: bytes.optional(),
        busyFraction: fraction.optional(),
        powerW: z.number().optional(),
      }),
    )
    .optional()
    .describe('of the machine: the largest use of memory, means of the others'),
  sampler: z
    .looseObject({ hz: z.number(), samples: count, cpuFraction: z.number().min(0).optional() })
    .optional()
    .describe('samples of the window, and the share of a core that taking them took'),
  throttled: z
    .looseObject({ clientFraction: fraction.optional(), serverFraction: fraction.optional() })
    .optional()
    .describe('share of the window in which a control group held the processes'),
  host: z.looseObject({
    stealFraction: fraction.optional(),
    foreignCpuFraction: fraction.optional(),
  }),
  timeline: resourceTimelineSchema.optional(),
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
  pair: count.optional().describe('of an A/A run: which pair the cell is of'),
  role: z
    .enum(['base', 'head', 'trial'])
    .optional()
    .describe('half of a pair, or a trial of a search for the highest rate'),
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
