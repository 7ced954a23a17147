import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { NeighbourTable } from '../../core/dataset.js';
import type { Payload, PayloadColumn } from '../../core/payload.js';
import type { VectorTable } from '../../core/vectors.js';
import { badData, unreadable } from './data-file.js';
import { requireRoom } from './declared-size.js';
import { eachList } from './parquet-columns.js';
import { fieldNamed, type ParquetField, type ParquetFile, withParquet } from './parquet-file.js';
import { idsOf, indexIds, type RowOfId, readIds } from './parquet-ids.js';
import { isPayloadField, readPayloadColumn } from './parquet-payload.js';
import { openParts, type ParquetParts, readVectorColumn } from './parquet-vectors.js';
import { neighboursFor } from './read-table.js';

/** The names of the columns that are read; those of VectorDBBench when not given. */
export interface ParquetColumns {
  /** `id`; null where rows are named by their number. */
  readonly id?: string | null;
  /** `emb` */
  readonly vector?: string;
  /** `neighbors_id` */
  readonly neighbours?: string;
  /** The scalar columns that are read; all that can be when not given. */
  readonly payload?: readonly string[];
}

/** The files of a set. */
export interface ParquetFiles {
  /** One file, or the parts of one table in order. */
  readonly train: string | readonly string[];
  readonly test: string;
  readonly neighbours?: string;
  readonly columns?: ParquetColumns;
}

/** What the files of a base hold. */
export interface ParquetRows {
  readonly base: VectorTable;
  /** Scalar columns besides the id; dates and times as the whole numbers that they are kept as. */
  readonly payload: Payload;
  /** Other columns that were not read: not asked for, or not one value a row of a known type. */
  readonly leftOut: readonly string[];
}

/** What the files of a set hold. */
export interface ParquetSet extends ParquetRows {
  readonly queries: VectorTable;
  readonly officialTruth?: NeighbourTable;
}

/**
 * Reads a set in the layout of VectorDBBench. Rows keep the order of the files; the ids of
 * neighbours become row numbers.
 *
 * @throws BenchError BAD_DATA for a missing or damaged file, a missing column (with those that were
 *   found), sizes above what the files can hold or that do not belong together, ids that occur
 *   twice or name no row, absent, NaN or infinite values
 * @see https://github.com/zilliztech/VectorDBBench for the layout
 */
export async function readParquetSet(files: ParquetFiles): Promise<ParquetSet> {
  const { test, neighbours, columns } = files;
  const { rowOf, ...read } = await readNamedRows(files);
  const { base } = read;
  const queries = await openParts([test]);
  const table = await readVectorColumn(queries, vectorName(columns));
  if (table.dimensions !== base.dimensions) {
    const found = `its vectors have ${table.dimensions} dimensions`;
    throw badData(test, `${found}, expected ${base.dimensions} as train`);
  }
  if (neighbours === undefined) return { ...read, queries: table };
  const queryOf = await rowFinder(queries, columns);
  const places: Places = { path: neighbours, columns, rowOf, queryOf, queries: table.rows };
  return { ...read, queries: table, officialTruth: await readNeighbours(places) };
}

/**
 * Reads vectors and what is known of their rows, without queries.
 *
 * @param files parts of one table, in order
 * @throws BenchError BAD_DATA as {@link readParquetSet}
 */
export async function readParquetBase(
  files: Pick<ParquetFiles, 'train' | 'columns'>,
): Promise<ParquetRows> {
  const { rowOf: _unused, ...read } = await readNamedRows(files);
  return read;
}

/**
 * The files of a folder in the layout of VectorDBBench: `train.parquet` or all of
 * `train-00-of-10.parquet` and so on (`shuffle_train...` where there is no `train...`),
 * `test.parquet`, and `neighbors.parquet` where there is one.
 *
 * @throws BenchError BAD_DATA with the names that were found when one is missing
 */
export async function findParquetFiles(folder: string): Promise<ParquetFiles> {
  const names = await readdir(folder).catch((thrown: unknown) => {
    throw unreadable(folder, thrown);
  });
  const train = ['train', 'shuffle_train']
    .map((stem) => partsNamed(folder, stem, names))
    .find((parts) => parts.length > 0);
  if (train === undefined || !names.includes('test.parquet')) {
    const found = names.length === 0 ? 'nothing' : names.sort().slice(0, 20).join(', ');
    const expected = 'expected train.parquet (or train-00-of-10.parquet, ...) and test.parquet';
    throw badData(folder, `it holds ${found}; ${expected}`, 'name the files');
  }
  const neighbours = 'neighbors.parquet';
  return {
    train: train.map((name) => join(folder, name)),
    test: join(folder, 'test.parquet'),
    ...(names.includes(neighbours) ? { neighbours: join(folder, neighbours) } : {}),
  };
}

