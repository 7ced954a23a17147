import { BenchError } from '../errors.js';
import {
  columnRows,
  type Payload,
  type PayloadColumn,
  type PayloadType,
  payloadValue,
} from '../payload.js';

/** A column as it goes over the wire: a category as its text, null where a row has no value. */
interface PlainColumn {
  readonly type: PayloadType;
  readonly values: readonly unknown[];
}

/** The columns of a batch as JSON; no bytes where there is no payload. */
export function encodePayload(payload: Payload | undefined): Buffer {
  if (payload === undefined) return Buffer.alloc(0);
  const columns = Object.entries(payload).map(([name, column]) => [name, plainColumn(column)]);
  return Buffer.from(JSON.stringify(Object.fromEntries(columns)));
}

/**
 * The columns that {@link encodePayload} wrote.
 *
 * @param rows how many values each must have
 * @throws BenchError BAD_ARGUMENT when one has another number of them
 */
export function decodePayload(text: string, rows: number): Payload {
  const plain = JSON.parse(text) as Readonly<Record<string, PlainColumn>>;
  const columns = Object.entries(plain).map(([name, { type, values }]) => {
    if (values.length !== rows) {
      const got = `${rows} rows came with ${values.length} values of ${name}`;
      throw new BenchError('BAD_ARGUMENT', got);
    }
    return [name, columnOf(type, values)];
  });
  return Object.fromEntries(columns) as Payload;
}

function plainColumn(column: PayloadColumn): PlainColumn {
  const rows = columnRows(column);
  const values = Array.from({ length: rows }, (_, row) => payloadValue(column, row) ?? null);
  return { type: column.type, values };
}

function columnOf(type: PayloadType, values: readonly unknown[]): PayloadColumn {
  if (type === 'category') return categoryOf(values as readonly (string | null)[]);
  if (type === 'text') {
    return { type, values: values.map((value) => (value as string | null) ?? undefined) };
  }
  if (type === 'boolean') {
    const truths = new Int8Array(new SharedArrayBuffer(values.length));
    truths.set(values.map((value) => (value === null ? -1 : Number(value))));
    return { type, values: truths };
  }
  const numbers = new Float64Array(new SharedArrayBuffer(8 * values.length));
  numbers.set(values.map((value) => (value === null ? Number.NaN : Number(value))));
  return { type, values: numbers };
}

function categoryOf(values: readonly (string | null)[]): PayloadColumn {
  const codeOf = new Map<string, number>();
  const codes = new Int32Array(new SharedArrayBuffer(4 * values.length));
  for (const [row, value] of values.entries()) {
    const code = value === null ? -1 : (codeOf.get(value) ?? codeOf.size);
    if (value !== null) codeOf.set(value, code);
    codes[row] = code;
  }
  return { type: 'category', categories: [...codeOf.keys()], codes };
}
