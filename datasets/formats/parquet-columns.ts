import { badData, maxDimensions } from './data-file.js';
import { chunkOf, type ParquetField, type ParquetFile } from './parquet-file.js';
import type { ParquetPage } from './parquet-page.js';
import { eachPage, type PageSource } from './parquet-pages.js';
import { type Dictionary, decodeValues, isReadable, type ParquetValues } from './parquet-values.js';

/** Values of a field with one value a row. */
export interface ScalarPiece {
  /** The row of the file that the piece begins with. */
  readonly firstRow: number;
  readonly rows: number;
  /** Of the rows that have one. */
  readonly values: ParquetValues;
  /** One a row; undefined where all have a value. */
  readonly isPresent: ((row: number) => boolean) | undefined;
}

/** Values of a field with a list a row, all of one length. */
export interface ListPiece {
  /** Values of the file that lie before; a piece may begin within a row. */
  readonly firstValue: number;
  readonly values: ParquetValues;
  /** Of the list of every row. */
  readonly length: number;
}

/**
 * Reads a field with one value a row, row group by row group, page by page.
 *
 * @throws BenchError BAD_DATA when the file is damaged or the field is another
 */
export async function eachScalar(
  file: ParquetFile,
  field: ParquetField,
  use: (piece: ScalarPiece) => void,
): Promise<void> {
  requireShape(file, field, 'scalar');
  let firstRow = 0;
  for (const source of sourcesOf(file, field)) {
    await eachDecoded(source, (page, values) => {
      const { count: rows, definition } = page;
      const level = field.definitionLevel;
      const isWhole = definition === undefined || values.length === rows;
      const isPresent = isWhole ? undefined : (row: number) => definition[row] === level;
      use({ firstRow, rows, values, isPresent });
      firstRow += rows;
    });
  }
}

/**
 * Reads a field with a list a row, row group by row group, page by page.
 *
 * @throws BenchError BAD_DATA when the file is damaged, the field is another, a list or a value is
 *   absent, or lists have different lengths
 */
export async function eachList(
  file: ParquetFile,
  field: ParquetField,
  use: (piece: ListPiece) => void,
): Promise<void> {
  requireShape(file, field, 'list');
  const count: ListCount = { length: 0, row: -1, inRow: 0 };
  let firstValue = 0;
  let waiting: ParquetValues[] = [];
  // How long a list is shows where the first ends.
  const handOver = (): void => {
    for (const values of waiting) {
      use({ firstValue, values, length: count.length });
      firstValue += values.length;
    }
    waiting = [];
  };
  let rows = 0;
  for (const source of sourcesOf(file, field)) {
    await eachDecoded(source, (page, values) => {
      countLists({ file, field, page, isFirst: count.row < rows }, count);
      waiting.push(values);
      if (count.length > 0) handOver();
    });
    endList({ file, field }, count);
    handOver();
    rows += source.chunk.rows;
    if (count.row === rows - 1) continue;
    const found = `${field.name} has ${count.row + 1} lists up to a row group that ends`;
    throw badData(file.path, `${found} with row ${rows - 1}`);
  }
}

function requireShape({ path }: ParquetFile, field: ParquetField, shape: 'scalar' | 'list'): void {
  if (field.shape === shape && isReadable(field)) return;
  const what = { scalar: 'one value', list: 'a list', other: 'something nested' };
  const type = [field.type, field.meaning].filter((part) => part !== undefined).join(' ');
  const found = `column ${field.name} has ${what[field.shape]} a row (${type || 'a group'})`;
  const known = 'of a number, a boolean or a text';
  throw badData(path, `${found}, expected ${what[shape]} ${known}`, 'name another column');
}

function* sourcesOf(file: ParquetFile, field: ParquetField): Generator<PageSource> {
  for (const group of file.groups) {
    if (Number(group.num_rows) === 0) continue;
    yield { file, field, chunk: chunkOf(file, field, group) };
  }
}

async function eachDecoded(
  source: PageSource,
  use: (page: ParquetPage, values: ParquetValues) => void,
): Promise<void> {
  const { field } = source;
  let dictionary: Dictionary;
  await eachPage(source, (page) => {
    const count = presentCount(page, field.definitionLevel);
    const values = decodeValues({ field, page, count, dictionary });
    if (page.kind === 'dictionary') dictionary = values;
    else use(page, values);
  });
}

function presentCount({ count, definition }: ParquetPage, level: number): number {
  if (definition === undefined) return count;
  let present = 0;
  for (let at = 0; at < definition.length; at++) if (definition[at] === level) present += 1;
  return present;
}

/** How far the lists of a file have been counted. */
interface ListCount {
  /** 0 until the first has ended. */
  length: number;
  row: number;
  inRow: number;
}

interface ListPlace {
  readonly file: ParquetFile;
  readonly field: ParquetField;
}

type ListPage = ListPlace & { readonly page: ParquetPage; readonly isFirst: boolean };

function countLists({ file, field, page, isFirst }: ListPage, count: ListCount): void {
  const { repetition = new Uint8Array(page.count), definition } = page;
  if (isFirst && repetition[0] !== 0) {
    throw badData(file.path, `${field.name}: a row group begins within a row`);
  }
  const absent = presentCount(page, field.definitionLevel) < page.count ? definition : undefined;
  for (let at = 0; at < repetition.length; at++) {
    if (repetition[at] === 0) {
      endList({ file, field }, count);
      count.row += 1;
    }
    count.inRow += 1;
    if (absent !== undefined && absent[at] !== field.definitionLevel) {
      const found = `${field.name} of row ${count.row} is absent, empty, or lacks a value`;
      throw badData(file.path, found, 'remove the row or make its list again');
    }
  }
}

function endList({ file, field }: ListPlace, count: ListCount): void {
  const { row, inRow } = count;
  count.inRow = 0;
  if (row < 0 || inRow === 0) return;
  if (inRow > maxDimensions) {
    const found = `${field.name} of row ${row} has ${inRow} values`;
    throw badData(file.path, `${found}, expected 1..${maxDimensions}`);
  }
  if (count.length === 0) count.length = inRow;
  if (count.length === inRow) return;
  const found = `${field.name} of row ${row} has ${inRow} values`;
  throw badData(file.path, `${found}, expected ${count.length} as in row 0`);
}