function partsNamed(folder: string, stem: string, names: readonly string[]): readonly string[] {
  if (names.includes(`${stem}.parquet`)) return [`${stem}.parquet`];
  const pattern = new RegExp(`^${stem}-(\\d+)-of-(\\d+)\\.parquet$`);
  const parts = names.map((name) => pattern.exec(name)).filter((match) => match !== null);
  const count = Number(parts[0]?.[2] ?? 0);
  const byNumber = parts.toSorted((one, other) => Number(one[1]) - Number(other[1]));
  const isWhole = byNumber.every(
    ([, number, of], at) => Number(number) === at && Number(of) === count,
  );
  if (parts.length === count && isWhole) return byNumber.map(([name]) => name);
  const found = byNumber.map(([name]) => name).join(', ');
  throw badData(folder, `of ${count} parts it has ${found}`, 'fetch the parts that are missing');
}

function vectorName(columns: ParquetColumns | undefined): string {
  return columns?.vector ?? 'emb';
}

function idName(columns: ParquetColumns | undefined): string | null {
  return columns?.id === undefined ? 'id' : columns.id;
}

async function readNamedRows({ train, columns }: Pick<ParquetFiles, 'train' | 'columns'>) {
  const parts = await openParts(typeof train === 'string' ? [train] : train);
  // Before anything else: it shows that the files can hold as many rows as they say.
  const base = await readVectorColumn(parts, vectorName(columns));
  const rowOf = await rowFinder(parts, columns);
  const others = parts.fields.filter(
    ({ name }) => name !== vectorName(columns) && name !== idName(columns),
  );
  const isRead = (field: ParquetField): boolean =>
    columns?.payload?.includes(field.name) ?? isPayloadField(field);
  const payload: [string, PayloadColumn][] = [];
  for (const name of columns?.payload ?? others.filter(isRead).map((field) => field.name)) {
    payload.push([name, await readPayloadColumn(parts, name)]);
  }
  const leftOut = others.filter((field) => !isRead(field)).map((field) => field.name);
  return { base, payload: Object.fromEntries(payload), leftOut, rowOf };
}

async function rowFinder(
  parts: ParquetParts,
  columns: ParquetColumns | undefined,
): Promise<RowOfId> {
  const name = idName(columns);
  if (name !== null) return indexIds(parts.paths[0] ?? '', await readIds(parts, name));
  return (id) => (typeof id === 'number' && id >= 0 && id < parts.rows ? id : undefined);
}

interface Places {
  readonly path: string;
  readonly columns: ParquetColumns | undefined;
  readonly rowOf: RowOfId;
  readonly queryOf: RowOfId;
  readonly queries: number;
}

async function readNeighbours(places: Places): Promise<NeighbourTable> {
  const { path, columns, rowOf, queries } = places;
  const parts = await openParts([path]);
  if (parts.rows !== queries) {
    throw badData(path, `it has ${parts.rows} rows, expected ${queries} as test`);
  }
  const queryOfRow = await queryRows(parts, places);
  let table: NeighbourTable | undefined;
  await withParquet(path, async (file) => {
    const field = fieldNamed(file, columns?.neighbours ?? 'neighbors_id');
    await eachList(file, field, ({ firstValue, values, length: k }) => {
      table ??= allocateNeighbours(parts, file, k);
      const ids = idsOf(values, field);
      for (let index = 0; index < ids.length; index++) {
        const place = firstValue + index;
        const at = Math.floor(place / k);
        const row = rowOf(ids[index] as number | string);
        if (row === undefined) {
          const found = `row ${at}, rank ${(place % k) + 1} is ${ids[index]}`;
          throw badData(path, `${found}, which is the id of no row of train`);
        }
        table.ids[(queryOfRow[at] as number) * k + (place % k)] = row;
      }
    });
  });
  if (table === undefined) throw badData(path, 'it has no neighbours');
  return table;
}

function allocateNeighbours(parts: ParquetParts, file: ParquetFile, k: number): NeighbourTable {
  const { rows, bytes: storedBytes } = parts;
  const bytes = 4 * rows * k;
  const what = `${rows} rows of ${k} neighbours`;
  requireRoom({ path: file.path, what, bytes, storedBytes, isPlain: false });
  return neighboursFor(file, { queries: rows, k });
}

/** The row of the query that each row of neighbours is about. */
async function queryRows(parts: ParquetParts, { path, columns, queryOf }: Places) {
  const rows = new Int32Array(parts.rows);
  const name = idName(columns);
  const ids = name === null ? undefined : await readIds(parts, name);
  // Two of the same would leave another query without neighbours.
  if (ids !== undefined) indexIds(path, ids);
  for (let at = 0; at < rows.length; at++) {
    const id = ids?.[at] ?? at;
    const row = queryOf(id);
    if (row === undefined) throw badData(path, `row ${at} is about ${id}, the id of no query`);
    rows[at] = row;
  }
  return rows;
}
