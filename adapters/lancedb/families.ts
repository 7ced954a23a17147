import type { IndexContext, IndexSupport, ParameterRule, Parameters } from '../../core/adapter.js';
import { type ElementType, elementBytes } from '../../core/vectors.js';

const nlist: ParameterRule = {
  type: 'integer',
  meaning: 'inverted lists (numPartitions)',
  min: 1,
  max: 'rows',
  required: true,
};
const m: ParameterRule = {
  type: 'integer',
  meaning: 'sub-quantisers of the product quantiser (numSubVectors)',
  min: 1,
  max: 'dimensions',
  divides: 'dimensions',
  required: true,
};
const nbits: ParameterRule = {
  type: 'choice',
  meaning: 'bits of a sub-quantiser (numBits)',
  choices: [4, 8],
  default: 8,
};
const rabitBits: ParameterRule = {
  type: 'integer',
  meaning: 'bits of a component (numBits)',
  min: 1,
  max: 8,
  default: 1,
};
const degree: ParameterRule = {
  type: 'integer',
  meaning: 'neighbours of a node in the graph (m)',
  min: 2,
  max: 512,
  default: 20,
};
const efConstruction: ParameterRule = {
  type: 'integer',
  meaning: 'candidates while the graph is built',
  min: 1,
  max: 100_000,
  default: 300,
};
const refine: ParameterRule = {
  type: 'choice',
  meaning: 'rank the candidates anew by the vectors, which LanceDB keeps in any case',
  choices: ['flat'],
};
const nprobe: ParameterRule = {
  type: 'integer',
  meaning: "inverted lists visited (nprobes); the engine's own default where it is not given",
  min: 1,
  max: 'nlist',
};
const efSearch: ParameterRule = {
  type: 'integer',
  meaning: 'candidates while a graph is searched (ef), k at least; 1.5 k where it is not given',
  min: 1,
  max: 100_000,
};
const kFactor: ParameterRule = {
  type: 'integer',
  meaning: 'times k candidates ranked anew (refineFactor)',
  needs: 'refine',
  min: 1,
  max: 10_000,
  default: 1,
};

const elements: ParameterRule = {
  type: 'choice',
  meaning:
    'how values are kept; float16 only of data that are so: half the room, but LanceDB for Node ' +
    'computes with it without SIMD, at a twentieth of the speed',
  choices: ['float32', 'float16'],
  default: 'float32',
};

// Queries become float16 too, which the exact family may not do to them.
const takesHalves = (type: ElementType, params: Parameters): boolean =>
  type === 'f16' && params.elements === 'float16';

/** The index families of LanceDB, with the parameters of each. */
export const lanceFamilies: readonly IndexSupport[] = [
  {
    family: 'flat',
    title: 'no index (exact)',
    params: {},
    search: {},
    exact: true,
    estimateBytes: rawBytes,
  },
  {
    family: 'ivf-flat',
    title: 'IVF, full vectors',
    params: { nlist, elements },
    search: { nprobe },
    takes: takesHalves,
    check: checkElements,
    // The table keeps its own vectors.
    estimateBytes: (context) => 2 * rawBytes(context) + listBytes(context),
  },
  {
    family: 'ivf-pq',
    title: 'IVF-PQ',
    params: { nlist, m, nbits, refine, elements },
    search: { nprobe, kFactor },
    takes: takesHalves,
    compressed: true,
    check: (context) => [...checkCodes(context), ...checkElements(context)],
    estimateBytes: (context) => rawBytes(context) + listBytes(context) + codeBytes(context),
  },
  {
    family: 'ivf-rq',
    title: 'IVF, RaBitQ',
    params: { nlist, nbits: rabitBits, refine, elements },
    search: { nprobe, kFactor },
    takes: takesHalves,
    compressed: true,
    check: (context) => [...checkRotation(context), ...checkElements(context)],
    estimateBytes: (context) => rawBytes(context) + listBytes(context) + rabitBytes(context),
  },
  {
    family: 'ivf-hnsw-sq',
    title: 'a graph in each inverted list, scalar quantised',
    params: { nlist, M: degree, efConstruction, refine, elements },
    search: { nprobe, efSearch, kFactor },
    takes: takesHalves,
    check: checkElements,
    estimateBytes: (context) => rawBytes(context) + listBytes(context) + graphBytes(context),
  },
];

/** Values are not narrowed: what is asked for must be what the data are. */
function checkElements({ params, elements: sent = 'f32' }: IndexContext): string[] {
  if (params.elements !== 'float16' || sent === 'f16') return [];
  return ['elements must be float32: the data are not float16'];
}

function checkCodes({ rows, params }: IndexContext): string[] {
  const centroids = 2 ** Number(params.nbits ?? 8);
  if (centroids <= rows) return [];
  const why = `2^nbits centroids are trained from the ${rows} rows`;
  return [
    `nbits must be ${rows < 16 ? 'left to more rows' : 4} (${why}), got ${params.nbits ?? 8}`,
  ];
}

function checkRotation({ dimensions }: IndexContext): string[] {
  if (dimensions % 8 === 0) return [];
  return [`ivf-rq needs dimensions that 8 divides, got ${dimensions}`];
}

function rawBytes({ rows, dimensions, elements = 'f32' }: IndexContext): number {
  return rows * (dimensions * elementBytes[elements] + 4);
}

function listBytes({ rows, dimensions, params }: IndexContext): number {
  return rows * 8 + Number(params.nlist ?? 1) * dimensions * 4;
}

function codeBytes({ rows, dimensions, params }: IndexContext): number {
  const bits = Number(params.nbits ?? 8);
  return (rows * Number(params.m ?? 1) * bits) / 8 + 2 ** bits * dimensions * 4;
}

function rabitBytes({ rows, dimensions, params }: IndexContext): number {
  // Codes, and two factors of each row.
  return rows * ((dimensions * Number(params.nbits ?? 1)) / 8 + 8);
}

function graphBytes({ rows, dimensions, params }: IndexContext): number {
  // Codes of a byte a component; neighbours and their distances, about M a row.
  return rows * (dimensions + Number(params.M ?? 20) * 8);
}
