import { pipeline, Readable } from 'node:stream';
import { CsvError, type Info, parse } from 'csv-parse';
import { badData } from './data-file.js';
import type { PayloadRecord } from './payload.js';
import { textLines } from './text-lines.js';

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: Info;
}

const linesAChunk = 500;
const longestRecord = 4 * 1024 * 1024;

/**
 * The records of a csv payload, all values as texts: comma-separated, the first record has the
 * names of the columns. A field may be quoted and then hold commas, doubled quotes and ends of
 * lines. An empty field has no value.
 *
 * @throws BenchError BAD_DATA with the line for quotes that do not match, a record with another
 *   number of fields than names, or names that are missing or equal
 * @see RFC 4180, "Common Format and MIME Type for Comma-Separated Values (CSV) Files"
 */
export async function* csvRecords(path: string): AsyncGenerator<PayloadRecord> {
  let names: readonly string[] | undefined;
  for await (const { record, info } of rawRecords(path)) {
    const line = info.lines;
    if (names === undefined) {
      requireNames(path, record);
      names = record;
      continue;
    }
    if (record.length !== names.length) {
      const found = `line ${line} has ${record.length} fields`;
      throw badData(path, `${found}, expected ${names.length} as the names of the columns`);
    }
    const values = names.map((name, at) => [name, record[at] || undefined] as const);
    yield { line, values: Object.fromEntries(values) };
  }
  if (names === undefined) throw badData(path, 'it is empty, expected a line of names');
}

async function* rawRecords(path: string): AsyncGenerator<CsvRecord> {
  const parser = parse({
    bom: true,
    info: true,
    max_record_size: longestRecord,
    relax_column_count: true,
  });
  // The generator sees the error when it reads from the last stream.
  const records = pipeline(Readable.from(chunksOf(path)), parser, () => undefined);
  try {
    for await (const record of records) yield record as CsvRecord;
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown;
    const { lines } = thrown as unknown as Info;
    throw badData(path, `line ${lines}: ${thrown.message}`, 'quote fields with commas or quotes');
  }
}

async function* chunksOf(path: string): AsyncGenerator<string> {
  let lines: string[] = [];
  for await (const { text } of textLines(path)) {
    lines.push(text);
    if (lines.length < linesAChunk) continue;
    yield `${lines.join('\n')}\n`;
    lines = [];
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`;
}

function requireNames(path: string, names: readonly string[]): void {
  const empty = names.indexOf('');
  if (empty >= 0) throw badData(path, `line 1: column ${empty + 1} has no name`);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw badData(path, `line 1: two columns are named ${twice}`);
}
