import type { Hits, SearchRequest } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import type { PayloadValue } from '../../core/payload.js';
import type { ScoredPoint } from './api.js';
import type { Answers } from './transport.js';

/** What is wanted of answers: k ids a query, and columns of the payload. */
export interface Wanted {
  readonly k: number;
  /** Where the payload has the ids; the points' own where it is left out. */
  readonly idField: string | undefined;
  readonly columns: readonly string[] | undefined;
}

/** What requests of one batch want. */
export function wantedOf(requests: readonly SearchRequest[], idField: string | undefined): Wanted {
  const [first] = requests;
  if (first === undefined) throw new BenchError('BAD_ARGUMENT', 'qdrant: a batch of no queries');
  return { k: first.k, idField, columns: first.payload };
}

/**
 * Answers as ids.
 *
 * @throws BenchError STORE_FAILED where a point has no row number
 */
export function hitsOf({ lists, timeS }: Answers, { k, idField, columns }: Wanted): Hits {
  const ids = new Int32Array(lists.length * k).fill(-1);
  for (let query = 0; query < lists.length; query++) {
    const points = lists[query] as readonly ScoredPoint[];
    const count = Math.min(points.length, k);
    for (let place = 0; place < count; place++) {
      ids[query * k + place] = rowOf(points[place] as ScoredPoint, idField);
    }
  }
  const engineNs = Math.round(timeS * 1e9);
  if (columns === undefined) return { ids, engineNs };
  const payload = lists.flatMap((points) => points.map((point) => pick(point, columns)));
  return { ids, engineNs, payload };
}

function rowOf({ id, payload }: ScoredPoint, idField: string | undefined): number {
  const row = idField === undefined ? id : payload?.[idField];
  if (typeof row === 'number' && Number.isInteger(row) && row >= 0 && row < 2 ** 31) return row;
  const what = idField === undefined ? 'id' : `payload.${idField}`;
  throw new BenchError('STORE_FAILED', `qdrant: ${what} is ${row}, which is no row number`, {
    hint: 'give the field of the payload that holds the row numbers as idField',
  });
}

function pick(
  { payload }: ScoredPoint,
  columns: readonly string[],
): Readonly<Record<string, PayloadValue>> {
  const found: Record<string, PayloadValue> = {};
  for (const name of columns) {
    const value = payload?.[name];
    if (value !== undefined && value !== null) found[name] = value as PayloadValue;
  }
  return found;
}
