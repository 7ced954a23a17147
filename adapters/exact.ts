import { z } from 'zod';
import type {
  Adapter,
  CollectionSpec,
  Hits,
  Metric,
  SearchRequest,
  Store,
  VectorBatch,
  VectorOperations,
} from '../core/adapter.js';
import { BenchError } from '../core/errors.js';
import { type Filter, filterKinds } from '../core/filter.js';
import { norm } from '../core/measure/distance.js';
import { payloadTypes } from '../core/payload.js';
import {
  chosenRows,
  columnBytes,
  emptyColumns,
  putColumns,
  type StoredColumns,
} from './exact/columns.js';

/** The rows, in memory that all threads of the process share. */
interface Rows {
  readonly metric: Metric;
  readonly dimensions: number;
  readonly ids: Int32Array<SharedArrayBuffer>;
  readonly vectors: Float32Array<SharedArrayBuffer>;
  /** How many rows there are; one value. */
  readonly count: Int32Array<SharedArrayBuffer>;
  /** 1 over each row's norm; ones but for cosine. */
  readonly scales: Float64Array<SharedArrayBuffer>;
  /** Numbers are shared as well; texts are copied to each thread. */
  readonly columns: StoredColumns;
}

interface ExactSearch {
  readonly vectors: readonly Float32Array[];
  readonly k: number;
  readonly filter: Filter | undefined;
}

/** Larger is nearer; under cosine the query's own norm changes no order and is left out. */
function score(rows: Rows, query: Float32Array, row: number): number {
  const { dimensions, vectors, metric } = rows;
  const from = row * dimensions;
  let sum = 0;
  if (metric === 'l2') {
    for (let column = 0; column < dimensions; column++) {
      const difference = (query[column] as number) - (vectors[from + column] as number);
      sum -= difference * difference;
    }
    return sum;
  }
  for (let column = 0; column < dimensions; column++) {
    sum += (query[column] as number) * (vectors[from + column] as number);
  }
  return sum * (rows.scales[row] as number);
}

/** What is asked of the rows: the k nearest of those that are chosen, of all where none are. */
interface Wanted {
  readonly k: number;
  readonly chosen: Int32Array | undefined;
}

/** The k nearest ids, nearest first, ties by the earlier row; -1 where there are fewer rows. */
function nearest(rows: Rows, query: Float32Array, { k, chosen }: Wanted): Int32Array {
  const ids = new Int32Array(k).fill(-1);
  const scores = new Float64Array(k).fill(Number.NEGATIVE_INFINITY);
  const count = chosen?.length ?? (rows.count[0] as number);
  for (let index = 0; index < count; index++) {
    const row = chosen === undefined ? index : (chosen[index] as number);
    const value = score(rows, query, row);
    if (value <= (scores[k - 1] as number)) continue;
    let place = k - 1;
    while (place > 0 && value > (scores[place - 1] as number)) {
      scores[place] = scores[place - 1] as number;
      ids[place] = ids[place - 1] as number;
      place -= 1;
    }
    scores[place] = value;
    ids[place] = rows.ids[row] as number;
  }
  return ids;
}

function allocate(spec: CollectionSpec): Rows {
  const { rows, dimensions, metric } = spec;
  return {
    metric,
    dimensions,
    ids: new Int32Array(new SharedArrayBuffer(rows * 4)),
    vectors: new Float32Array(new SharedArrayBuffer(rows * dimensions * 4)),
    count: new Int32Array(new SharedArrayBuffer(4)),
    scales: new Float64Array(new SharedArrayBuffer(rows * 8)).fill(1),
    columns: emptyColumns(spec.payload ?? [], rows),
  };
}

