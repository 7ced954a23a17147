import { createHash } from 'node:crypto';
import type { PayloadField } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import {
  type Payload,
  type PayloadColumn,
  type PayloadType,
  type PayloadValue,
  payloadValue,
} from '../../core/payload.js';

const mostNameBytes = 63;

/** The type of a column by what the payload holds. */
export const sqlTypes: Readonly<Record<PayloadType, string>> = {
  category: 'text',
  text: 'text',
  integer: 'int8',
  float: 'float8',
  boolean: 'boolean',
};

/** A name in quotes, as it is. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * The quoted name of a column of the payload.
 *
 * @throws BenchError BAD_ARGUMENT when it is not a letter with letters, digits and underscores
 */
export function quotedField(name: string): string {
  if (/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) return quoted(name);
  throw new BenchError('BAD_ARGUMENT', `pgvector: ${JSON.stringify(name)} is no name of a column`);
}

/** The name of a table, which tells the run; at most 63 bytes, other names have other ones. */
export function tableName(namespace: string, name: string): string {
  const whole = `${namespace}_${name}`;
  const plain = whole.toLowerCase().replace(/[^a-z0-9_]+/g, '_');
  if (plain === whole && plain.length <= mostNameBytes) return plain;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 8);
  return `${plain.slice(0, mostNameBytes - hash.length - 1)}_${hash}`;
}

/** A name that no column of the payload has. */
export function freeName(wanted: string, fields: readonly PayloadField[]): string {
  const taken = new Set(fields.map(({ name }) => name));
  let name = wanted;
  while (taken.has(name)) name += '_';
  return name;
}

/** The fields of each row behind its id and vector, each with its length, as COPY takes them. */
export function encodeBeside(
  payload: Payload,
  fields: readonly PayloadField[],
  rows: number,
): { columns: number; rows: readonly Buffer[] } {
  const columns = fields.map(({ name }) => payload[name]);
  const cellsOf = (row: number): Buffer => Buffer.concat(columns.map((one) => cell(one, row)));
  return { columns: fields.length, rows: Array.from({ length: rows }, (_, row) => cellsOf(row)) };
}

function cell(column: PayloadColumn | undefined, row: number): Buffer {
  const value = column === undefined ? undefined : payloadValue(column, row);
  if (column === undefined || value === undefined) return withLength(-1, Buffer.alloc(0));
  const bytes = bytesOf(column.type, value);
  return withLength(bytes.length, bytes);
}

function withLength(length: number, bytes: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeInt32BE(length);
  return Buffer.concat([head, bytes]);
}

function bytesOf(type: PayloadType, value: PayloadValue): Buffer {
  if (type === 'boolean') return Buffer.of(value === true ? 1 : 0);
  if (type !== 'integer' && type !== 'float') return Buffer.from(String(value));
  const bytes = Buffer.alloc(8);
  if (type === 'integer') bytes.writeBigInt64BE(BigInt(value));
  else bytes.writeDoubleBE(Number(value));
  return bytes;
}
