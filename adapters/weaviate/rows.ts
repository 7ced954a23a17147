import type { Hits, SearchRequest, VectorBatch } from '../../core/adapter.js';
import { type Payload, type PayloadValue, payloadRow } from '../../core/payload.js';
import { notARow, rowOfUuid, uuidOf } from './names.js';
import type { CollectionView, Property } from './transport.js';

/** A row in the words of the server. */
export interface Row {
  readonly uuid: string;
  readonly vector: Float32Array;
  readonly properties: Readonly<Record<string, PayloadValue>>;
}

/** The rows of a batch. */
export function rowsOf({ ids, vectors, payload }: VectorBatch, view: CollectionView): Row[] {
  const values = vectors instanceof Float32Array ? vectors : Float32Array.from(vectors);
  const dimensions = values.length / Math.max(1, ids.length);
  return Array.from(ids, (id, row) => ({
    uuid: uuidOf(id),
    vector: values.subarray(row * dimensions, (row + 1) * dimensions),
    properties: payload === undefined ? {} : propertiesOf(payload, row, view),
  }));
}

function propertiesOf(
  payload: Payload,
  row: number,
  { columns }: CollectionView,
): Record<string, PayloadValue> {
  const found: Record<string, PayloadValue> = {};
  for (const [column, value] of Object.entries(payloadRow(payload, row))) {
    // A filter on 0 would not find -0.
    found[columns[column]?.name ?? column] = value === 0 ? 0 : value;
  }
  return found;
}

/** What is wanted of an answer. */
export interface Reading {
  readonly k: number;
  /** The property with the row numbers, if they are not in the ids. */
  readonly idProperty: string | undefined;
  /** Columns that are to come with the ids. */
  readonly payload: readonly { readonly column: string; readonly property: string }[] | undefined;
}

/** How the answer to a request is to be read. */
export function readingOf({ k, payload }: SearchRequest, view: CollectionView): Reading {
  const { columns, idProperty } = view;
  const wanted = payload?.map((column) => {
    const known: Property | undefined = columns[column];
    return { column, property: known?.name ?? column };
  });
  return { k, idProperty, payload: wanted };
}

/** The properties that an answer must hold. */
export function wantedProperties({ idProperty, payload }: Reading): string[] {
  const wanted = (payload ?? []).map(({ property }) => property);
  return idProperty === undefined ? wanted : [...new Set([...wanted, idProperty])];
}

/** How a row of an answer is looked into. */
export interface RowAccess<T> {
  uuid(row: T): string;
  /** Undefined or null where the row has no value. */
  value(row: T, property: string): unknown;
}

/**
 * Ids and payload of an answer.
 *
 * @throws BenchError STORE_FAILED when an id is no row number
 */
export function hitsOf<T>(found: readonly T[], reading: Reading, access: RowAccess<T>): Hits {
  const { k, idProperty, payload } = reading;
  const ids = new Int32Array(k).fill(-1);
  const count = Math.min(found.length, k);
  for (let place = 0; place < count; place++) {
    const row = found[place] as T;
    ids[place] =
      idProperty === undefined
        ? rowOfUuid(access.uuid(row))
        : rowNumber(access.value(row, idProperty));
  }
  if (payload === undefined) return { ids };
  const pick = (row: T): Record<string, PayloadValue> => {
    const picked: Record<string, PayloadValue> = {};
    for (const { column, property } of payload) {
      const value = access.value(row, property);
      if (value !== undefined && value !== null) picked[column] = value as PayloadValue;
    }
    return picked;
  };
  return { ids, payload: found.slice(0, count).map(pick) };
}

function rowNumber(value: unknown): number {
  const row = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof row === 'number' && Number.isInteger(row) && row >= 0 && row < 2 ** 31) return row;
  throw notARow(value);
}
