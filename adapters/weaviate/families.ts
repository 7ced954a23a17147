import type { IndexContext, IndexSupport, ParameterRule } from '../../core/adapter.js';

type Rules = Readonly<Record<string, ParameterRule>>;

const most = 1_000_000_000;

function integer(meaning: string, rest: Partial<ParameterRule>): ParameterRule {
  return { type: 'integer', meaning, max: most, ...rest };
}

/**
 * All are build parameters: a search request of Weaviate carries none, and a change of `ef` in the
 * collection, which takes effect at once, does so for all who search.
 */
const graph: Rules = {
  M: integer('neighbours of a node in the graph (maxConnections), twice as many in its base', {
    min: 4,
    max: 2047,
    default: 32,
  }),
  efConstruction: integer('candidates while the graph is built', { min: 4, default: 128 }),
  efSearch: integer(
    'candidates while it is searched, k at least (ef); where left out k times dynamicEfFactor',
    { min: 1 },
  ),
  dynamicEfMin: integer('the fewest candidates without efSearch', { min: 1, default: 100 }),
  dynamicEfMax: integer('the most candidates without efSearch', { min: 1, default: 500 }),
  dynamicEfFactor: integer('candidates for each row that is wanted, without efSearch', {
    min: 1,
    default: 8,
  }),
  flatSearchCutoff: integer('rows that meet a filter below which they are compared one by one', {
    min: 0,
    default: 40_000,
  }),
  filterStrategy: {
    type: 'choice',
    meaning: 'how the graph is searched for rows that meet a filter',
    choices: ['acorn', 'sweeping'],
    default: 'acorn',
  },
};

const codeBits: ParameterRule = {
  type: 'choice',
  meaning: 'bits of a component in the codes (rq.bits)',
  choices: [8, 1],
  default: 8,
};
const cache: ParameterRule = {
  type: 'boolean',
  meaning: 'codes stay in memory (cache)',
  default: false,
};

function rescoreLimit(usual: string): ParameterRule {
  return integer(`candidates ranked anew by the vectors (rescoreLimit); ${usual}`, { min: 0 });
}

const productCodes: Rules = {
  m: integer('sub-quantisers (pq.segments); as the server likes where left out', {
    min: 1,
    max: 'dimensions',
    divides: 'dimensions',
  }),
  centroids: integer('centroids of a sub-quantiser', { min: 1, max: 256, default: 256 }),
  trainingLimit: integer('rows that the codebooks are learnt from, at most', {
    min: 1,
    default: 100_000,
  }),
  encoder: {
    type: 'choice',
    meaning: 'how the codebooks are learnt (encoder.type)',
    choices: ['kmeans', 'tile'],
    default: 'kmeans',
  },
};

/** The index families of Weaviate, with the parameters of each. */
export const weaviateFamilies: readonly IndexSupport[] = [
  {
    family: 'flat',
    title: 'every row is compared (exact), read from disk',
    params: {},
    search: {},
    exact: true,
    estimateBytes: (context) => vectorBytes(context),
  },
  {
    family: 'flat-bin',
    title: 'the codes of every row are compared, of one bit a dimension (BQ)',
    params: { rescoreLimit: rescoreLimit('k where left out'), cache },
    search: {},
    estimateBytes: (context) => vectorBytes(context) + vectorBytes(context, 1),
  },
  {
    family: 'flat-rq',
    title: 'the codes of every row are compared, of rotated vectors (RQ)',
    params: { bits: codeBits, rescoreLimit: rescoreLimit('k where left out'), cache },
    search: {},
    estimateBytes: (context) => vectorBytes(context) + rotatedBytes(context),
  },
  {
    family: 'hnsw',
    title: 'HNSW',
    params: graph,
    search: {},
    check: checkDynamicEf,
    estimateBytes: (context) => vectorBytes(context) + graphBytes(context),
  },
  {
    family: 'hnsw-pq',
    title: 'HNSW, product codes in place of the vectors once all rows are there (PQ)',
    params: { ...graph, ...productCodes },
    search: {},
    check: (context) => [...checkDynamicEf(context), ...checkCentroids(context)],
    estimateBytes: (context) => productBytes(context) + graphBytes(context),
  },
  {
    family: 'hnsw-sq',
    title: 'HNSW, codes of 8 bits in place of the vectors once all rows are there (SQ)',
    params: { ...graph, rescoreLimit: { ...rescoreLimit('0 ranks none'), default: 20 } },
    search: {},
    check: checkDynamicEf,
    estimateBytes: (context) => vectorBytes(context, 8) + graphBytes(context),
  },
  {
    family: 'hnsw-bin',
    title: 'HNSW over codes of one bit a dimension (BQ)',
    params: graph,
    search: {},
    check: checkDynamicEf,
    estimateBytes: (context) => vectorBytes(context, 1) + graphBytes(context),
  },
  {
    family: 'hnsw-rq',
    title: 'HNSW over codes of rotated vectors (RQ)',
    params: { ...graph, bits: codeBits, rescoreLimit: rescoreLimit('20, or 512 with 1 bit') },
    search: {},
    check: checkDynamicEf,
    estimateBytes: (context) => rotatedBytes(context) + graphBytes(context),
  },
  {
    family: 'dynamic',
    title: 'flat, and HNSW once there are more rows than the threshold',
    params: {
      threshold: integer('rows above which a graph is built', { min: 1, default: 10_000 }),
      ...graph,
    },
    search: {},
    offeredBy: 'servers that run with ASYNC_INDEXING=true',
    check: checkDynamicEf,
    estimateBytes: (context) => vectorBytes(context) + graphBytes(context),
  },
];

function checkDynamicEf({ params }: IndexContext): string[] {
  const { dynamicEfMin = 100, dynamicEfMax = 500 } = params;
  if (Number(dynamicEfMin) <= Number(dynamicEfMax)) return [];
  return [`dynamicEfMin must be at most dynamicEfMax (${dynamicEfMax}), got ${dynamicEfMin}`];
}

function checkCentroids({ params, rows }: IndexContext): string[] {
  const { centroids = 256, trainingLimit = 100_000 } = params;
  const sample = Math.max(1, Math.min(rows - 1, Number(trainingLimit)));
  if (Number(centroids) <= sample) return [];
  return [`centroids must be 1..${sample} (rows that they are learnt from), got ${centroids}`];
}

function vectorBytes({ rows, dimensions }: IndexContext, bits = 32): number {
  return rows * Math.ceil((dimensions * bits) / 8);
}

// Besides the components: the step, the sum and the norm of a code.
const rotatedHeadBytes = 16;

function rotatedBytes(context: IndexContext): number {
  return vectorBytes(context, Number(context.params.bits ?? 8)) + context.rows * rotatedHeadBytes;
}

function productBytes({ rows, dimensions, params }: IndexContext): number {
  const { m = Math.ceil(dimensions / 2), centroids = 256 } = params;
  return rows * Number(m) + Number(centroids) * dimensions * 4;
}

const nodeBytes = 100;
const linkBytes = 5;

/** Twice M links at the base level, few above. */
function graphBytes({ rows, params }: IndexContext): number {
  return Math.ceil(rows * (Number(params.M ?? 32) * 2.2 * linkBytes + nodeBytes));
}
