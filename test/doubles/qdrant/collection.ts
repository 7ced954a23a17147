import { type Filter, meets, type Payload } from './filter.js';

/** What a server refuses a request with. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A point as it is stored: under cosine its vector has length 1. */
interface Point {
  readonly id: number;
  readonly vector: Float32Array;
  readonly payload: Payload;
  readonly version: number;
}

/** The body of a query. */
export interface Query {
  readonly query: readonly number[];
  readonly limit?: number;
  readonly filter?: Filter;
  readonly with_payload?: boolean | readonly string[];
  readonly with_vector?: boolean;
}

/** The body of `PUT /collections/NAME`. */
export interface CreateBody {
  readonly vectors: {
    readonly size: number;
    readonly distance: 'Cosine' | 'Euclid' | 'Dot';
    readonly hnsw_config?: { readonly m?: number };
  };
  readonly hnsw_config?: Readonly<Record<string, unknown>>;
  readonly optimizers_config?: Readonly<Record<string, unknown>>;
  readonly quantization_config?: object;
  readonly shard_number?: number;
  readonly replication_factor?: number;
}

type Row = { id: number; vector: number[]; payload?: Payload };
type Batch = { ids: number[]; vectors: number[][]; payloads?: Payload[] };

/** One collection, searched by comparing all points. */
export class DoubleCollection {
  readonly #body: CreateBody;
  readonly #points = new Map<number, Point>();
  readonly #indexes = new Map<string, string>();
  #operation = 0;
  /** How many looks at it find it yellow. */
  yellowLooks = 0;

  constructor(body: CreateBody) {
    this.#body = body;
  }

  createIndex(field: string, type: string): number {
    this.#indexes.set(field, type);
    this.#operation += 2;
    return this.#operation;
  }

  upsert(body: { points?: Row[]; batch?: Batch }): number {
    const { batch } = body;
    const rows: Row[] =
      body.points ??
      (batch?.ids ?? []).map((id, at) => {
        const payload = batch?.payloads?.[at];
        return { id, vector: batch?.vectors[at] ?? [], ...(payload && { payload }) };
      });
    const stored = rows.map(({ id, vector, payload = {} }) => {
      return { id, vector: this.#stored(vector), payload, version: this.#operation + 1 };
    });
    this.#operation += 1;
    for (const point of stored) this.#points.set(point.id, point);
    return this.#operation;
  }

  remove(body: { points?: number[]; filter?: Filter }): number {
    for (const { id, payload } of [...this.#points.values()]) {
      const gone = body.points?.includes(id) ?? (body.filter && meets(payload, body.filter));
      if (gone === true) this.#points.delete(id);
    }
    this.#operation += 1;
    return this.#operation;
  }

  count(filter?: Filter): number {
    return [...this.#points.values()].filter(({ payload }) => !filter || meets(payload, filter))
      .length;
  }

  query({ query, limit = 10, filter, with_payload, with_vector }: Query): object[] {
    const wanted = this.#stored(query);
    const isNear = this.#body.vectors.distance === 'Euclid';
    const found = [...this.#points.values()]
      .filter(({ payload }) => filter === undefined || meets(payload, filter))
      .map((point) => ({ point, score: this.#score(wanted, point.vector) }));
    found.sort((a, b) => (isNear ? a.score - b.score : b.score - a.score));
    return found.slice(0, limit).map(({ point: { id, version, payload, vector }, score }) => ({
      id,
      version,
      score,
      ...(with_payload && { payload: chosen(payload, with_payload) }),
      ...(with_vector && { vector: [...vector] }),
    }));
  }

  info(): object {
    const { vectors, hnsw_config, optimizers_config, quantization_config = null } = this.#body;
    const isYellow = this.yellowLooks > 0;
    if (isYellow) this.yellowLooks -= 1;
    const graph = { m: 16, ef_construct: 100, ...hnsw_config, ...vectors.hnsw_config };
    const optimizers = { ...optimizerDefaults, ...optimizers_config };
    const threshold = optimizers.indexing_threshold;
    const kilobytes = (this.#points.size * vectors.size * 4) / 1024;
    const isIndexed = !isYellow && graph.m > 0 && threshold > 0 && kilobytes > threshold;
    const schema = [...this.#indexes].map(([field, type]) => {
      const points = [...this.#points.values()].filter(({ payload }) => field in payload).length;
      return [field, { data_type: type, points }];
    });
    return {
      status: isYellow ? 'yellow' : 'green',
      optimizer_status: 'ok',
      indexed_vectors_count: isIndexed ? this.#points.size : 0,
      points_count: this.#points.size,
      segments_count: 2,
      config: {
        params: {
          vectors,
          shard_number: this.#body.shard_number ?? 1,
          replication_factor: this.#body.replication_factor ?? 1,
          write_consistency_factor: 1,
          on_disk_payload: true,
        },
        hnsw_config: { ...graphDefaults, ...graph },
        optimizer_config: optimizers,
        wal_config: { wal_capacity_mb: 32, wal_segments_ahead: 0, wal_retain_closed: 1 },
        quantization_config,
      },
      payload_schema: Object.fromEntries(schema),
      update_queue: { length: 0 },
    };
  }

  #stored(values: readonly number[]): Float32Array {
    const { size, distance } = this.#body.vectors;
    if (values.length !== size) {
      const what = `expected dim: ${size}, got ${values.length}`;
      throw new Refused(400, `Wrong input: Vector dimension error: ${what}`);
    }
    if (distance !== 'Cosine') return Float32Array.from(values);
    const length = Math.hypot(...values) || 1;
    return Float32Array.from(values, (value) => value / length);
  }

  #score(a: Float32Array, b: Float32Array): number {
    const isNear = this.#body.vectors.distance === 'Euclid';
    let sum = 0;
    for (let at = 0; at < a.length; at++) {
      const [x, y] = [a[at] as number, b[at] as number];
      sum += isNear ? (x - y) ** 2 : x * y;
    }
    return isNear ? Math.sqrt(sum) : sum;
  }
}

const graphDefaults = { full_scan_threshold: 10_000, max_indexing_threads: 0, on_disk: false };
// As recorded, but for the threshold, which was given there.
const optimizerDefaults = {
  deleted_threshold: 0.2,
  vacuum_min_vector_number: 1000,
  default_segment_number: 0,
  max_segment_size: null,
  memmap_threshold: null,
  indexing_threshold: 20_000,
  flush_interval_sec: 5,
  max_optimization_threads: null,
  prevent_unoptimized: null,
};

function chosen(payload: Payload, fields: true | readonly string[]): Payload {
  if (fields === true) return payload;
  return Object.fromEntries(Object.entries(payload).filter(([name]) => fields.includes(name)));
}
