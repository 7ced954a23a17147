import type { CollectionSpec, PayloadField, VectorBatch } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import {
  type PayloadColumn,
  type PayloadType,
  type PayloadValue,
  payloadValue,
} from '../../core/payload.js';
import type { FieldRequest, FoundRow } from './package.js';

/** Where a collection of bench has the row numbers. */
export const ownIdField = 'id';
/** Where a collection of bench has the vectors. */
export const ownVectorField = 'vector';

const mostTextBytes = 65_535;

/** The field of a column: with a prefix, as a column may be named like a word of expressions. */
export function ownFieldOf(column: string): string {
  return `c_${column}`;
}

/**
 * What is stored where a row has no value. Milvus before 2.5 has no empty fields, so it is a value
 * that no row may have: numbers beyond what a column holds, a third number beside 0 and 1 for
 * truth values, and a text that is refused if a row has it.
 */
export const absent = {
  category: 'bench:no value',
  text: 'bench:no value',
  integer: '-9223372036854775808',
  float: -Number.MAX_VALUE,
  boolean: -1,
} as const satisfies Readonly<Record<PayloadType, PayloadValue>>;

const dataTypes: Readonly<Record<PayloadType, FieldRequest['data_type']>> = {
  category: 'VarChar',
  text: 'VarChar',
  integer: 'Int64',
  float: 'Double',
  boolean: 'Int8',
};

/** The fields of a collection: row number, vector, and one for each column of the payload. */
export function fieldsOf({ dimensions, payload = [] }: CollectionSpec): FieldRequest[] {
  return [
    { name: ownIdField, data_type: 'Int64', is_primary_key: true },
    { name: ownVectorField, data_type: 'FloatVector', dim: dimensions },
    ...payload.map(({ name, type }): FieldRequest => {
      const field = { name: ownFieldOf(name), data_type: dataTypes[type] };
      return field.data_type === 'VarChar' ? { ...field, max_length: mostTextBytes } : field;
    }),
  ];
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Rows as the client takes them.
 *
 * @param fields the columns that the collection was made for
 * @throws BenchError UNSUPPORTED for a text that is too long, or a value that means none
 */
export function rowsOf(batch: VectorBatch, fields: readonly PayloadField[]): Row[] {
  const { ids, vectors, payload = {} } = batch;
  const dimensions = vectors.length / Math.max(1, ids.length);
  const columns = fields.map(({ name, type }) => {
    const column = payload[name];
    return [ownFieldOf(name), column === undefined ? () => absent[type] : stored(column)] as const;
  });
  return Array.from(ids, (id, row) => {
    const found: Record<string, unknown> = {
      [ownIdField]: id,
      [ownVectorField]: vectors.subarray(row * dimensions, (row + 1) * dimensions),
    };
    for (const [field, storedOf] of columns) found[field] = storedOf(row);
    return found;
  });
}

function stored(column: PayloadColumn): (row: number) => PayloadValue {
  const none = absent[column.type];
  return (row) => {
    const value = payloadValue(column, row);
    if (value === undefined) return none;
    if (typeof value === 'boolean') return value ? 1 : 0;
    if (value === none) {
      const message = `milvus: a row has the value ${JSON.stringify(value)}, which stands for none`;
      throw new BenchError('UNSUPPORTED', message);
    }
    if (typeof value === 'string' && Buffer.byteLength(value) > mostTextBytes) {
      const bytes = Buffer.byteLength(value);
      const message = `milvus: a text has ${bytes} bytes, the most is ${mostTextBytes}`;
      throw new BenchError('UNSUPPORTED', message, {
        hint: `it begins with ${JSON.stringify(value.slice(0, 40))}`,
      });
    }
    return value;
  };
}

/** A column that comes with the rows found. */
export interface WantedColumn {
  readonly name: string;
  readonly field: string;
  readonly type: PayloadType;
  /** Rows without a value have {@link absent} there. */
  readonly isOwn: boolean;
}

/** The payload of a row found; columns in which it has no value are left out. */
export function payloadOf(
  row: FoundRow,
  columns: readonly WantedColumn[],
): Record<string, PayloadValue> {
  const found: Record<string, PayloadValue> = {};
  for (const column of columns) {
    const value = decoded(row[column.field], column);
    if (value !== undefined) found[column.name] = value;
  }
  return found;
}

function decoded(value: unknown, { type, isOwn }: WantedColumn): PayloadValue | undefined {
  if (value === undefined || value === null) return undefined;
  if (isOwn && value === absent[type]) return undefined;
  // The client gives whole numbers of 64 bits as text.
  if (type === 'integer' || type === 'float') return Number(value);
  if (type === 'boolean') return value === true || value === 1;
  return String(value);
}

/**
 * The row number of a row found.
 *
 * @throws BenchError STORE_FAILED where it has none
 */
export function idOf(row: FoundRow, field: string): number {
  const value = row[field];
  const id = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < 2 ** 31) return id;
  const message = `milvus: ${field} is ${JSON.stringify(value)}, which is no row number`;
  throw new BenchError('STORE_FAILED', message, {
    hint: 'where the primary key is no row number, name the field that holds it: idField',
  });
}
