/** What a gate or an SLO may be set on. */
export interface MetricInfo {
  /** Counts, bytes and recall are gated from one repeat on; time, rates and costs from five. */
  readonly kind: 'time' | 'rate' | 'cost' | 'count' | 'bytes' | 'share';
  readonly unit: string;
  /** Its definition in one sentence. */
  readonly meaning: string;
}

/** Every metric of a summary, by name. */
export const metrics: Readonly<Record<string, MetricInfo>> = {
  throughputQps: {
    kind: 'rate',
    unit: '1/s',
    meaning: 'queries answered inside the window, divided by its length; a batch of 10 counts 10',
  },
  requestsPerS: {
    kind: 'rate',
    unit: '1/s',
    meaning: 'requests answered inside the window, divided by its length',
  },
  recall: {
    kind: 'share',
    unit: '',
    meaning:
      'of the first k ids the distinct ones as near as the true k-th, over k; mean of queries',
  },
  recallById: {
    kind: 'share',
    unit: '',
    meaning: 'of the first k ids the distinct ones among the true first k, over k; mean of queries',
  },
  offeredQps: {
    kind: 'rate',
    unit: '1/s',
    meaning:
      'queries that the schedule of an open load wanted, divided by the length of the window',
  },
  kneeQps: {
    kind: 'rate',
    unit: '1/s',
    meaning: 'the rate of the last step of a ramp before the first that was saturated',
  },
  recoveryS: {
    kind: 'time',
    unit: 's',
    meaning: 'from the end of a burst until the median response is below the p99 from before it',
  },
  responseMsP50: { kind: 'time', unit: 'ms', meaning: 'median from intended start to answer' },
  responseMsP90: { kind: 'time', unit: 'ms', meaning: 'p90 from intended start to answer' },
  responseMsP99: { kind: 'time', unit: 'ms', meaning: 'p99 from intended start to answer' },
  responseMsP999: { kind: 'time', unit: 'ms', meaning: 'p99.9 from intended start to answer' },
  responseMsMax: {
    kind: 'time',
    unit: 'ms',
    meaning: 'longest time from intended start to answer',
  },
  queueWaitMsP99: { kind: 'time', unit: 'ms', meaning: 'p99 of the wait for a slot in flight' },
  pacerLagMsP50: { kind: 'time', unit: 'ms', meaning: 'median of how late the pacer fired' },
  pacerLagMsP99: { kind: 'time', unit: 'ms', meaning: 'p99 of how late the pacer fired' },
  serviceMsP50: { kind: 'time', unit: 'ms', meaning: 'median from sending to answer' },
  serviceMsP90: { kind: 'time', unit: 'ms', meaning: 'p90 from sending to answer' },
  serviceMsP99: { kind: 'time', unit: 'ms', meaning: 'p99 from sending to answer' },
  serviceMsMax: { kind: 'time', unit: 'ms', meaning: 'longest time from sending to answer' },
  engineMsP50: { kind: 'time', unit: 'ms', meaning: 'median of what the engine itself took' },
  engineMsP99: { kind: 'time', unit: 'ms', meaning: 'p99 of what the engine itself took' },
  overheadMsP50: {
    kind: 'time',
    unit: 'ms',
    meaning: 'median of service less engine time, taken request by request',
  },
  clientCpuUs: {
    kind: 'time',
    unit: 'us',
    meaning: 'processor time of the client process for each query',
  },
  serverCpuUs: {
    kind: 'time',
    unit: 'us',
    meaning: "processor time of the store's processes for each query",
  },
  serverRssBytes: {
    kind: 'bytes',
    unit: 'B',
    meaning: "resident set of the store's processes, median of the samples of the window",
  },
  serverRssPeakBytes: {
    kind: 'bytes',
    unit: 'B',
    meaning: "resident set of the store's processes, the largest sample of the window",
  },
  statedMemoryBytes: {
    kind: 'bytes',
    unit: 'B',
    meaning: 'memory as the store itself states it, median of the window',
  },
  samplerCpuFraction: {
    kind: 'share',
    unit: '',
    meaning: 'share of a core that sampling resources took',
  },
  cpuSPerMillion: {
    kind: 'time',
    unit: 's',
    meaning: 'processor time of the store for a million queries',
  },
  readBytesPerMillion: {
    kind: 'bytes',
    unit: 'B',
    meaning: "what the store's processes had disks fetch, for a million queries",
  },
  writeBytesPerMillion: {
    kind: 'bytes',
    unit: 'B',
    meaning: "what the store's processes dirtied for disks, for a million queries",
  },
  costPerMillionByHour: {
    kind: 'cost',
    unit: 'currency',
    meaning: 'a million queries at the throughput of a closed load, the machine paid by the hour',
  },
  costPerMillionByUse: {
    kind: 'cost',
    unit: 'currency',
    meaning: 'processor time and memory that a million queries took, each paid by the hour',
  },
  costPerMillionByRequest: {
    kind: 'cost',
    unit: 'currency',
    meaning: 'the requests of a million queries, paid by the request',
  },
  failed: {
    kind: 'count',
    unit: '',
    meaning: 'requests that failed, timed out or were never sent, all repeats',
  },
  failedFraction: { kind: 'share', unit: '', meaning: 'failed requests over requests offered' },
  buildS: { kind: 'time', unit: 's', meaning: 'all phases of the build together' },
  rawBytes: { kind: 'bytes', unit: 'B', meaning: 'rows x dimensions x 4' },
  engineBytes: { kind: 'bytes', unit: 'B', meaning: 'size of the index as the engine reports it' },
  pssBytes: {
    kind: 'bytes',
    unit: 'B',
    meaning: "proportional set size of the store's processes after the build",
  },
  pssGrowthBytes: {
    kind: 'bytes',
    unit: 'B',
    meaning: 'that less the proportional set size before the first row: what the build added',
  },
  peakBytes: {
    kind: 'bytes',
    unit: 'B',
    meaning: "largest resident set of the store's processes until the build was finished",
  },
  diskBytes: { kind: 'bytes', unit: 'B', meaning: 'what the store reports to hold on disk' },
  ndcgAt10: { kind: 'share', unit: '', meaning: 'NDCG@10 by judgments, as trec_eval defines it' },
  mrrAt10: { kind: 'share', unit: '', meaning: 'reciprocal rank of the first relevant of ten' },
  recallAt100: { kind: 'share', unit: '', meaning: 'relevant rows among the first hundred' },
};

/** The names of all metrics. */
export const metricNames: readonly string[] = Object.keys(metrics);
