import { hashFile } from '../../core/files.js';
import type { QueryLog } from '../../core/load/query-order.js';
import { badData } from './data-file.js';
import { jsonRecords } from './jsonl.js';
import { textLines } from './text-lines.js';

// A worker's share of a log is kept in memory, and sent to it for every cell.
const mostEntries = 10_000_000;
const columns = ['query', 'weight', 'timestampMs'] as const;

type Column = (typeof columns)[number];
/** The values of an entry; absent where its line has none. */
type Entry = Readonly<Partial<Record<Column, unknown>>>;

/**
 * Reads a query log: csv with a line of names or JSON lines, plain or `.gz`, with a field `query`
 * (a row of the query file, counted from 0), and in all entries or in none `weight` and
 * `timestampMs`. Entries with time stamps are put in their order.
 *
 * @param queries of the dataset
 * @throws BenchError BAD_DATA for another ending, a missing or damaged file, a query that is not
 *   there, a weight below 0, or no weight above it; with line, value and range
 */
export async function readQueryLog(path: string, queries: number): Promise<QueryLog> {
  const values: Record<Column, number[]> = { query: [], weight: [], timestampMs: [] };
  let line = isCsv(path) ? 1 : 0;
  for await (const entry of isCsv(path) ? csvEntries(path) : jsonRecords(path)) {
    line += 1;
    if (values.query.length === mostEntries) {
      throw badData(path, `it has more than ${mostEntries} entries`, 'take a part of the log');
    }
    addEntry(values, entry as Entry, { path, line, queries });
  }
  if (values.query.length === 0) throw badData(path, 'it has no entry', 'write one query a line');
  if (values.weight.length > 0 && !values.weight.some((weight) => weight > 0)) {
    throw badData(path, 'no weight is above 0', 'weigh the queries that are to be asked');
  }
  return inOrder(values, (await hashFile(path)).hash.digest('hex'));
}

function isCsv(path: string): boolean {
  if (/\.csv(\.gz)?$/.test(path)) return true;
  if (/\.(jsonl|ndjson)(\.gz)?$/.test(path)) return false;
  throw badData(path, 'it is no query log by its name', 'name a .csv, .jsonl or .ndjson file');
}

/** Columns of numbers, so quotes may be about values and mean nothing. */
async function* csvEntries(path: string): AsyncGenerator<Entry> {
  let names: string[] | undefined;
  for await (const { text, number } of textLines(path)) {
    const fields = text.split(',').map((field) => field.trim().replace(/^"(.*)"$/, '$1'));
    if (names === undefined) {
      names = fields.map((field) => field.replace(/^\ufeff"?(.*?)"?$/, '$1'));
      if (names.includes('query')) continue;
      throw badData(path, `its columns are ${names.join(', ')}`, 'name one of them query');
    }
    if (fields.length !== names.length) {
      const expected = `expected ${names.length} as the first line`;
      throw badData(path, `line ${number} has ${fields.length} fields, ${expected}`);
    }
    const named = names.map((name, at) => [name, numberOf(fields[at] as string)] as const);
    yield Object.fromEntries(named.filter(([, value]) => value !== ''));
  }
}

function numberOf(text: string): unknown {
  const value = Number(text);
  return text === '' || Number.isNaN(value) ? text : value;
}

interface Place {
  readonly path: string;
  readonly line: number;
  readonly queries: number;
}

function addEntry(values: Record<Column, number[]>, entry: Entry, place: Place): void {
  const isFirst = values.query.length === 0;
  for (const column of columns) {
    const value = entry[column];
    const wasGiven = isFirst ? value !== undefined : values[column].length > 0;
    const expected = expectedOf(column, value, { wasGiven, queries: place.queries });
    if (expected !== undefined) {
      const found = `${column} is ${JSON.stringify(value) ?? 'missing'}`;
      throw badData(place.path, `line ${place.line}: ${found}, expected ${expected}`);
    }
    if (value !== undefined) values[column].push(value as number);
  }
}

/** What is expected of a value that is not it; weights and time stamps have all entries or none. */
function expectedOf(
  column: Column,
  value: unknown,
  { wasGiven, queries }: { readonly wasGiven: boolean; readonly queries: number },
): string | undefined {
  const isGiven = value !== undefined;
  if (column !== 'query') {
    if (wasGiven !== isGiven) return wasGiven ? 'one, as before' : 'none, as before';
    if (!isGiven) return undefined;
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'a number';
  const rules: Record<Column, string | false> = {
    query: !isRow(value, queries) && `a row, 0..${queries - 1}`,
    weight: value < 0 && 'at least 0',
    timestampMs: false,
  };
  const rule = rules[column];
  return rule === false ? undefined : rule;
}

function isRow(query: number, queries: number): boolean {
  return Number.isInteger(query) && query >= 0 && query < queries;
}

function inOrder(values: Record<Column, number[]>, sha256: string): QueryLog {
  const { query, weight, timestampMs } = values;
  const entries = query.map((_, entry) => entry);
  if (timestampMs.length > 0) {
    entries.sort((a, b) => (timestampMs[a] as number) - (timestampMs[b] as number));
  }
  const rows = Int32Array.from(entries, (entry) => query[entry] as number);
  if (weight.length === 0) return { rows, sha256 };
  return { rows, sha256, weights: Float64Array.from(entries, (entry) => weight[entry] as number) };
}
