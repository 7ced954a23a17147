import type {
  CollectionSpec,
  ConnectContext,
  ExistingCollection,
  Hits,
  ParameterValue,
  Phase,
  SearchRequest,
  VectorBatch,
} from '../../core/adapter.js';
import { nowNs } from '../../core/clock.js';
import { BenchError } from '../../core/errors.js';
import { nsPerS } from '../../core/units.js';
import type { Api, CollectionInfo, VectorParams } from './api.js';
import {
  type CollectionView,
  collectionName,
  createBody,
  distances,
  pointBodies,
  queryBody,
} from './bodies.js';
import { indexTypes } from './filter.js';
import { waitForIndex } from './finish.js';
import { hitsOf, type Wanted, wantedOf } from './hits.js';
import type { Transport } from './transport.js';

/** The ways to the server. */
export interface Ways {
  readonly api: Api;
  readonly transport: Transport;
  readonly context: ConnectContext;
  readonly giveUpS: number;
}

/** Queries, encoded. */
export interface PreparedQueries {
  readonly sent: unknown;
  readonly wanted: Wanted;
}

/** One collection of a server. */
export class QdrantCollection {
  readonly view: CollectionView;
  readonly #ways: Ways;
  readonly #spec: CollectionSpec | undefined;
  #warnings: readonly string[] = [];

  /** @param spec of a collection that this run made */
  constructor(ways: Ways, view: CollectionView, spec?: CollectionSpec) {
    this.#ways = ways;
    this.view = view;
    this.#spec = spec;
  }

  /** Makes a collection; its payload indexes come first, for the graph to look at them. */
  static async create(ways: Ways, spec: CollectionSpec): Promise<QdrantCollection> {
    const { api, context } = ways;
    const name = collectionName(context.namespace, spec.name);
    const { family, payload = [] } = spec;
    await api.create(name, createBody(spec));
    for (const field of payload) {
      if (field.indexed) await api.createIndex(name, field.name, indexTypes[field.type]);
    }
    return new QdrantCollection(ways, { name, family, payload }, spec);
  }

  /**
   * Reads a collection that somebody made.
   *
   * @throws BenchError BAD_TARGET where it is not as it was said to be
   */
  static async attach(ways: Ways, existing: ExistingCollection): Promise<QdrantCollection> {
    const { collection: name, family, vectorField, idField, payload = [] } = existing;
    requireVectors(await ways.api.info(name), existing);
    return new QdrantCollection(ways, {
      name,
      family,
      payload,
      ...(vectorField !== undefined && { vectorField }),
      ...(idField !== undefined && { idField }),
    });
  }

  prepareUpsert(batch: VectorBatch): unknown {
    return this.#ways.transport.prepareUpsert(this.view.name, pointBodies(batch));
  }

  prepare(requests: readonly SearchRequest[]): PreparedQueries {
    const bodies = requests.map((request) => queryBody(request, this.view));
    return {
      sent: this.#ways.transport.prepareQueries(this.view.name, bodies),
      wanted: wantedOf(requests, this.view.idField),
    };
  }

  async search({ sent, wanted }: PreparedQueries): Promise<Hits> {
    return hitsOf(await this.#ways.transport.query(sent), wanted);
  }

  /** Waits for the finished index. */
  async finish(): Promise<Phase[]> {
    const { api, context, giveUpS } = this.#ways;
    const beganNs = nowNs();
    const look = () => api.info(this.view.name);
    const isGraph = this.view.family !== 'flat';
    const expectsGraph = isGraph && isAboveThreshold(await look(), this.#spec);
    const { signal, log } = context;
    const rows = await this.count();
    const wait = { collection: this.view.name, rows, expectsGraph, giveUpS, signal, log };
    const warnings = await waitForIndex(look, wait);
    if (!isGraph) return [];
    this.#warnings = warnings;
    return [{ name: 'index', s: (nowNs() - beganNs) / nsPerS }];
  }

  count(): Promise<number> {
    return this.#ways.api.count(this.view.name);
  }

  remove(ids: Int32Array): Promise<void> {
    return this.#ways.api.remove(this.view.name, [...ids]);
  }

  /** Removes the collection where this run made it. */
  async drop(): Promise<void> {
    if (this.#spec !== undefined) await this.#ways.api.drop(this.view.name);
  }

  /** What the server says that the collection is made with, and what it warned of. */
  async describe(): Promise<{
    readonly settings: Readonly<Record<string, ParameterValue>>;
    readonly warnings: readonly string[];
  }> {
    const info = await this.#ways.api.info(this.view.name);
    const { params, hnsw_config: graph, optimizer_config: optimizers } = info.config;
    const all: Readonly<Record<string, unknown>> = {
      shardNumber: params.shard_number,
      replicationFactor: params.replication_factor,
      segments: info.segments_count,
      rowsInGraph: info.indexed_vectors_count,
      hnswM: graph.m,
      hnswEfConstruct: graph.ef_construct,
      fullScanThresholdKb: graph.full_scan_threshold,
      maxIndexingThreads: graph.max_indexing_threads,
      indexingThresholdKb: optimizers.indexing_threshold,
      defaultSegmentNumber: optimizers.default_segment_number,
      ...(this.view.family === 'flat' && { flat: 'no graph (m = 0), searched with exact = true' }),
    };
    const settings: Record<string, ParameterValue> = {};
    for (const [name, value] of Object.entries(all)) {
      if (typeof value === 'number' || typeof value === 'string') settings[name] = value;
    }
    return { settings, warnings: this.#warnings };
  }
}

const kilobyte = 1024;

function isAboveThreshold({ config }: CollectionInfo, spec: CollectionSpec | undefined): boolean {
  const thresholdKb = config.optimizer_config.indexing_threshold;
  if (spec === undefined || typeof thresholdKb !== 'number' || thresholdKb === 0) return false;
  return spec.rows * spec.dimensions * 4 > thresholdKb * kilobyte;
}

function requireVectors({ config }: CollectionInfo, existing: ExistingCollection): void {
  const { collection, dimensions, metric } = existing;
  const found = vectorsOf(config.params.vectors ?? {}, existing);
  if (found.size !== dimensions) {
    throw unlike(
      collection,
      `its vectors have ${found.size} dimensions, the dataset has ${dimensions}`,
    );
  }
  if (found.distance !== distances[metric]) {
    const wanted = distances[metric];
    throw unlike(collection, `its distance is ${found.distance}, ${metric} needs ${wanted}`);
  }
}

type AllVectors = NonNullable<CollectionInfo['config']['params']['vectors']>;

function vectorsOf(all: AllVectors, { collection, vectorField }: ExistingCollection): VectorParams {
  if (typeof (all as { size?: unknown }).size === 'number') {
    if (vectorField === undefined) return all as VectorParams;
    throw unlike(collection, `its vectors have no name, got vectorField ${vectorField}`);
  }
  const named = all as Readonly<Record<string, VectorParams>>;
  const found = named[vectorField ?? ''];
  if (found !== undefined) return found;
  const names = Object.keys(named).join(', ') || 'none';
  const got = vectorField ?? 'none';
  throw unlike(collection, `vectorField must be one of its vectors (${names}), got ${got}`);
}

function unlike(collection: string, what: string): BenchError {
  return new BenchError('BAD_TARGET', `qdrant: collection ${collection}: ${what}`);
}
