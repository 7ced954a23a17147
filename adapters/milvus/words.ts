import type { CollectionSpec, Metric, Parameters } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import { withDefaults } from '../../core/plan/parameters.js';
import { familyOf } from './families.js';

/** The metrics by Milvus' names. */
export const metricTypes: Readonly<Record<Metric, string>> = {
  l2: 'L2',
  ip: 'IP',
  cosine: 'COSINE',
};

/** The server's names of parameters, where they are others. */
const names: Readonly<Record<string, string>> = {
  efSearch: 'ef',
  searchList: 'search_list',
  withRawData: 'with_raw_data',
  reorderK: 'reorder_k',
  graphDegree: 'graph_degree',
  intermediateGraphDegree: 'intermediate_graph_degree',
  buildAlgo: 'build_algo',
  itopkSize: 'itopk_size',
  searchWidth: 'search_width',
};

/** What the server refuses when it is less than k. */
const atLeastK = new Set(['efSearch', 'searchList', 'reorderK', 'itopkSize']);

/** What `createIndex` is told. */
export function indexWords(
  name: string,
  params: Parameters,
): { readonly index_type: string; readonly params: Readonly<Record<string, unknown>> } {
  const { indexType, params: rules } = familyOf(name);
  const all = Object.entries(withDefaults(rules, params));
  const words = all.map(([key, value]) => [names[key] ?? key, value]);
  return { index_type: indexType, params: Object.fromEntries(words) };
}

/** What a search is told; what the server wants to be k at least is. */
export function searchWords(params: Parameters, k: number): Readonly<Record<string, unknown>> {
  const words = Object.entries(params).map(([key, value]) => [
    names[key] ?? key,
    atLeastK.has(key) ? Math.max(k, Number(value)) : value,
  ]);
  return Object.fromEntries(words);
}

/**
 * What the plan checks as well: some servers take more, and fail later.
 *
 * @throws BenchError BAD_ARGUMENT
 */
export function requireBuildable({ family, ...index }: CollectionSpec): void {
  const [broken] = familyOf(family).check?.(index) ?? [];
  if (broken !== undefined) throw new BenchError('BAD_ARGUMENT', `milvus: ${family}: ${broken}`);
}

/** Whether an index of a family is searched in full vectors, all of them. */
export function isExact(name: string): boolean {
  return familyOf(name).exact === true;
}

/**
 * Why a server does not have a family although it would take its index and never build it;
 * undefined where nothing is known against it.
 *
 * @param version as the server tells it: builds for GPUs end in `-gpu`, that of PyPI in `-lite`
 */
export function whyMissing(name: string, version: string): string | undefined {
  const { indexType } = familyOf(name);
  if (indexType.startsWith('GPU_') && !/-gpu\b/.test(version)) {
    return `${indexType} needs a server built for GPUs, whose version ends in -gpu`;
  }
  if (indexType === 'DISKANN' && /-lite\b/.test(version)) {
    return 'DISKANN is not in this build, that of PyPI';
  }
  return undefined;
}
