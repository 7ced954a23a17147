import type { CollectionSpec } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import type { Collection, Queries } from './collection.js';
import { idsOf } from './collection.js';
import type { Usearch } from './package.js';

/** Rows for `exactSearch`, which finds their places. */
interface FlatRows {
  readonly ids: Int32Array;
  readonly vectors: Float32Array;
  readonly dimensions: number;
  readonly metric: string;
  readonly threads: number;
}

/** The rows of a collection in memory that threads share. */
export interface FlatHandle {
  readonly kind: 'flat';
  readonly rows: FlatRows;
}

/** An empty collection for the rows that a spec announces. @param metric as usearch calls it */
export function createFlat(usearch: Usearch, spec: CollectionSpec, metric: string): Collection {
  const { rows, dimensions, searchThreads } = spec;
  return flatOver(usearch, {
    ids: new Int32Array(rows),
    vectors: new Float32Array(rows * dimensions),
    dimensions,
    metric,
    threads: searchThreads,
  });
}

/** The collection of another thread, copied: usearch does not take shared memory. */
export function openFlat(usearch: Usearch, { rows }: FlatHandle): Collection {
  const { ids, vectors } = rows;
  const copy = { ...rows, ids: new Int32Array(ids), vectors: new Float32Array(vectors) };
  return flatOver(usearch, copy, ids.length);
}

function flatOver(usearch: Usearch, rows: FlatRows, stored = 0): Collection {
  let count = stored;
  const { ids, vectors, dimensions } = rows;
  return {
    check: () => undefined,
    add(addition) {
      if (count + addition.ids.length > ids.length) {
        throw new BenchError('STORE_FAILED', `usearch: the collection is for ${ids.length} rows`);
      }
      ids.set(addition.ids, count);
      vectors.set(addition.rows, count * dimensions);
      count += addition.ids.length;
    },
    count: () => count,
    search: (queries) => search(usearch, rows, { queries, count }),
    bytes: () => count * (dimensions + 1) * 4,
    handle: (): FlatHandle => ({
      kind: 'flat',
      rows: {
        ...rows,
        ids: shared(Int32Array, ids.subarray(0, count)),
        vectors: shared(Float32Array, vectors.subarray(0, count * dimensions)),
      },
    }),
    close: () => undefined,
  };
}

function search(
  usearch: Usearch,
  { ids, vectors, dimensions, metric, threads }: FlatRows,
  { queries, count }: { readonly queries: Queries; readonly count: number },
): Int32Array {
  // usearch reads behind the rows when more are wanted than there are.
  const wanted = Math.min(queries.k, count);
  const rows = vectors.subarray(0, count * dimensions);
  const found = usearch.exactSearch(rows, queries.vectors, dimensions, wanted, metric, threads);
  const places = idsOf(found, { queries: queries.count, k: queries.k, wanted });
  return places.map((place) => (place < 0 ? -1 : (ids[place] as number)));
}

function shared<T extends Int32Array | Float32Array>(
  make: new (buffer: SharedArrayBuffer) => T,
  values: T,
): T {
  const copy = new make(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}
