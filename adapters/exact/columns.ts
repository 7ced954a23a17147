import type { PayloadField } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import { type Filter, fieldsOf, matchingRows } from '../../core/filter.js';
import type {
  BooleanColumn,
  CategoryColumn,
  NumberColumn,
  Payload,
  PayloadColumn,
  TextColumn,
} from '../../core/payload.js';

/** A category to which texts are added as they come. */
interface GrowingCategory extends CategoryColumn {
  readonly categories: string[];
}

/** Texts that are put in as they come. */
interface GrowingText extends TextColumn {
  readonly values: (string | undefined)[];
}

/** A column with room for all rows; numbers lie in memory that all threads of the process share. */
export type StoredColumn = GrowingCategory | NumberColumn | BooleanColumn | GrowingText;

/** What is stored beside the vectors, by its name. */
export type StoredColumns = Readonly<Record<string, StoredColumn>>;

/** Columns in which no row has a value yet. */
export function emptyColumns(fields: readonly PayloadField[], rows: number): StoredColumns {
  return Object.fromEntries(fields.map(({ name, type }) => [name, emptyColumn(type, rows)]));
}

function emptyColumn(type: PayloadField['type'], rows: number): StoredColumn {
  if (type === 'category') {
    const codes = new Int32Array(new SharedArrayBuffer(4 * rows)).fill(-1);
    return { type, categories: [], codes };
  }
  if (type === 'text') return { type, values: Array.from({ length: rows }, () => undefined) };
  if (type === 'boolean') {
    return { type, values: new Int8Array(new SharedArrayBuffer(rows)).fill(-1) };
  }
  return { type, values: new Float64Array(new SharedArrayBuffer(8 * rows)).fill(Number.NaN) };
}

/**
 * Puts the payload of a batch into the rows from a place on.
 *
 * @throws BenchError BAD_ARGUMENT where a column is missing or of another type
 */
export function putColumns(columns: StoredColumns, payload: Payload, from: number): void {
  for (const [name, column] of Object.entries(columns)) {
    const given = payload[name];
    if (given === undefined || !put(column, given, from)) {
      const got = given === undefined ? 'none' : given.type;
      const message = `exact: payload ${name} must be of type ${column.type}, got ${got}`;
      throw new BenchError('BAD_ARGUMENT', message);
    }
  }
}

/** Whether a column took the values, which it does where they are of its type. */
function put(column: StoredColumn, given: PayloadColumn, from: number): boolean {
  if (column.type === 'category') {
    if (given.type !== 'category') return false;
    column.codes.set(recoded(given, column.categories), from);
    return true;
  }
  if (column.type === 'text') {
    if (given.type !== 'text') return false;
    given.values.forEach((value, row) => {
      column.values[from + row] = value;
    });
    return true;
  }
  if (given.type !== column.type) return false;
  column.values.set(given.values, from);
  return true;
}

/** The codes of a batch by the categories that are known, to which its own are added. */
function recoded({ categories, codes }: CategoryColumn, known: string[]): Int32Array {
  const codeOf = new Map(known.map((text, code) => [text, code]));
  const newCodes = categories.map((text) => {
    const code = codeOf.get(text);
    return code ?? known.push(text) - 1;
  });
  return codes.map((code) => (code < 0 ? -1 : (newCodes[code] as number)));
}

/**
 * The rows among the first `count` that meet a filter, in their order.
 *
 * @throws BenchError BAD_ARGUMENT where it names a column that is not stored
 */
export function chosenRows(filter: Filter, columns: StoredColumns, count: number): Int32Array {
  const strange = fieldsOf(filter).find((name) => columns[name] === undefined);
  if (strange !== undefined) {
    throw new BenchError('BAD_ARGUMENT', `exact: no payload ${strange} is stored to filter by`);
  }
  const meets = matchingRows(filter, columns).subarray(0, count);
  const rows = new Int32Array(meets.reduce((sum, met) => sum + met, 0));
  let found = 0;
  for (const [row, met] of meets.entries()) {
    if (met === 1) rows[found++] = row;
  }
  return rows;
}

/** The bytes of the columns, of texts those of UTF-8. */
export function columnBytes(columns: StoredColumns): number {
  const sizes = Object.values(columns).map((column) => {
    if (column.type === 'category') return column.codes.byteLength + textBytes(column.categories);
    return column.type === 'text' ? textBytes(column.values) : column.values.byteLength;
  });
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

function textBytes(texts: readonly (string | undefined)[]): number {
  return texts.reduce((sum, text = '') => sum + Buffer.byteLength(text), 0);
}
