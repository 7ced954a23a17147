import type { Payload, PayloadColumn, PayloadType, PayloadValue } from '../../core/payload.js';
import { badData } from './data-file.js';
import { columnOf, inferType, type RawValues, readTexts, textColumn } from './payload-columns.js';
import { csvRecords } from './payload-csv.js';
import { jsonPayloadRecords } from './payload-jsonl.js';

/** What a payload has to fit, and how its values are to be taken. */
export interface PayloadRequest {
  /** Of the base. */
  readonly rows: number;
  /** The columns to read, and their types; all, of types that their values have, if not given. */
  readonly types?: Readonly<Record<string, PayloadType>>;
}

/** One row of a payload; an absent value is missing or undefined. */
export interface PayloadRecord {
  /** Where it stands in its file, counted from 1. */
  readonly line: number;
  readonly values: Readonly<Record<string, PayloadValue | undefined>>;
}

interface PayloadReader {
  /** Whether all values are texts, whatever they spell. */
  readonly isText: boolean;
  records(path: string, request: PayloadRequest): AsyncIterable<PayloadRecord>;
}

const readers: Readonly<Record<string, PayloadReader>> = {
  '.csv': { isText: true, records: csvRecords },
  '.jsonl': { isText: false, records: jsonPayloadRecords },
};

/**
 * Reads what is known of the rows of a base: a csv file with a line of names, or a JSON-lines file
 * with an object a row; either may be packed (`.gz`). The n-th record belongs to row n. An empty
 * field, a null or a missing name is an absent value. Types that are not given are those that all
 * values of a column have: boolean, integer, float, category where texts are few and short, text.
 *
 * @throws BenchError BAD_DATA with the line for what is no csv or JSON, a value of another type
 *   than its column, or another number of records than rows
 */
export async function readPayload(path: string, request: PayloadRequest): Promise<Payload> {
  const ending = Object.keys(readers).find((one) => path.replace(/\.gz$/, '').endsWith(one));
  const reader = ending === undefined ? undefined : readers[ending];
  if (reader === undefined) {
    const known = Object.keys(readers).join(', ');
    throw badData(path, `its ending is not known, expected one of ${known} (or with .gz)`);
  }
  const table = await collect(path, reader, request);
  const columns: [string, PayloadColumn][] = [];
  for (const [name, found] of table.columns) {
    const type = request.types?.[name];
    const values = reader.isText ? readTexts(found as (string | undefined)[], type) : found;
    columns.push([name, typedColumn({ path, name, values, lines: table.lines }, type)]);
    // What was read for it is let go before the next column is made.
    table.columns.delete(name);
  }
  return Object.fromEntries(columns);
}

interface RawTable {
  readonly columns: Map<string, (PayloadValue | undefined)[]>;
  /** The line of each row. */
  readonly lines: Float64Array;
}

async function collect(
  path: string,
  reader: PayloadReader,
  request: PayloadRequest,
): Promise<RawTable> {
  const { rows, types } = request;
  const named = Object.keys(types ?? {}).map((name) => [name, new Array(rows)] as const);
  const columns = new Map<string, (PayloadValue | undefined)[]>(named);
  const lines = new Float64Array(rows);
  let row = 0;
  for await (const { line, values } of reader.records(path, request)) {
    if (row >= rows) {
      const found = `line ${line} begins record ${row + 1}`;
      throw badData(path, `${found}, expected ${rows} records as the base has rows`);
    }
    for (const [name, value] of Object.entries(values)) {
      const column = columns.get(name) ?? new Array(rows);
      if (types === undefined) columns.set(name, column);
      column[row] = value;
    }
    lines[row] = line;
    row += 1;
  }
  if (row < rows) {
    throw badData(path, `it has ${row} records, expected ${rows} as the base has rows`);
  }
  requirePresent(path, columns, types);
  return { columns, lines };
}

function requirePresent(
  path: string,
  columns: RawTable['columns'],
  types: PayloadRequest['types'],
): void {
  for (const name of Object.keys(types ?? {})) {
    if (columns.get(name)?.some((value) => value !== undefined)) continue;
    throw badData(path, `no record has a value for ${name}`, 'name a column of the file');
  }
}

interface NamedValues {
  readonly path: string;
  readonly name: string;
  readonly values: RawValues;
  readonly lines: Float64Array;
}

function typedColumn(named: NamedValues, given: PayloadType | undefined): PayloadColumn {
  const { path, name, values, lines } = named;
  const odd = (row: number, expected: string): Error => {
    const found = JSON.stringify(values[row]).slice(0, 60);
    const hint = 'make all values of a column alike, or give its type (text takes any value)';
    return badData(path, `line ${lines[row]}: ${name} is ${found}, expected ${expected}`, hint);
  };
  if (given === undefined) {
    const inferred = inferType(values);
    if ('oddRow' in inferred) throw odd(inferred.oddRow, 'a value of the kind of those before');
    if (inferred.type === undefined) return textColumn(values as (string | undefined)[]);
    return typedColumn(named, inferred.type);
  }
  const made = columnOf(given, values);
  if ('oddRow' in made) throw odd(made.oddRow, `a value of type ${given}`);
  return made.column;
}
