import type { SearchRequest } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import type { CollectionView } from './collection.js';
import { expressionOf } from './filter.js';
import type { SearchArguments } from './package.js';
import { ownFieldOf, type WantedColumn } from './rows.js';
import { searchWords } from './words.js';

const mostK = 16_384;

/** What is wanted of the answer to a search. */
export interface Wanted {
  readonly queries: number;
  readonly k: number;
  readonly idField: string;
  readonly columns: readonly WantedColumn[] | undefined;
}

/** Queries, as the client's call takes them. */
export interface PreparedQueries {
  readonly request: SearchArguments;
  readonly wanted: Wanted;
}

/**
 * Everything of a search that can be made ahead; the client encodes it within its call.
 *
 * @param requests share k, parameters, filter and payload
 * @throws BenchError BAD_ARGUMENT for what no server takes
 */
export function prepareQueries(
  requests: readonly SearchRequest[],
  view: CollectionView,
  consistency: string,
): PreparedQueries {
  const [first] = requests;
  if (first === undefined) throw new BenchError('BAD_ARGUMENT', 'milvus: a batch of no queries');
  const vectors = requests.map(({ vector }) => vector);
  requireLimits(first.k, vectors, view);
  const params = searchWords(first.params, first.k);
  const columns = first.payload?.map((name) => wantedColumn(name, view));
  return {
    request: {
      collection_name: view.name,
      anns_field: view.vectorField,
      data: vectors.length === 1 ? first.vector : vectors,
      limit: first.k,
      output_fields: [...new Set([view.idField, ...(columns ?? []).map(({ field }) => field)])],
      consistency_level: consistency,
      ...(Object.keys(params).length > 0 && { params }),
      ...(first.filter !== undefined && { filter: expressionOf(first.filter, view) }),
    },
    wanted: { queries: vectors.length, k: first.k, idField: view.idField, columns },
  };
}

function wantedColumn(name: string, { payload, isOwn }: CollectionView): WantedColumn {
  const type = payload.find((field) => field.name === name)?.type ?? 'text';
  return { name, type, isOwn, field: isOwn ? ownFieldOf(name) : name };
}

function requireLimits(k: number, vectors: readonly Float32Array[], view: CollectionView): void {
  const fail = (what: string): BenchError => new BenchError('BAD_ARGUMENT', `milvus: ${what}`);
  if (k < 1 || k > mostK) throw fail(`k must be 1..${mostK}, got ${k}`);
  if (vectors.length > mostK) {
    throw fail(`a batch must have 1..${mostK} queries, got ${vectors.length}`);
  }
  const wrong = vectors.find(({ length }) => length !== view.dimensions);
  if (wrong === undefined) return;
  throw fail(`the vectors have ${view.dimensions} dimensions, a query has ${wrong.length}`);
}
