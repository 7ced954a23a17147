/** What a gate or an SLO may be set on. */
export interface MetricInfo {
  /** Counts, bytes and recall are gated from one repeat on; time and rates from five. */
  readonly kind: 'time' | 'rate' | 'count' | 'bytes' | 'share';
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
  responseMsP50: { kind: 'time', unit: 'ms', meaning: 'median from intended start to answer' },
  responseMsP99: { kind: 'time', unit: 'ms', meaning: 'p99 from intended start to answer' },
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
  failed: { kind: 'count', unit: '', meaning: 'requests that failed or timed out, all repeats' },
  failedFraction: { kind: 'share', unit: '', meaning: 'failed requests over requests sent' },
  buildS: { kind: 'time', unit: 's', meaning: 'all phases of the build together' },
  rawBytes: { kind: 'bytes', unit: 'B', meaning: 'rows x dimensions x 4' },
  engineBytes: { kind: 'bytes', unit: 'B', meaning: 'size of the index as the engine reports it' },
  pssBytes: {
    kind: 'bytes',
    unit: 'B',
    meaning: "proportional set size of the store's processes after the build",
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
