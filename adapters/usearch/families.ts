import type { IndexContext, IndexSupport, ParameterRule } from '../../core/adapter.js';

const connectivity: ParameterRule = {
  type: 'integer',
  meaning: 'neighbours of a node in the graph (connectivity); twice as many at its base',
  min: 2,
  max: 512,
  default: 16,
};
const efConstruction: ParameterRule = {
  type: 'integer',
  meaning: 'candidates while the graph is built (expansion_add)',
  min: 1,
  max: 100_000,
  default: 128,
};
const quantization: ParameterRule = {
  type: 'choice',
  meaning: 'how components are stored; i8 keeps the direction of a row and drops its length',
  choices: ['f32', 'f16', 'i8'],
  default: 'f32',
};
const efSearch: ParameterRule = {
  type: 'integer',
  meaning: 'candidates while the graph is searched (expansion_search)',
  min: 1,
  max: 100_000,
  default: 64,
};

const bytesOf: Readonly<Record<string, number>> = { f32: 4, f16: 2, i8: 1 };

/** The index families of usearch, with the parameters of each. */
export const usearchFamilies: readonly IndexSupport[] = [
  {
    family: 'flat',
    title: 'Exact search',
    params: {},
    search: {},
    exact: true,
    estimateBytes: ({ rows, dimensions }) => rows * (dimensions * 4 + 4),
  },
  {
    family: 'hnsw',
    title: 'HNSW',
    params: { M: connectivity, efConstruction, quantization },
    search: { efSearch },
    estimateBytes: graphBytes,
  },
];

function graphBytes({ rows, dimensions, params }: IndexContext): number {
  const component = bytesOf[String(params.quantization ?? 'f32')] ?? 4;
  // Twice M neighbours of 4 bytes at the base level, few above, a key and a level a row.
  return rows * (dimensions * component + Number(params.M ?? 16) * 8.6 + 12);
}
