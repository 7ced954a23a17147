import type { ParameterRule } from '../../core/adapter.js';

/** Inverted lists. */
export const nlist: ParameterRule = {
  type: 'integer',
  meaning: 'inverted lists of each segment',
  min: 1,
  max: 65_536,
  default: 128,
};
/** Inverted lists visited. */
export const nprobe: ParameterRule = {
  type: 'integer',
  meaning: "inverted lists visited in each segment; the server's own 8 where it is not given",
  min: 1,
  max: 'nlist',
};
/** Parts of a product quantiser. */
export const m: ParameterRule = {
  type: 'integer',
  meaning: 'sub-quantisers of the product quantiser',
  min: 1,
  max: 'dimensions',
  divides: 'dimensions',
  required: true,
};
/** Bits of a code of one part. */
export const nbits: ParameterRule = {
  type: 'integer',
  meaning: 'bits of a sub-quantiser',
  min: 1,
  max: 16,
  default: 8,
};
/** Neighbours in the graph. */
export const degree: ParameterRule = {
  type: 'integer',
  meaning: 'neighbours of a node in the graph, twice as many in its lowest layer',
  min: 2,
  max: 2048,
  default: 30,
};
/** Candidates while building. */
export const efConstruction: ParameterRule = {
  type: 'integer',
  meaning: 'candidates while the graph is built',
  min: 1,
  max: 1_000_000,
  default: 360,
};
/** Candidates while searching a graph. */
export const efSearch: ParameterRule = {
  type: 'integer',
  meaning: "candidates while the graph is searched (ef), k at least; the server's own if not given",
  min: 1,
  max: 32_768,
};
/** Candidates of a graph on disk. */
export const searchList: ParameterRule = {
  type: 'integer',
  meaning: "candidates (search_list), k at least; the server's own if not given",
  min: 1,
  max: 65_535,
};
/** Whether vectors are kept. */
export const withRawData: ParameterRule = {
  type: 'boolean',
  meaning: 'whether vectors are kept to rank the candidates anew (with_raw_data)',
  default: true,
};
/** Candidates ranked anew. */
export const reorderK: ParameterRule = {
  type: 'integer',
  meaning: 'candidates that are ranked anew (reorder_k), k at least; k where it is not given',
  min: 1,
  max: 65_536,
};
/** Neighbours in a graph of a GPU. */
export const graphDegree: ParameterRule = {
  type: 'integer',
  meaning: 'neighbours of a node in the graph (graph_degree)',
  min: 1,
  max: 2048,
  default: 64,
};
/** Neighbours in it at first. */
export const intermediateGraphDegree: ParameterRule = {
  type: 'integer',
  meaning: 'neighbours before the graph is pruned (intermediate_graph_degree)',
  min: 1,
  max: 2048,
  default: 128,
};
/** How it is begun. */
export const buildAlgo: ParameterRule = {
  type: 'choice',
  meaning: 'how the graph is begun (build_algo)',
  choices: ['IVF_PQ', 'NN_DESCENT'],
  default: 'IVF_PQ',
};
/** Candidates while it is searched. */
export const itopkSize: ParameterRule = {
  type: 'integer',
  meaning:
    "candidates kept while searching (itopk_size), k at least; the server's own if not given",
  min: 1,
  max: 65_536,
};
/** Where its searches begin. */
export const searchWidth: ParameterRule = {
  type: 'integer',
  meaning: "nodes that a search begins with (search_width); the server's own if not given",
  min: 1,
  max: 65_536,
};
