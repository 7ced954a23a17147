import type { IndexContext, IndexSupport, ParameterRule } from '../../core/adapter.js';

const degree: ParameterRule = {
  type: 'integer',
  meaning: 'neighbours of a node in the graph (M), twice as many in its lowest layer',
  min: 4,
  max: 4096,
  default: 16,
};
const efConstruction: ParameterRule = {
  type: 'integer',
  meaning: 'candidates while the graph is built (EF of VADD, EF_CONSTRUCTION)',
  min: 1,
  max: 1_000_000,
  default: 200,
};
const reduce: ParameterRule = {
  type: 'integer',
  meaning: 'dimensions that vectors are projected to at random (REDUCE of VADD)',
  min: 1,
  max: 'dimensions',
};
const efSearch: ParameterRule = {
  type: 'integer',
  meaning: 'candidates while the graph is searched (EF of VSIM, EF_RUNTIME), k at least',
  min: 1,
  max: 1_000_000,
  default: 100,
};
const filterEf: ParameterRule = {
  type: 'integer',
  meaning: 'rows that a filtered search looks at (FILTER-EF of VSIM): 100 k when not given',
  min: 1,
};
const graphMaxDegree: ParameterRule = {
  type: 'integer',
  meaning: 'neighbours of a node in the graph (GRAPH_MAX_DEGREE)',
  min: 1,
  max: 4096,
  default: 32,
};
const constructionWindowSize: ParameterRule = {
  type: 'integer',
  meaning: 'candidates while the graph is built (CONSTRUCTION_WINDOW_SIZE)',
  min: 1,
  max: 1_000_000,
  default: 200,
};
const searchWindowSize: ParameterRule = {
  type: 'integer',
  meaning: 'candidates while the graph is searched (SEARCH_WINDOW_SIZE)',
  min: 1,
  max: 1_000_000,
  default: 10,
};
const compression: ParameterRule = {
  type: 'choice',
  meaning: 'how components are stored (COMPRESSION); none is float32',
  choices: ['none', 'LVQ8', 'LVQ4', 'LVQ4x4', 'LVQ4x8', 'LeanVec4x8', 'LeanVec8x8'],
  default: 'none',
};

const nodeBytes = 150;
const pointerBytes = 8;

/** Vectors, links and what a node has besides. */
function graphBytes({ rows, dimensions, params }: IndexContext, componentBytes: number): number {
  const stored = typeof params.reduce === 'number' ? params.reduce : dimensions;
  const links = 2.33 * Number(params.M ?? degree.default) * pointerBytes;
  return Math.ceil(rows * (stored * componentBytes + links + nodeBytes));
}

const graphParams = { M: degree, efConstruction, reduce };
const graphSearch = { efSearch, filterEf };

const graph = {
  family: 'hnsw',
  params: graphParams,
  search: graphSearch,
  estimateBytes: (context: IndexContext) => graphBytes(context, 4),
};

/** The index families of vector sets. */
export const vectorSetFamilies: readonly IndexSupport[] = [
  {
    family: 'flat',
    title: 'every row is compared (VSIM TRUTH), over float32; the graph is built all the same',
    params: {},
    search: {},
    exact: true,
    estimateBytes: (context) => graphBytes(context, 4),
  },
  { ...graph, title: 'HNSW over float32 (NOQUANT)' },
  {
    ...graph,
    family: 'hnsw-sq',
    title: 'HNSW over int8 (Q8): the standard of vector sets',
    estimateBytes: (context) => graphBytes(context, 1),
  },
  {
    ...graph,
    family: 'hnsw-bin',
    title: 'HNSW over single bits (BIN)',
    compressed: true,
    estimateBytes: (context) => graphBytes(context, 1 / 8),
  },
];

/** The index families of the search module. */
export const searchFamilies: readonly IndexSupport[] = [
  {
    family: 'flat',
    title: 'every row is compared (FLAT)',
    params: {},
    search: {},
    exact: true,
  },
  {
    ...graph,
    title: 'HNSW',
    params: { M: degree, efConstruction },
    search: { efSearch },
  },
  {
    family: 'svs-vamana',
    title: 'SVS-VAMANA',
    params: { graphMaxDegree, constructionWindowSize, compression },
    search: { searchWindowSize },
  },
];
