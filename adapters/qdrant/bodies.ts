import type {
  CollectionSpec,
  Metric,
  Parameters,
  PayloadField,
  SearchRequest,
  VectorBatch,
} from '../../core/adapter.js';
import { type PayloadValue, payloadRow } from '../../core/payload.js';
import { type QdrantFilter, toQdrantFilter } from './filter.js';

/** The metrics by Qdrant's names. */
export const distances: Readonly<Record<Metric, string>> = {
  l2: 'Euclid',
  ip: 'Dot',
  cosine: 'Cosine',
};

/** A query in the words of Qdrant. */
export interface QueryBody {
  readonly query: readonly number[];
  readonly using?: string;
  readonly filter?: QdrantFilter;
  readonly params?: QueryParams;
  readonly limit: number;
  readonly with_payload: false | readonly string[];
}

/** How a query is searched for. */
export interface QueryParams {
  readonly hnsw_ef?: number;
  readonly exact?: boolean;
  readonly indexed_only?: boolean;
  readonly quantization?: { readonly rescore?: boolean; readonly oversampling?: number };
}

/** A row in the words of Qdrant. */
export interface PointBody {
  readonly id: number;
  readonly vector: readonly number[];
  readonly payload?: Readonly<Record<string, PayloadValue>>;
}

/** What queries of a collection need to know of it. */
export interface CollectionView {
  readonly name: string;
  readonly family: string;
  readonly vectorField?: string;
  /** Where the payload has the ids; the points' own where it is left out. */
  readonly idField?: string;
  readonly payload: readonly PayloadField[];
}

/**
 * The collection's name on the server: letters, digits, `_` and `-`.
 *
 * @param namespace of the run, which begins with `bench_`
 */
export function collectionName(namespace: string, name: string): string {
  return `${namespace}_${name}`.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 200);
}

/** What `PUT /collections/NAME` is told. */
export function createBody(spec: CollectionSpec): object {
  const { dimensions, metric, params, family } = spec;
  const { datatype, onDisk, shardNumber, replicationFactor, indexingThreshold } = params;
  const isFlat = family === 'flat';
  const codes = quantisation(family, params);
  return {
    vectors: {
      size: dimensions,
      distance: distances[metric],
      ...(datatype !== undefined && { datatype }),
      ...(onDisk !== undefined && { on_disk: onDisk }),
    },
    hnsw_config: isFlat ? { m: 0 } : graphOf(spec),
    // Without a threshold no segment is rewritten for an index: there is nothing to wait for.
    ...(isFlat && { optimizers_config: { indexing_threshold: 0 } }),
    ...(indexingThreshold !== undefined && {
      optimizers_config: { indexing_threshold: indexingThreshold },
    }),
    ...(codes !== undefined && { quantization_config: codes }),
    ...(shardNumber !== undefined && { shard_number: shardNumber }),
    ...(replicationFactor !== undefined && { replication_factor: replicationFactor }),
  };
}

function graphOf({ params, buildThreads }: CollectionSpec): object {
  const { M, efConstruction, fullScanThreshold, graphOnDisk } = params;
  return {
    ...(M !== undefined && { m: M }),
    ...(efConstruction !== undefined && { ef_construct: efConstruction }),
    ...(fullScanThreshold !== undefined && { full_scan_threshold: fullScanThreshold }),
    ...(graphOnDisk !== undefined && { on_disk: graphOnDisk }),
    max_indexing_threads: buildThreads,
  };
}

function quantisation(family: string, params: Parameters): object | undefined {
  const { quantile, compression, alwaysRam } = params;
  const ram = alwaysRam === undefined ? {} : { always_ram: alwaysRam };
  if (family === 'hnsw-sq') {
    return { scalar: { type: 'int8', ...(quantile !== undefined && { quantile }), ...ram } };
  }
  if (family === 'hnsw-pq') return { product: { compression: `x${compression}`, ...ram } };
  return family === 'hnsw-bin' ? { binary: ram } : undefined;
}

/** The rows of a batch. */
export function pointBodies({ ids, vectors, payload }: VectorBatch): PointBody[] {
  const dimensions = vectors.length / Math.max(1, ids.length);
  return Array.from(ids, (id, row) => ({
    id,
    vector: shortNumbers(vectors.subarray(row * dimensions, (row + 1) * dimensions)),
    ...(payload !== undefined && { payload: payloadRow(payload, row) }),
  }));
}

/** What `points/query` is told. */
export function queryBody(request: SearchRequest, view: CollectionView): QueryBody {
  const { vector, k, filter } = request;
  const params = view.family === 'flat' ? { exact: true } : queryParams(request.params);
  const wanted = [
    ...(request.payload ?? []),
    ...(view.idField === undefined ? [] : [view.idField]),
  ];
  return {
    query: shortNumbers(vector),
    ...(view.vectorField !== undefined && { using: view.vectorField }),
    ...(filter !== undefined && { filter: toQdrantFilter(filter, view.payload) }),
    ...(Object.keys(params).length > 0 && { params }),
    limit: k,
    with_payload: wanted.length > 0 ? wanted : false,
  };
}

function queryParams({ efSearch, exact, indexedOnly, rescore, kFactor }: Parameters): QueryParams {
  const quantization = {
    ...(rescore !== undefined && { rescore: rescore === true }),
    ...(kFactor !== undefined && { oversampling: Number(kFactor) }),
  };
  return {
    ...(efSearch !== undefined && { hnsw_ef: Number(efSearch) }),
    ...(exact === true && { exact }),
    ...(indexedOnly === true && { indexed_only: indexedOnly }),
    ...(Object.keys(quantization).length > 0 && { quantization }),
  };
}

/** As many digits as tell each float32 from its neighbours. */
function shortNumbers(values: ArrayLike<number>): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(9)));
}
