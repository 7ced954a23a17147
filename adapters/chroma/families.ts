import type { IndexSupport, ParameterRule } from '../../core/adapter.js';

// Strings of ids in two maps, their numbers, and what an allocator adds.
const idBytes = 200;

const degree: ParameterRule = {
  type: 'integer',
  meaning: 'neighbours of a node in the graph (max_neighbors)',
  min: 2,
  max: 1000,
  default: 16,
};
const efConstruction: ParameterRule = {
  type: 'integer',
  meaning: 'candidates while the graph is built (ef_construction)',
  min: 1,
  max: 10_000,
  default: 100,
};
const efSearch: ParameterRule = {
  type: 'integer',
  meaning: 'candidates while it is searched, k at least; fixed when it is made (ef_search)',
  min: 1,
  max: 10_000,
  default: 100,
};
const syncThreshold: ParameterRule = {
  type: 'integer',
  meaning: 'rows after which the graph is written to disk anew (sync_threshold), 1000 if not given',
  min: 2,
  max: 1_000_000_000,
};

/** Inverted lists that a search, or the storing of a row, visits. */
function lists(meaning: string, most: number): ParameterRule {
  return { type: 'integer', meaning, min: 1, max: most };
}

/**
 * The index families of Chroma. `ef_search` is a build parameter: a server takes a change of it,
 * and shows it, but searches with the value that the graph was made or loaded with.
 */
export const chromaFamilies: readonly IndexSupport[] = [
  {
    family: 'hnsw',
    title: 'HNSW',
    params: { M: degree, efConstruction, efSearch, syncThreshold },
    search: {},
    estimateBytes: ({ rows, dimensions, params }) =>
      Math.ceil(rows * (dimensions * 4 + Number(params.M ?? 16) * 2 * 4.4 + idBytes)),
  },
  {
    family: 'spann',
    title: 'SPANN: inverted lists on disk, found by a graph',
    params: {
      nprobe: lists('inverted lists that a search visits (search_nprobe)', 128),
      writeNprobe: lists('inverted lists that a row is stored in (write_nprobe)', 64),
    },
    search: {},
    offeredBy: 'Chroma Cloud and distributed servers; a single server has none',
  },
];
