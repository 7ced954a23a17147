import { createHash } from 'node:crypto';
import type { Dataset, NeighbourTable, VectorTable } from './dataset.js';
import { BenchError } from './errors.js';

/**
 * Checks what every dataset must be: tables of their stated size, equal dimensions, finite values,
 * no zero vector under cosine, official neighbours and judgments within the rows. Rows that occur
 * twice are counted, not refused.
 *
 * @returns how many base rows equal an earlier row, value for value
 * @throws BenchError BAD_DATA with table, row, value and range
 */
export function validateDataset(dataset: Dataset): { duplicateRows: number } {
  const { base, queries, name } = dataset;
  const tables = { 'base vectors': base, queries };
  for (const [part, table] of Object.entries(tables)) {
    const what = `${part} of ${name}`;
    requireShape(what, table);
    requireFinite(what, table);
    if (dataset.metric === 'cosine') requireNonZero(what, table);
  }
  if (queries.dimensions !== base.dimensions) {
    const expected = `expected ${base.dimensions} as the base vectors`;
    throw badData(`queries of ${name} have ${queries.dimensions} dimensions, ${expected}`);
  }
  if (dataset.officialTruth !== undefined) requireNeighbours(dataset, dataset.officialTruth);
  requireJudgments(dataset);
  return { duplicateRows: countDuplicates(base) };
}

/**
 * The content hash of a dataset: metric, sizes, base and query vectors. Names, judgments and
 * official neighbours are left out.
 *
 * @returns sha256 in hex
 */
export function hashDataset(dataset: Dataset): string {
  const { metric, base, queries } = dataset;
  const sizes = [base.rows, base.dimensions, queries.rows, queries.dimensions];
  const hash = createHash('sha256').update(JSON.stringify([metric, ...sizes]));
  for (const { data } of [base, queries]) {
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

function badData(message: string, hint = 'mend the data and load it again'): BenchError {
  return new BenchError('BAD_DATA', message, { hint });
}

function requireShape(what: string, table: VectorTable): void {
  const { rows, dimensions, data } = table;
  if (rows < 1) throw badData(`${what}: ${rows} rows, expected at least 1`);
  if (dimensions < 1) throw badData(`${what}: ${dimensions} dimensions, expected at least 1`);
  if (data.length !== rows * dimensions) {
    const expected = `expected ${rows * dimensions} (${rows} x ${dimensions})`;
    throw badData(`${what}: ${data.length} values, ${expected}`);
  }
}

function requireFinite(what: string, table: VectorTable): void {
  let sum = 0;
  for (let index = 0; index < table.data.length; index++) sum += (table.data[index] as number) * 0;
  if (sum === 0) return;
  const at = table.data.findIndex((value) => !Number.isFinite(value));
  const place = `row ${Math.floor(at / table.dimensions)}, column ${at % table.dimensions}`;
  throw badData(`${what}: ${place} is ${table.data[at]}, expected a finite number`);
}

function requireNonZero(what: string, table: VectorTable): void {
  const { rows, dimensions, data } = table;
  for (let row = 0; row < rows; row++) {
    let at = row * dimensions;
    const end = at + dimensions;
    while (at < end && data[at] === 0) at += 1;
    if (at < end) continue;
    const hint = 'remove the row, or use a metric other than cosine';
    throw badData(`${what}: row ${row} is all zeros, which has no cosine`, hint);
  }
}

function requireNeighbours(dataset: Dataset, official: NeighbourTable): void {
  const { base, queries, name } = dataset;
  const what = `official truth of ${name}`;
  if (official.queries !== queries.rows) {
    throw badData(`${what}: ${official.queries} queries, expected ${queries.rows}`);
  }
  if (official.ids.length !== official.queries * official.k) {
    const expected = `expected ${official.queries} x ${official.k}`;
    throw badData(`${what}: ${official.ids.length} ids, ${expected}`);
  }
  const at = official.ids.findIndex((id) => id < 0 || id >= base.rows);
  if (at < 0) return;
  const place = `query ${Math.floor(at / official.k)}, rank ${(at % official.k) + 1}`;
  throw badData(`${what}: ${place} is row ${official.ids[at]}, expected 0..${base.rows - 1}`);
}

function requireJudgments(dataset: Dataset): void {
  const { base, queries, name, judgments } = dataset;
  if (judgments === undefined) return;
  if (judgments.length !== queries.rows) {
    const found = `judgments of ${name}: ${judgments.length} queries`;
    throw badData(`${found}, expected ${queries.rows}`);
  }
  judgments.forEach((grades, query) => {
    for (const row of grades.keys()) {
      if (Number.isInteger(row) && row >= 0 && row < base.rows) continue;
      const range = `expected 0..${base.rows - 1}`;
      throw badData(`judgments of ${name}: query ${query} judges row ${row}, ${range}`);
    }
  });
}

/** Counts by a hash table with open addressing, which holds the first row of each content. */
function countDuplicates(base: VectorTable): number {
  const { rows, dimensions, data } = base;
  const words = new Int32Array(data.buffer, data.byteOffset, data.length);
  const slots = 2 ** Math.ceil(Math.log2(2 * rows));
  const firstRows = new Int32Array(slots).fill(-1);
  let duplicates = 0;
  for (let row = 0; row < rows; row++) {
    let slot = hashRow(words, row, dimensions) & (slots - 1);
    let other = firstRows[slot] as number;
    while (other >= 0 && !equalRows(words, { row, other, dimensions })) {
      slot = (slot + 1) & (slots - 1);
      other = firstRows[slot] as number;
    }
    if (other >= 0) duplicates += 1;
    else firstRows[slot] = row;
  }
  return duplicates;
}

/** @see MurmurHash3 by Austin Appleby (public domain), its mixing steps */
function hashRow(words: Int32Array, row: number, dimensions: number): number {
  let hash = 0;
  for (let at = row * dimensions; at < (row + 1) * dimensions; at++) {
    hash = Math.imul(hash ^ (words[at] as number), 0x85ebca6b);
    hash = (hash << 13) | (hash >>> 19);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0xc2b2ae35);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function equalRows(
  words: Int32Array,
  pair: { readonly row: number; readonly other: number; readonly dimensions: number },
): boolean {
  const { row, other, dimensions } = pair;
  for (let index = 0; index < dimensions; index++) {
    if (words[row * dimensions + index] !== words[other * dimensions + index]) return false;
  }
  return true;
}
