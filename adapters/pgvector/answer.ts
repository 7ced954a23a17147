import type { Hits } from '../../core/adapter.js';
import type { PayloadValue } from '../../core/payload.js';
import type { ValueReader } from './package.js';
import type { PgSearch } from './session.js';

/** The id, and the further columns that were asked for. */
export type AnswerRow = readonly (PayloadValue | null)[];

const numeric = new Set([20, 21, 23, 700, 701, 1700]);
const booleanType = 16;

/** Reads values of a type of PostgreSQL, which come as texts. */
export function readerOf(type: number): ValueReader {
  if (numeric.has(type)) return Number;
  if (type === booleanType) return (text) => text === 't';
  return (text) => text;
}

/** The ids of an answer, -1 where fewer came, and the payload where it was asked for. */
export function hitsOf(rows: readonly AnswerRow[], { k, columns }: PgSearch): Hits {
  const ids = new Int32Array(k).fill(-1);
  for (let place = 0; place < rows.length; place++)
    ids[place] = (rows[place] as AnswerRow)[0] as number;
  if (columns === undefined) return { ids };
  return { ids, payload: rows.map((row) => payloadOf(row, columns)) };
}

function payloadOf(row: AnswerRow, columns: readonly string[]): Record<string, PayloadValue> {
  const payload: Record<string, PayloadValue> = {};
  for (const [place, name] of columns.entries()) {
    const value = row[place + 1];
    if (value !== null && value !== undefined) payload[name] = value;
  }
  return payload;
}
