import { badData } from './data-file.js';
import { textLines } from './text-lines.js';

/** One record of a JSON-lines file. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/**
 * Reads a JSON-lines file, plain or `.gz`, record by record: one JSON object a line, the record's
 * position is the row that it belongs to.
 *
 * @throws BenchError BAD_DATA for a missing or damaged file, an empty line, or a line that is not a
 *   JSON object
 * @see https://jsonlines.org
 */
export async function* jsonRecords(path: string): AsyncGenerator<JsonRecord> {
  for await (const { number, text } of textLines(path)) yield parseRecord(path, number, text);
}

/**
 * Reads one text field of every record of a JSON-lines file.
 *
 * @throws BenchError BAD_DATA as {@link jsonRecords}, and where the field is missing or not a text
 */
export async function readTextField(path: string, field: string): Promise<string[]> {
  const values: string[] = [];
  for await (const record of jsonRecords(path)) {
    const value = record[field];
    if (typeof value !== 'string') {
      const found = JSON.stringify(value) ?? 'nothing';
      throw badData(path, `line ${values.length + 1}: ${field} is ${found}, expected a text`);
    }
    values.push(value);
  }
  return values;
}

function parseRecord(path: string, line: number, text: string): JsonRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    throw badData(path, `line ${line} is not JSON: ${thrown.message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badData(path, `line ${line} is not a JSON object`, 'write one {...} a line');
  }
  return value as JsonRecord;
}
