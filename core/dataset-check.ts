import { createHash } from 'node:crypto';
import type { Dataset, NeighbourTable } from './dataset.js';
import { BenchError } from './errors.js';
import { firstNotFinite } from './finite.js';
import { float16ToNumber } from './float16.js';
import { repeatedRows } from './repeated-rows.js';
import { type StoredValues, storedRuns, type VectorTable } from './vectors.js';

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
  return { duplicateRows: repeatedRows(base).length };
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
  for (const { type, shards } of [base, queries]) {
    // Values that are stored otherwise are other values, though their bytes be the same.
    if (type !== 'f32') hash.update(type);
    for (const values of shards) hash.update(bytesOf(values));
  }
  return hash.digest('hex');
}

function badData(message: string, hint = 'mend the data and load it again'): BenchError {
  return new BenchError('BAD_DATA', message, { hint });
}

function requireShape(what: string, table: VectorTable): void {
  const { rows, dimensions, shards } = table;
  if (rows < 1) throw badData(`${what}: ${rows} rows, expected at least 1`);
  if (dimensions < 1) throw badData(`${what}: ${dimensions} dimensions, expected at least 1`);
  const values = shards.reduce((sum, { length }) => sum + length, 0);
  if (values !== rows * dimensions) {
    const expected = `expected ${rows * dimensions} (${rows} x ${dimensions})`;
    throw badData(`${what}: ${values} values, ${expected}`);
  }
}

function requireFinite(what: string, table: VectorTable): void {
  const { dimensions } = table;
  for (const { values, range } of storedRuns(table)) {
    const at = firstNotFinite(values);
    if (at < 0) continue;
    const place = `row ${range.from + Math.floor(at / dimensions)}, column ${at % dimensions}`;
    const stored = values[at] as number;
    const value = table.type === 'f16' ? float16ToNumber(stored) : stored;
    throw badData(`${what}: ${place} is ${value}, expected a finite number`);
  }
}

function requireNonZero(what: string, table: VectorTable): void {
  const { dimensions, type } = table;
  // Without the sign: -0 is a zero.
  const mask = type === 'f16' ? 0x7fff : -1;
  for (const { values, range } of storedRuns(table)) {
    for (let row = 0; row < range.count; row++) {
      let at = row * dimensions;
      const end = at + dimensions;
      while (at < end && isZero(values[at] as number, mask)) at += 1;
      if (at < end) continue;
      const hint = 'remove the row, or use a metric other than cosine';
      throw badData(`${what}: row ${range.from + row} is all zeros, which has no cosine`, hint);
    }
  }
}

function isZero(value: number, mask: number): boolean {
  return value === 0 || (mask !== -1 && (value & mask) === 0);
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

function bytesOf({ buffer, byteOffset, byteLength }: StoredValues): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
