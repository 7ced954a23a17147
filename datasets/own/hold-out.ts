import type { Payload, PayloadColumn } from '../../core/payload.js';
import { seededRandom, shuffled } from '../../core/random.js';
import { copyRows, firstRows, rowsOf, type VectorTable } from '../../core/vectors.js';
import { categoryColumn } from '../formats/payload-columns.js';

/** How many rows are taken out of a base, and which. */
export interface HeldOut {
  /** 1..rows - 1 */
  readonly count: number;
  readonly seed: number;
}

/** A table that was divided into rows to store and rows to ask for. */
export interface Divided {
  readonly base: VectorTable;
  readonly queries: VectorTable;
  /** The row that each row of the base was. */
  readonly kept: Int32Array;
}

/**
 * Takes rows out of a table to serve as queries, chosen by the seed, both parts in the order of the
 * table. The base is made in the table's own memory, so the table is of no use afterwards.
 */
export function holdOut(table: VectorTable, { count, seed }: HeldOut): Divided {
  const { rows } = table;
  const isQuery = new Uint8Array(rows);
  for (const row of chosenRows(rows, count, seed)) isQuery[row] = 1;
  const asked = rowsWhere(isQuery, 1, count);
  const queries = rowsOf(table, asked);
  let place = 0;
  asked.forEach((query, index) => {
    // What lies between two queries moves towards the beginning, over what was moved or taken.
    const from = index === 0 ? 0 : (asked[index - 1] as number) + 1;
    copyRows(table, { from, count: query - from }, { table, place });
    place += query - from;
  });
  const last = (asked[count - 1] as number) + 1;
  copyRows(table, { from: last, count: rows - last }, { table, place });
  return {
    base: firstRows(table, rows - count),
    queries,
    kept: rowsWhere(isQuery, 0, rows - count),
  };
}

/** What is known of some rows, in the given order. */
export function payloadOf(payload: Payload, rows: Int32Array): Payload {
  const columns = Object.entries(payload).map(([name, column]) => [name, partOf(column, rows)]);
  return Object.fromEntries(columns) as Payload;
}

function partOf(column: PayloadColumn, rows: Int32Array): PayloadColumn {
  if (column.type === 'category') {
    const { categories, codes } = column;
    return categoryColumn(Array.from(rows, (row) => categories[codes[row] as number]));
  }
  if (column.type === 'text') {
    return { type: 'text', values: Array.from(rows, (row) => column.values[row]) };
  }
  const memory = new SharedArrayBuffer(rows.length * column.values.BYTES_PER_ELEMENT);
  if (column.type === 'boolean') {
    return { type: 'boolean', values: fill(new Int8Array(memory), column.values, rows) };
  }
  return { type: column.type, values: fill(new Float64Array(memory), column.values, rows) };
}

function fill<T extends Int8Array | Float64Array>(part: T, values: T, rows: Int32Array): T {
  for (let place = 0; place < part.length; place++) {
    part[place] = values[rows[place] as number] as number;
  }
  return part;
}

function rowsWhere(marks: Uint8Array, wanted: number, count: number): Int32Array {
  const rows = new Int32Array(count);
  let found = 0;
  for (let row = 0; row < marks.length; row++) if (marks[row] === wanted) rows[found++] = row;
  return rows;
}

/** Distinct rows: shuffled where there are few, else drawn until there are enough. */
function chosenRows(rows: number, count: number, seed: number): Iterable<number> {
  const random = seededRandom(seed);
  if (rows <= 1_000_000) {
    return shuffled(
      Array.from({ length: rows }, (_, row) => row),
      random,
    ).slice(0, count);
  }
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(Math.floor(random() * rows));
  return chosen;
}
