import type { Hits, PayloadField, SearchRequest, VectorBatch } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import { type PayloadValue, payloadRow } from '../../core/payload.js';
import type { Metadata, QueryAnswer } from './package.js';
import { absenceKey } from './where.js';

/** Rows of one request. */
export interface Rows {
  readonly ids: readonly string[];
  /** Row after row. */
  readonly vectors: Float32Array;
  readonly metadatas?: readonly Metadata[];
}

/** What answers are read by. */
export interface Reading {
  /** How many queries were asked, and how many ids each of them wanted. */
  readonly queries: number;
  readonly k: number;
  /** Where the numbers of the rows are, if not in the ids. */
  readonly idField: string | undefined;
  /** Columns that are to come with the ids. */
  readonly payload: readonly string[] | undefined;
}

/** How a request's answer is to be read; all requests of a batch share it. */
export function readingOf(
  requests: readonly SearchRequest[],
  idField: string | undefined,
): Reading {
  const [first] = requests;
  if (first === undefined) throw new BenchError('BAD_ARGUMENT', 'chroma: a batch of no queries');
  return { queries: requests.length, k: first.k, idField, payload: first.payload };
}

/** Whether an answer must hold metadata. */
export function needsMetadata({ idField, payload }: Reading): boolean {
  return idField !== undefined || payload !== undefined;
}

/** Rows in requests of the size that the server takes, with ids as texts. */
export function rowsOf(
  { ids, vectors, payload }: VectorBatch,
  { fields = [], most }: { readonly fields?: readonly PayloadField[]; readonly most: number },
): Rows[] {
  const values = vectors instanceof Float32Array ? vectors : Float32Array.from(vectors);
  const dimensions = ids.length === 0 ? 0 : values.length / ids.length;
  const metadataOf = (row: number): Metadata => {
    const found = payload === undefined ? {} : payloadRow(payload, row);
    for (const { name, type } of fields) {
      const isNumber = type === 'integer' || type === 'float';
      if (isNumber && found[name] === undefined) found[absenceKey(name)] = true;
    }
    return Object.keys(found).length === 0 ? null : found;
  };
  const parts: Rows[] = [];
  for (let from = 0; from < ids.length; from += most) {
    const part = ids.subarray(from, from + most);
    parts.push({
      ids: Array.from(part, String),
      vectors: values.subarray(from * dimensions, (from + part.length) * dimensions),
      ...(payload !== undefined && {
        metadatas: Array.from(part, (_, row) => metadataOf(from + row)),
      }),
    });
  }
  return parts;
}

/**
 * Ids and payload of an answer.
 *
 * @throws BenchError STORE_FAILED when an id is no row number, or it is no answer to the queries
 */
export function hitsOf({ ids, metadatas }: Partial<QueryAnswer>, reading: Reading): Hits {
  const { queries, k, idField, payload } = reading;
  if (ids?.length !== queries) {
    const message = `chroma: expected the ids of ${queries} queries, got ${ids?.length ?? 'none'}`;
    throw new BenchError('STORE_FAILED', message, {
      hint: 'is it Chroma that answers, or a proxy before it?',
    });
  }
  const found = new Int32Array(queries * k).fill(-1);
  for (let query = 0; query < queries; query++) {
    const own = ids[query] ?? [];
    for (let place = 0; place < own.length; place++) {
      const metadata = metadatas?.[query]?.[place];
      found[query * k + place] = numberOf(
        idField === undefined ? (own[place] as string) : metadata?.[idField],
      );
    }
  }
  if (payload === undefined) return { ids: found };
  const all = (metadatas ?? []).flat();
  return { ids: found, payload: all.map((metadata) => pick(metadata, payload)) };
}

function numberOf(value: PayloadValue | undefined): number {
  const id = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof id === 'number' && Number.isInteger(id)) return id;
  throw new BenchError('STORE_FAILED', `chroma: id ${JSON.stringify(value)} is no row number`, {
    hint: 'where the ids are no numbers, name the metadata that holds them: idField',
  });
}

function pick(metadata: Metadata, columns: readonly string[]): Record<string, PayloadValue> {
  const picked: Record<string, PayloadValue> = {};
  for (const name of columns) {
    const value = metadata?.[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}
