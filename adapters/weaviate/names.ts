import { BenchError } from '../../core/errors.js';

const mostClassLength = 200;
const reserved = ['id'];

/**
 * The name of a collection: a capital, then letters, digits, underscores; the server would make
 * the first letter a capital by itself.
 *
 * @param namespace of the run, which begins with `bench_`
 */
export function collectionName(namespace: string, name: string): string {
  const plain = `${namespace}_${name}`.replace(/[^A-Za-z0-9_]/g, '_').slice(0, mostClassLength);
  const led = /^[A-Za-z]/.test(plain) ? plain : `B${plain}`;
  return led.charAt(0).toUpperCase() + led.slice(1);
}

/** What `bench_` is as the beginning of a collection's name. */
export const leftoverPrefix = 'Bench_';

/** The property of a column: the server makes the first letter small, and keeps `id` to itself. */
export function propertyName(column: string): string {
  return /^[a-z]/.test(column) && !reserved.includes(column) ? column : `p_${column}`;
}

// In the form of version 4; the last eight digits are the row.
const uuidHead = 'be9c0000-0000-4000-8000-0000';
const uuidLength = 36;

/** The id of a row in the server. */
export function uuidOf(row: number): string {
  return uuidHead + row.toString(16).padStart(uuidLength - uuidHead.length, '0');
}

/** The id of no row. */
export const markerUuid = `${uuidHead}ffffffff`;

/**
 * The row of an id that {@link uuidOf} made.
 *
 * @throws BenchError STORE_FAILED for any other
 */
export function rowOfUuid(uuid: string): number {
  if (uuid.length !== uuidLength || !uuid.startsWith(uuidHead)) throw notARow(uuid);
  let row = 0;
  for (let place = uuidHead.length; place < uuidLength; place++) {
    const code = uuid.charCodeAt(place);
    row = row * 16 + (code < 58 ? code - 48 : code - 87);
  }
  return row;
}

/** An answer in which something else stands in place of a row number. */
export function notARow(found: unknown): BenchError {
  const message = `weaviate: id ${JSON.stringify(found)} is no row number`;
  return new BenchError('STORE_FAILED', message, {
    hint: 'where the ids are not those of bench, name the property with the row numbers: idField',
  });
}
