import type { IndexContext, IndexSupport, ParameterRule } from '../../core/adapter.js';

type Rules = Readonly<Record<string, ParameterRule>>;

const nlist: ParameterRule = {
  type: 'integer',
  meaning: 'inverted lists',
  min: 1,
  max: 'rows',
  required: true,
};
const m: ParameterRule = {
  type: 'integer',
  meaning: 'sub-quantisers of the product quantiser',
  min: 1,
  max: 'dimensions',
  divides: 'dimensions',
  required: true,
};
const nbits: ParameterRule = {
  type: 'integer',
  meaning: 'bits of a sub-quantiser',
  min: 1,
  max: 12,
  default: 8,
};
const bits: ParameterRule = {
  type: 'choice',
  meaning: 'bits of a component in the scalar quantiser',
  choices: [4, 6, 8],
  default: 8,
};
const degree: ParameterRule = {
  type: 'integer',
  meaning: 'neighbours of a node in the graph',
  min: 2,
  max: 512,
  required: true,
};
const efConstruction: ParameterRule = {
  type: 'integer',
  meaning: 'candidates while the graph is built',
  min: 1,
  max: 100_000,
  default: 40,
};
const refine: ParameterRule = {
  type: 'choice',
  meaning: 'vectors kept to rank the candidates anew',
  choices: ['flat', 'sq8'],
};
const nprobe: ParameterRule = {
  type: 'integer',
  meaning: 'inverted lists visited',
  min: 1,
  max: 'nlist',
  default: 1,
};
const efSearch: ParameterRule = {
  type: 'integer',
  meaning: 'candidates while the graph is searched',
  min: 1,
  max: 100_000,
  default: 16,
};
const kFactor: ParameterRule = {
  type: 'number',
  meaning: 'times k candidates ranked anew',
  needs: 'refine',
  min: 1,
  max: 10_000,
  default: 1,
};

const ivf: Rules = { nlist };
const codes: Rules = { m, nbits };
const graph: Rules = { M: degree, efConstruction };

/** The index families of FAISS that a suite may name, with the parameters of each. */
export const faissFamilies: readonly IndexSupport[] = [
  {
    family: 'flat',
    title: 'Flat (exact)',
    params: {},
    search: {},
    exact: true,
    estimateBytes: rawBytes,
  },
  {
    family: 'ivf-flat',
    title: 'IVF, full vectors',
    params: ivf,
    search: { nprobe },
    estimateBytes: (context) => rawBytes(context) + listBytes(context),
  },
  {
    family: 'pq',
    title: 'PQ',
    params: { ...codes, refine },
    search: { kFactor },
    compressed: true,
    check: checkCodes,
    estimateBytes: (context) => codeBytes(context) + refineBytes(context),
  },
  {
    family: 'ivf-pq',
    title: 'IVF-PQ',
    params: { ...ivf, ...codes, refine },
    search: { nprobe, kFactor },
    compressed: true,
    check: checkCodes,
    estimateBytes: (context) => codeBytes(context) + listBytes(context) + refineBytes(context),
  },
  {
    family: 'ivf-sq',
    title: 'IVF, scalar quantised',
    params: { ...ivf, bits, refine },
    search: { nprobe, kFactor },
    estimateBytes: (context) => scalarBytes(context) + listBytes(context) + refineBytes(context),
  },
  {
    family: 'hnsw',
    title: 'HNSW, full vectors',
    params: graph,
    search: { efSearch },
    estimateBytes: (context) => rawBytes(context) + graphBytes(context),
  },
  {
    family: 'hnsw-sq',
    title: 'HNSW, scalar quantised',
    params: { ...graph, bits, refine },
    search: { efSearch, kFactor },
    estimateBytes: (context) => scalarBytes(context) + graphBytes(context) + refineBytes(context),
  },
  {
    family: 'factory',
    title: 'Any index_factory string',
    params: {
      factory: { type: 'text', meaning: 'string for faiss.index_factory', required: true },
    },
    // Without defaults: only what the string's index has may be given.
    search: {
      nprobe: withoutDefault({ ...nprobe, max: 'rows' }),
      efSearch: withoutDefault(efSearch),
      kFactor: withoutDefault(kFactor),
    },
    estimateBytes: (context) => 2 * rawBytes(context),
  },
];

/** Whether FAISS learns from a sample before rows are added; undefined where only it knows. */
export function needsTraining(family: string): boolean | undefined {
  if (family === 'factory') return undefined;
  return family !== 'flat' && family !== 'hnsw';
}

function withoutDefault({ default: _, needs: __, ...rule }: ParameterRule): ParameterRule {
  return rule;
}

function checkCodes(context: IndexContext): string[] {
  const wanted = 2 ** numberOf(context, 'nbits', 8);
  if (wanted <= context.rows) return [];
  const most = Math.floor(Math.log2(context.rows));
  const why = '2^nbits centroids are trained from them';
  const got = numberOf(context, 'nbits', 8);
  return [`nbits must be 1..${most} for ${context.rows} rows (${why}), got ${got}`];
}

function rawBytes({ rows, dimensions }: IndexContext): number {
  return rows * dimensions * 4;
}

function codeBytes(context: IndexContext): number {
  const width = Math.ceil((numberOf(context, 'm', 1) * numberOf(context, 'nbits', 8)) / 8);
  const codebooks = 2 ** numberOf(context, 'nbits', 8) * context.dimensions * 4;
  return context.rows * width + codebooks;
}

function scalarBytes(context: IndexContext): number {
  return context.rows * Math.ceil((context.dimensions * numberOf(context, 'bits', 8)) / 8);
}

function listBytes(context: IndexContext): number {
  return context.rows * 8 + numberOf(context, 'nlist', 1) * context.dimensions * 4;
}

function graphBytes(context: IndexContext): number {
  // Twice M neighbours of 4 bytes at the base level, few above, an offset and a level a row.
  return context.rows * (numberOf(context, 'M', 16) * 8.6 + 12);
}

function refineBytes(context: IndexContext): number {
  if (context.params.refine === undefined) return 0;
  return context.params.refine === 'sq8' ? context.rows * context.dimensions : rawBytes(context);
}

function numberOf({ params }: IndexContext, name: string, otherwise: number): number {
  const value = params[name];
  return typeof value === 'number' ? value : otherwise;
}
