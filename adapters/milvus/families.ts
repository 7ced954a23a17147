import type { IndexContext, IndexSupport, ParameterRule } from '../../core/adapter.js';
import {
  buildAlgo,
  degree,
  efConstruction,
  efSearch,
  graphDegree,
  intermediateGraphDegree,
  itopkSize,
  m,
  nbits,
  nlist,
  nprobe,
  reorderK,
  searchList,
  searchWidth,
  withRawData,
} from './parameters.js';

type Rules = Readonly<Record<string, ParameterRule>>;

const fewestDimensions = 2;
const mostDimensions = 32_768;

const lists: Rules = { nlist };
const codes: Rules = { nlist, m, nbits };
const withGpu = 'servers built for GPUs';

/** An index family with the server's words for it. */
export interface Family extends IndexSupport {
  readonly indexType: string;
}

const families: readonly Family[] = [
  family('flat', 'FLAT', {
    title: 'FLAT (exact)',
    exact: true,
    estimateBytes: rawBytes,
  }),
  family('ivf-flat', 'IVF_FLAT', {
    title: 'IVF_FLAT: inverted lists, full vectors',
    params: lists,
    search: { nprobe },
    estimateBytes: (context) => rawBytes(context) + listBytes(context),
  }),
  family('ivf-sq', 'IVF_SQ8', {
    title: 'IVF_SQ8: inverted lists, bytes',
    params: lists,
    search: { nprobe },
    estimateBytes: (context) => context.rows * context.dimensions + listBytes(context),
  }),
  family('ivf-pq', 'IVF_PQ', {
    title: 'IVF_PQ: inverted lists, product quantised',
    params: codes,
    search: { nprobe },
    compressed: true,
    check: checkCodes,
    estimateBytes: codeBytes,
  }),
  family('hnsw', 'HNSW', {
    title: 'HNSW, full vectors',
    params: { M: degree, efConstruction },
    search: { efSearch },
    estimateBytes: (context) => rawBytes(context) + graphBytes(context),
  }),
  family('diskann', 'DISKANN', {
    title: 'DISKANN: a graph on disk, codes in memory',
    search: { searchList },
    offeredBy: 'servers with disk indexes, which the build of PyPI has not',
    // Of the vectors, product quantised codes stay in memory: pq_code_budget_gb_ratio 0.125.
    estimateBytes: (context) => Math.ceil(rawBytes(context) / 8),
  }),
  family('scann', 'SCANN', {
    title: 'SCANN: inverted lists, codes of 4 bits',
    params: { nlist, withRawData },
    search: { nprobe, reorderK },
    offeredBy: 'Milvus 2.3 and newer on processors with AVX2',
    estimateBytes: (context) =>
      (context.params.withRawData === false ? 0 : rawBytes(context)) +
      listBytes(context) +
      Math.ceil((context.rows * context.dimensions) / 4),
  }),
  family('gpu-flat', 'GPU_BRUTE_FORCE', {
    title: 'GPU_BRUTE_FORCE (exact)',
    exact: true,
    offeredBy: withGpu,
    estimateBytes: rawBytes,
  }),
  family('gpu-ivf-flat', 'GPU_IVF_FLAT', {
    title: 'GPU_IVF_FLAT: inverted lists, full vectors',
    params: lists,
    search: { nprobe },
    offeredBy: withGpu,
    estimateBytes: (context) => rawBytes(context) + listBytes(context),
  }),
  family('gpu-ivf-pq', 'GPU_IVF_PQ', {
    title: 'GPU_IVF_PQ: inverted lists, product quantised',
    params: codes,
    search: { nprobe },
    compressed: true,
    offeredBy: withGpu,
    check: checkCodes,
    estimateBytes: codeBytes,
  }),
  family('gpu-cagra', 'GPU_CAGRA', {
    title: 'GPU_CAGRA: a graph, full vectors',
    params: { intermediateGraphDegree, graphDegree, buildAlgo },
    search: { itopkSize, searchWidth },
    offeredBy: withGpu,
    estimateBytes: (context) =>
      rawBytes(context) + context.rows * Number(context.params.graphDegree ?? 64) * 4,
  }),
];

/** The index families, as the server's vendor names them. */
export const milvusFamilies: readonly IndexSupport[] = families;

function family(
  name: string,
  indexType: string,
  { params = {}, search = {}, check, ...rest }: Omit<Partial<Family>, 'title'> & { title: string },
): Family {
  return {
    family: name,
    indexType,
    params,
    search,
    ...rest,
    check: (context) => [...checkDimensions(context), ...(check?.(context) ?? [])],
  };
}

/** The family of a name, which the plan has checked. */
export function familyOf(name: string): Family {
  const found = families.find((one) => one.family === name);
  if (found === undefined) throw new Error(`milvus: no index family ${name}`);
  return found;
}

function checkDimensions({ dimensions }: IndexContext): string[] {
  if (dimensions >= fewestDimensions && dimensions <= mostDimensions) return [];
  return [`vectors must have ${fewestDimensions}..${mostDimensions} dimensions, got ${dimensions}`];
}

function checkCodes({ rows, params }: IndexContext): string[] {
  const bits = Number(params.nbits ?? nbits.default);
  if (2 ** bits <= rows) return [];
  const most = Math.floor(Math.log2(rows));
  const why = '2^nbits centroids are trained from them';
  return [`nbits must be 1..${most} for ${rows} rows (${why}), got ${bits}`];
}

function rawBytes({ rows, dimensions }: IndexContext): number {
  return rows * (dimensions * 4 + 8);
}

function listBytes({ rows, dimensions, params }: IndexContext): number {
  return rows * 8 + Number(params.nlist ?? 128) * dimensions * 4;
}

function codeBytes(context: IndexContext): number {
  const { rows, dimensions, params } = context;
  const bits = Number(params.nbits ?? 8);
  const width = Math.ceil((Number(params.m ?? 1) * bits) / 8);
  return rows * width + 2 ** bits * dimensions * 4 + listBytes(context);
}

function graphBytes({ rows, params }: IndexContext): number {
  // Twice M neighbours of 4 bytes at the lowest layer, few above.
  return Math.ceil(rows * Number(params.M ?? 30) * 8.6);
}
