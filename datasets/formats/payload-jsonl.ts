import type { PayloadValue } from '../../core/payload.js';
import { badData } from './data-file.js';
import { type JsonRecord, jsonRecords } from './jsonl.js';
import type { PayloadRecord, PayloadRequest } from './payload.js';

/**
 * The records of a JSON-lines payload.
 *
 * @throws BenchError BAD_DATA for a line that is no JSON object, or a value that is a list or an
 *   object in a column that is to be read
 */
export async function* jsonPayloadRecords(
  path: string,
  { types }: PayloadRequest,
): AsyncGenerator<PayloadRecord> {
  let line = 0;
  for await (const record of jsonRecords(path)) {
    line += 1;
    yield { line, values: valuesOf({ path, line, record, types }) };
  }
}

interface JsonLine {
  readonly path: string;
  readonly line: number;
  readonly record: JsonRecord;
  readonly types: PayloadRequest['types'];
}

function valuesOf({ path, line, record, types }: JsonLine): PayloadRecord['values'] {
  const values: [string, PayloadValue | undefined][] = [];
  for (const name of types === undefined ? Object.keys(record) : Object.keys(types)) {
    const value = Object.hasOwn(record, name) ? record[name] : undefined;
    if (typeof value === 'object' && value !== null) {
      const found = `${name} is ${Array.isArray(value) ? 'a list' : 'an object'}`;
      const hint = 'name the columns to read with their types (of an import: --fields)';
      throw badData(path, `line ${line}: ${found}, expected one value`, hint);
    }
    values.push([name, (value ?? undefined) as PayloadValue | undefined]);
  }
  return Object.fromEntries(values);
}