function append(rows: Rows, known: Set<number>, batch: VectorBatch): void {
  const from = rows.count[0] as number;
  const { ids, vectors, payload = {} } = batch;
  if (from + ids.length > rows.ids.length) {
    throw new BenchError('STORE_FAILED', `exact: row ${from + ids.length} is one too many`, {
      hint: `the collection was made for ${rows.ids.length} rows`,
    });
  }
  putColumns(rows.columns, payload, from);
  for (const id of ids) {
    if (known.has(id)) throw new BenchError('STORE_FAILED', `exact: id ${id} is there already`);
    known.add(id);
  }
  rows.ids.set(ids, from);
  rows.vectors.set(vectors, from * rows.dimensions);
  if (rows.metric === 'cosine') {
    for (let row = from; row < from + ids.length; row++) {
      const at = row * rows.dimensions;
      const vector = rows.vectors.subarray(at, at + rows.dimensions);
      rows.scales[row] = 1 / norm(vector);
    }
  }
  rows.count[0] = from + ids.length;
}

/** The rows that filters choose, found once for each filter and kept. */
function chooser(): (filter: Filter, rows: Rows) => Int32Array {
  const known = new WeakMap<Filter, { readonly of: number; readonly chosen: Int32Array }>();
  return (filter, { columns, count }) => {
    const of = count[0] as number;
    const kept = known.get(filter);
    if (kept?.of === of) return kept.chosen;
    const chosen = chosenRows(filter, columns, of);
    known.set(filter, { of, chosen });
    return chosen;
  };
}

/** One collection: what can be done with it, and how many bytes it takes. */
interface Collection {
  readonly vectors: VectorOperations;
  readonly bytes: () => number;
}

function openCollection(): Collection {
  let open: Rows | undefined;
  let choose = chooser();
  const known = new Set<number>();
  const hold = (held: Rows | undefined): void => {
    open = held;
    choose = chooser();
  };
  const rows = (): Rows => {
    if (open === undefined) throw new BenchError('STORE_FAILED', 'exact: no collection is open');
    return open;
  };
  const prepare = (requests: readonly SearchRequest[]): ExactSearch => {
    const { k = 1, filter } = requests[0] ?? {};
    if (filter !== undefined && open !== undefined) choose(filter, open);
    return { vectors: requests.map(({ vector }) => vector), k, filter };
  };
  const search = async (prepared: unknown): Promise<Hits> => {
    const { vectors, k, filter } = prepared as ExactSearch;
    const wanted = { k, chosen: filter && choose(filter, rows()) };
    const ids = new Int32Array(vectors.length * k);
    for (const [index, query] of vectors.entries()) {
      ids.set(nearest(rows(), query, wanted), index * k);
    }
    return { ids };
  };
  const vectors: VectorOperations = {
    create: async (spec) => hold(allocate(spec)),
    prepareUpsert: (batch) => batch,
    upsert: async (prepared) => append(rows(), known, prepared as VectorBatch),
    finish: async () => [],
    count: async () => rows().count[0] as number,
    handle: () => rows(),
    open: async (handle) => hold(handle as Rows),
    prepareSearch: (request) => prepare([request]),
    search,
    prepareSearchBatch: prepare,
    searchBatch: search,
    drop: async () => {
      hold(undefined);
      known.clear();
    },
  };
  const bytes = (): number => {
    const { ids, vectors: values, scales, columns } = rows();
    return ids.byteLength + values.byteLength + scales.byteLength + columnBytes(columns);
  };
  return { vectors, bytes };
}

/** Brute force in the client's own thread: the oracle, and the example to copy. */
const adapter: Adapter = {
  title: 'Exact search by brute force, in plain TypeScript',
  kind: 'embedded',
  inProcess: true,
  transports: ['client'],
  metrics: ['l2', 'ip', 'cosine'],
  payload: { types: payloadTypes, filters: filterKinds, returns: false },
  options: z.strictObject({}),
  indexes: [
    { family: 'flat', title: 'every row is compared', params: {}, search: {}, exact: true },
  ],
  abilities: ['batch', 'footprint'],
  async connect(): Promise<Store> {
    const { vectors, bytes } = openCollection();
    return {
      vectors,
      describe: async () => ({
        version: process.version,
        settings: { kernel: 'plain TypeScript, float64 sums', callsInFlight: 1 },
        warnings: [],
        pids: [],
      }),
      footprint: async () => ({ engineBytes: bytes() }),
      close: async () => undefined,
    };
  },
};

export default adapter;
