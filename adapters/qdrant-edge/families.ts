import type { IndexContext, IndexSupport, ParameterRule } from '../../core/adapter.js';

type Rules = Readonly<Record<string, ParameterRule>>;

const graph: Rules = {
  M: {
    type: 'integer',
    meaning: 'neighbours of a node in the graph (m)',
    min: 2,
    max: 512,
    default: 16,
  },
  efConstruction: {
    type: 'integer',
    meaning: 'candidates while the graph is built (ef_construct)',
    min: 4,
    max: 100_000,
    default: 100,
  },
};
const datatype: ParameterRule = {
  type: 'choice',
  meaning: 'how the vectors are kept; uint8 is for whole numbers of 0..255',
  choices: ['float32', 'float16', 'uint8'],
  default: 'float32',
};
const codes: Rules = {
  quantization: {
    type: 'choice',
    meaning: 'codes that the graph is searched by; the vectors are kept beside them',
    choices: ['none', 'scalar', 'product', 'binary'],
  },
  compression: {
    type: 'choice',
    meaning: 'times smaller than the vectors, of product codes',
    choices: [4, 8, 16, 32, 64],
    needs: 'quantization',
  },
  quantile: {
    type: 'number',
    meaning: 'share of the values that scalar codes span; all where it is left out',
    min: 0.5,
    max: 1,
    needs: 'quantization',
  },
};
const search: Rules = {
  efSearch: {
    type: 'integer',
    meaning: 'candidates while the graph is searched (hnsw_ef); efConstruction where left out',
    min: 1,
    max: 100_000,
  },
  exact: {
    type: 'boolean',
    meaning: 'compare every row instead of using the graph',
    default: false,
  },
  rescore: {
    type: 'boolean',
    meaning: 'rank what the codes found by the vectors; as the engine likes where left out',
    needs: 'quantization',
  },
  oversampling: {
    type: 'number',
    meaning: 'times k candidates that the codes find, to be ranked anew',
    needs: 'quantization',
    min: 1,
    max: 10_000,
  },
};

/** The index families of qdrant-edge that a suite may name. */
export const qdrantFamilies: readonly IndexSupport[] = [
  {
    family: 'flat',
    title: 'every row is compared',
    params: {},
    search: {},
    exact: true,
    estimateBytes: vectorBytes,
  },
  {
    family: 'hnsw',
    title: 'HNSW, with codes beside the vectors if asked for',
    params: { ...graph, datatype, ...codes },
    search,
    check: checkCodes,
    estimateBytes: (context) => vectorBytes(context) + graphBytes(context) + codeBytes(context),
  },
];

/** What belongs to one kind of codes is given with that kind, and only with it. */
function checkCodes({ params }: IndexContext): string[] {
  const { quantization = 'none', compression, quantile } = params;
  const mistakes: string[] = [];
  if (quantization === 'product' && compression === undefined) {
    mistakes.push('compression is missing: product codes need one of 4, 8, 16, 32, 64');
  }
  if (quantization !== 'product' && compression !== undefined) {
    mistakes.push(`compression must be left out with quantization ${quantization}`);
  }
  if (quantization !== 'scalar' && quantile !== undefined) {
    mistakes.push(`quantile must be left out with quantization ${quantization}`);
  }
  return mistakes;
}

function vectorBytes({ rows, dimensions, params }: IndexContext): number {
  const { datatype: type } = params;
  const valueBytes = type === 'uint8' ? 1 : type === 'float16' ? 2 : 4;
  return rows * dimensions * valueBytes;
}

function graphBytes({ rows, params }: IndexContext): number {
  // Twice M neighbours of 4 bytes at the base level, few above.
  return rows * (typeof params.M === 'number' ? params.M : 16) * 8.6;
}

function codeBytes({ rows, dimensions, params }: IndexContext): number {
  const { quantization, compression } = params;
  if (quantization === 'scalar') return rows * dimensions;
  if (quantization === 'binary') return (rows * dimensions) / 8;
  return typeof compression === 'number' ? (rows * dimensions * 4) / compression : 0;
}
