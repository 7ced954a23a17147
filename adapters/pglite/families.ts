import type { IndexContext, IndexSupport, ParameterRule } from '../../core/adapter.js';
import { standardKFactor } from './sql.js';

const storage: ParameterRule = {
  type: 'choice',
  meaning: 'how components are stored: as float32 (vector) or float16 (halfvec)',
  choices: ['vector', 'halfvec'],
  default: 'vector',
};
const nlist: ParameterRule = {
  type: 'integer',
  meaning: 'inverted lists (lists)',
  min: 1,
  max: 'rows',
  required: true,
};
const nprobe: ParameterRule = {
  type: 'integer',
  meaning: 'inverted lists visited (ivfflat.probes)',
  min: 1,
  max: 'nlist',
  default: 1,
};
const degree: ParameterRule = {
  type: 'integer',
  meaning: 'neighbours of a node in the graph (m)',
  min: 2,
  max: 100,
  default: 16,
};
const efConstruction: ParameterRule = {
  type: 'integer',
  meaning: 'candidates while the graph is built (ef_construction)',
  min: 4,
  max: 1000,
  default: 64,
};
const efSearch: ParameterRule = {
  type: 'integer',
  meaning: 'candidates while the graph is searched (hnsw.ef_search): no more rows are found',
  min: 1,
  max: 1000,
  default: 40,
};

const maxScanTuples: ParameterRule = {
  type: 'integer',
  meaning: 'rows that an iterative scan visits at most (hnsw.max_scan_tuples), 20,000 if not given',
  min: 1,
  max: 2_147_483_647,
};
const maxProbes: ParameterRule = {
  type: 'integer',
  meaning: 'inverted lists that an iterative scan visits at most (ivfflat.max_probes)',
  min: 1,
  max: 32_768,
};
const kFactor: ParameterRule = {
  type: 'integer',
  meaning: 'candidates by binary code for each row that is wanted; full vectors rank them',
  min: 1,
  max: 1000,
  default: standardKFactor,
};

/** Scans that go on until enough rows meet a filter; their order may be looser. */
function iterativeScan(...choices: readonly string[]): ParameterRule {
  const meaning = 'goes on until k rows meet the filter (iterative_scan); from pgvector 0.8 on';
  return { type: 'choice', meaning, choices: ['off', ...choices], default: 'off' };
}

const graphSearch = {
  efSearch,
  iterativeScan: iterativeScan('strict_order', 'relaxed_order'),
  maxScanTuples,
};

const mostLists = 32_768;
const mostDimensions = { vector: 2000, halfvec: 4000 };
const pageBytes = 8192;
const pageHeadBytes = 24;

/** The index families of pgvector, with the parameters of each. */
export const pgvectorFamilies: readonly IndexSupport[] = [
  {
    family: 'flat',
    title: 'no index (exact)',
    params: {},
    search: {},
    exact: true,
    estimateBytes: (context) => tableBytes(context),
  },
  {
    family: 'flat-half',
    title: 'no index, components as float16',
    params: {},
    search: {},
    takes: (type) => type === 'f16',
    estimateBytes: (context) => tableBytes(context, 2),
  },
  {
    family: 'ivf-flat',
    title: 'IVF, full vectors (ivfflat)',
    params: { nlist, storage },
    search: { nprobe, iterativeScan: iterativeScan('relaxed_order'), maxProbes },
    takes: (type, params) => type === 'f16' && params.storage === 'halfvec',
    check: (context) => [...checkLists(context), ...checkDimensions(context)],
    estimateBytes: (context) => 2 * tableBytes(context, componentBytes(context)),
  },
  {
    family: 'hnsw',
    title: 'HNSW',
    params: { M: degree, efConstruction, storage },
    search: graphSearch,
    takes: (type, params) => type === 'f16' && params.storage === 'halfvec',
    check: (context) => [...checkGraph(context), ...checkDimensions(context)],
    estimateBytes: (context) => {
      const bytes = componentBytes(context);
      return tableBytes(context, bytes) + graphBytes(context, bytes);
    },
  },
  {
    family: 'hnsw-bin',
    title: 'HNSW over binary codes (bit), ranked by full vectors',
    params: { M: degree, efConstruction, storage },
    search: { ...graphSearch, kFactor },
    takes: (type, params) => type === 'f16' && params.storage === 'halfvec',
    check: checkGraph,
    estimateBytes: (context) =>
      tableBytes(context, componentBytes(context)) + graphBytes(context, 1 / 8),
  },
];

function checkLists({ params }: IndexContext): string[] {
  if (Number(params.nlist) <= mostLists) return [];
  return [`nlist must be 1..${mostLists}, got ${params.nlist}`];
}

function checkGraph({ params }: IndexContext): string[] {
  const least = 2 * Number(params.M ?? degree.default);
  const got = Number(params.efConstruction ?? efConstruction.default);
  return got >= least
    ? []
    : [`efConstruction must be ${least}..1000 (twice M at least), got ${got}`];
}

function checkDimensions({ dimensions, params }: IndexContext): string[] {
  const type = params.storage === 'halfvec' ? 'halfvec' : 'vector';
  const most = mostDimensions[type];
  if (dimensions <= most) return [];
  return [`an index over ${type} has at most ${most} dimensions, got ${dimensions}`];
}

function componentBytes({ params }: IndexContext): number {
  return params.storage === 'halfvec' ? 2 : 4;
}

/** Rows in pages: a head of 24 bytes, a pointer of 4, the id, the vector with its own head. */
function tableBytes({ rows, dimensions }: IndexContext, component = 4): number {
  return pagedBytes(rows, 24 + 4 + 4 + 8 + dimensions * component);
}

/** Two tuples a row: the vector, and 2 M neighbours of 6 bytes at the base level, few above. */
function graphBytes({ rows, dimensions, params }: IndexContext, component: number): number {
  const neighbours = Number(params.M ?? 16) * 6 * 2.1;
  return pagedBytes(rows, 100 + dimensions * component + neighbours);
}

/** Bytes of pages that hold whole rows; what is larger than a page lies in pieces of pages. */
function pagedBytes(rows: number, rowBytes: number): number {
  const perPage = Math.floor((pageBytes - pageHeadBytes) / rowBytes);
  return perPage > 0 ? Math.ceil(rows / perPage) * pageBytes : rows * rowBytes * 1.1;
}
