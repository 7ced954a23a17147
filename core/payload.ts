/** What a column of a payload may hold. */
export const payloadTypes = ['category', 'integer', 'float', 'boolean', 'text'] as const;
/** What a column of a payload holds. */
export type PayloadType = (typeof payloadTypes)[number];

/** One value of a payload. */
export type PayloadValue = string | number | boolean;

/** Texts of a small set, each row by the place of its text in that set. */
export interface CategoryColumn {
  readonly type: 'category';
  /** Distinct, in the order of their first row. */
  readonly categories: readonly string[];
  /** One a row: an index of `categories`; -1 where the row has no value. */
  readonly codes: Int32Array<SharedArrayBuffer>;
}

/** Numbers: whole ones of up to 2^53 in an integer column. */
export interface NumberColumn {
  readonly type: 'integer' | 'float';
  /** One a row, finite; NaN where the row has no value. */
  readonly values: Float64Array<SharedArrayBuffer>;
}

/** Truth values. */
export interface BooleanColumn {
  readonly type: 'boolean';
  /** One a row: 1 is true, 0 is false, -1 where the row has no value. */
  readonly values: Int8Array<SharedArrayBuffer>;
}

/** Texts of any kind. */
export interface TextColumn {
  readonly type: 'text';
  /** One a row; undefined where the row has no value. */
  readonly values: readonly (string | undefined)[];
}

/** A value for every row of the base, all of one type; structured-cloneable. */
export type PayloadColumn = CategoryColumn | NumberColumn | BooleanColumn | TextColumn;

/** What is known of the rows of a base besides their vectors: columns by name, of equal length. */
export type Payload = Readonly<Record<string, PayloadColumn>>;

/** How many rows a column has. */
export function columnRows(column: PayloadColumn): number {
  return column.type === 'category' ? column.codes.length : column.values.length;
}

/** The value of one row of a column; undefined where the row has none. */
export function payloadValue(column: PayloadColumn, row: number): PayloadValue | undefined {
  if (column.type === 'text') return column.values[row];
  if (column.type === 'category') return column.categories[column.codes[row] as number];
  const value = column.values[row] as number;
  if (column.type === 'boolean') return value < 0 ? undefined : value === 1;
  return Number.isNaN(value) ? undefined : value;
}

/** A part of the rows of a payload; numbers are views of the same memory. */
export function payloadSlice(payload: Payload, from: number, count: number): Payload {
  const end = from + count;
  const slices = Object.entries(payload).map(([name, column]): [string, PayloadColumn] => {
    if (column.type === 'category') {
      return [name, { ...column, codes: column.codes.subarray(from, end) }];
    }
    if (column.type === 'text')
      return [name, { ...column, values: column.values.slice(from, end) }];
    if (column.type === 'boolean') {
      return [name, { ...column, values: column.values.subarray(from, end) }];
    }
    return [name, { ...column, values: column.values.subarray(from, end) }];
  });
  return Object.fromEntries(slices);
}

/** One row of a payload by column; columns in which it has no value are left out. */
export function payloadRow(payload: Payload, row: number): Record<string, PayloadValue> {
  const found: Record<string, PayloadValue> = {};
  for (const name in payload) {
    const value = payloadValue(payload[name] as PayloadColumn, row);
    if (value !== undefined) found[name] = value;
  }
  return found;
}
