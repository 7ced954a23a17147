import type { Adapter, IndexSupport } from '../../core/adapter.js';
import { makePlan, type Plan, type PlanInput, type Target } from '../../core/plan.js';
import type { StandardSchema } from '../../core/standard-schema.js';
import type { Suite } from '../../core/suite.js';

const anything: StandardSchema = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
};

const flat: IndexSupport = { family: 'flat', title: 'flat', params: {}, search: {}, exact: true };

/** Rules such as an engine with inverted lists and product quantisers has. */
export const ivfPq: IndexSupport = {
  family: 'ivf-pq',
  title: 'inverted lists of codes',
  params: {
    nlist: { type: 'integer', meaning: 'lists', min: 1, max: 'rows', required: true },
    m: {
      type: 'integer',
      meaning: 'sub-quantisers',
      min: 1,
      max: 'dimensions',
      divides: 'dimensions',
      required: true,
    },
    nbits: { type: 'integer', meaning: 'bits', min: 4, max: 12, default: 8 },
    refine: { type: 'choice', meaning: 'kept vectors', choices: ['flat', 'sq8'] },
    residual: { type: 'boolean', meaning: 'codes of residuals' },
    note: { type: 'text', meaning: 'a text' },
  },
  search: {
    nprobe: { type: 'integer', meaning: 'lists visited', min: 1, max: 'nlist', default: 1 },
    kFactor: { type: 'number', meaning: 're-ranked', needs: 'refine', min: 1, default: 2 },
  },
  compressed: true,
  check: ({ rows, params }) =>
    Number(params.nlist) * 2 > rows ? [`nlist ${params.nlist} needs twice as many rows`] : [],
  estimateBytes: ({ rows, params }) => rows * Number(params.m),
};

const hnsw: IndexSupport = {
  family: 'hnsw',
  title: 'graph',
  params: { M: { type: 'integer', meaning: 'degree', min: 2, required: true } },
  search: { efSearch: { type: 'integer', meaning: 'candidates', min: 1, default: 16 } },
};

export function targetOf(
  name: string,
  indexes: readonly IndexSupport[],
  change: Partial<Adapter> = {},
): Target {
  const adapter: Adapter = {
    title: name,
    kind: 'embedded',
    transports: ['client'],
    metrics: ['l2', 'ip', 'cosine'],
    options: anything,
    indexes,
    connect: () => Promise.reject(new Error('a plan connects to nothing')),
    ...change,
  };
  return { name, adapterName: name, adapter, adapterUrl: `file:///${name}.js`, options: {} };
}

export const engine = targetOf('engine', [flat, ivfPq, hnsw]);
export const plain = targetOf('plain', [flat]);

export const sound: Suite = {
  title: 'a suite',
  dataset: 'small',
  targets: ['engine'],
  indexes: [
    { family: 'flat' },
    {
      family: 'ivf-pq',
      params: { nlist: [16, 32], m: [4], refine: 'flat' },
      search: { nprobe: [1, 4, 16], kFactor: [1, 2] },
    },
  ],
  streams: [{ operation: 'search', k: 10, load: [{ kind: 'closed', concurrency: [1, 2] }] }],
  measure: { warmUpS: 0.5, durationS: 2, repeats: 3 },
};

export function planOf(change: Partial<Suite>, input: Partial<PlanInput> = {}): Plan {
  return makePlan({
    suiteName: 'sample',
    suite: { ...sound, ...change },
    dataset: { name: 'small', metric: 'l2', rows: 1000, dimensions: 8, queries: 20 },
    targets: [engine],
    seed: 1,
    ...input,
  });
}
