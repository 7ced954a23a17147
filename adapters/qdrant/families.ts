import type { IndexContext, IndexSupport, ParameterRule } from '../../core/adapter.js';
import { qdrantFamilies } from '../qdrant-edge/families.js';

type Rules = Readonly<Record<string, ParameterRule>>;

const most = 1_000_000_000;
const storage: Rules = {
  onDisk: {
    type: 'boolean',
    meaning: 'vectors lie in files and are read when needed (vectors.on_disk)',
    default: false,
  },
  shardNumber: {
    type: 'integer',
    meaning: 'parts of the collection (shard_number); as the server likes where left out',
    min: 1,
    max: 1000,
  },
  replicationFactor: {
    type: 'integer',
    meaning: 'copies of each part (replication_factor), one if not given',
    min: 1,
    max: 100,
  },
};
const graph: Rules = {
  ...engineRules('params', ['M', 'efConstruction', 'datatype']),
  graphOnDisk: {
    type: 'boolean',
    meaning: 'the graph lies in files and is read when needed (hnsw_config.on_disk)',
    default: false,
  },
  indexingThreshold: {
    type: 'integer',
    meaning: 'KB of vectors in a segment above which it gets a graph (indexing_threshold)',
    min: 1,
    max: most,
  },
  fullScanThreshold: {
    type: 'integer',
    meaning: 'KB of filtered vectors below which all are compared, 10,000 if not given',
    min: 1,
    max: most,
  },
};
const search: Rules = {
  ...engineRules('search', ['efSearch', 'exact']),
  indexedOnly: {
    type: 'boolean',
    meaning: 'segments without a graph are left out (indexed_only)',
    default: false,
  },
};
const codes: Rules = {
  alwaysRam: {
    type: 'boolean',
    meaning: 'codes stay in memory, wherever the vectors are (always_ram)',
    default: false,
  },
};
const codesSearch: Rules = {
  rescore: {
    type: 'boolean',
    meaning: 'rank what the codes found by the vectors; as the server likes where left out',
  },
  kFactor: {
    type: 'number',
    meaning: 'times k candidates that the codes find, to be ranked anew (oversampling)',
    min: 1,
    max: 10_000,
  },
};

/** The index families of a Qdrant server that a suite may name. */
export const serverFamilies: readonly IndexSupport[] = [
  {
    family: 'flat',
    title: 'every row is compared (exact search, no graph is built)',
    params: storage,
    search: {},
    exact: true,
    estimateBytes: estimateOf('flat', 'none'),
  },
  {
    family: 'hnsw',
    title: 'HNSW',
    params: { ...graph, ...storage },
    search,
    estimateBytes: estimateOf('hnsw', 'none'),
  },
  withCodes(
    { family: 'hnsw-sq', title: 'HNSW over int8 codes', kind: 'scalar' },
    engineRules('params', ['quantile']),
  ),
  withCodes(
    { family: 'hnsw-pq', title: 'HNSW over product codes', kind: 'product' },
    {
      compression: {
        type: 'choice',
        meaning: 'times smaller than the vectors',
        choices: [4, 8, 16, 32, 64],
        required: true,
      },
    },
  ),
  withCodes(
    { family: 'hnsw-bin', title: 'HNSW over codes of one bit a dimension', kind: 'binary' },
    {},
  ),
];

/** Rules of the same engine without its server; codes are a family of their own here. */
function engineRules(kind: 'params' | 'search', names: readonly string[]): Rules {
  const rules = Object.entries(engine('hnsw')[kind]).filter(([name]) => names.includes(name));
  return Object.fromEntries(rules.map(([name, { needs: _, ...rule }]) => [name, rule]));
}

function engine(family: string): IndexSupport {
  return qdrantFamilies.find((one) => one.family === family) as IndexSupport;
}

type Codes = 'none' | 'scalar' | 'product' | 'binary';

function estimateOf(family: string, quantization: Codes): (context: IndexContext) => number {
  const { estimateBytes } = engine(family);
  return (context) => {
    const params = { ...context.params, quantization };
    return estimateBytes?.({ ...context, params }) ?? 0;
  };
}

function withCodes(
  { family, title, kind }: { family: string; title: string; kind: Codes },
  own: Rules,
): IndexSupport {
  return {
    family,
    title,
    params: { ...graph, ...own, ...codes, ...storage },
    search: { ...search, ...codesSearch },
    estimateBytes: estimateOf('hnsw', kind),
  };
}
