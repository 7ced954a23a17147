import type { PayloadColumn } from '../../core/payload.js';
import { badData } from './data-file.js';
import { eachScalar, type ScalarPiece } from './parquet-columns.js';
import { fieldNamed, type ParquetField, withParquet } from './parquet-file.js';
import { isReadable, wholeNumbers } from './parquet-values.js';
import type { ParquetParts } from './parquet-vectors.js';
import { absentBooleans, absentNumbers, textColumn } from './payload-columns.js';

/** A column that is being filled, and how a piece is written into it from a row on. */
interface Filling {
  write(row: number, value: number | string): void;
  end(): PayloadColumn;
}

// Bytes that mean nothing else are no text.
const textMeanings: readonly (string | undefined)[] = ['UTF8', 'STRING', 'ENUM', 'JSON'];

/** Whether a field can be a column of a payload: one value a row, of a type that is read. */
export function isPayloadField(field: ParquetField): boolean {
  const { shape, type, meaning } = field;
  if (shape !== 'scalar' || !isReadable(field) || type === 'FIXED_LEN_BYTE_ARRAY') return false;
  return type !== 'BYTE_ARRAY' || textMeanings.includes(meaning);
}

/**
 * Reads one scalar column: booleans, whole numbers within 2^53, numbers (NaN is an absent value),
 * and texts, which are a category where they are few and short.
 *
 * @throws BenchError BAD_DATA when the file is damaged, or a value
 * is infinite or beyond 2^53
 */
export async function readPayloadColumn(parts: ParquetParts, name: string): Promise<PayloadColumn> {
  let filling: Filling | undefined;
  let type: string | undefined;
  let firstRow = 0;
  for (const path of parts.paths) {
    firstRow += await withParquet(path, async (file) => {
      const field = fieldNamed(file, name);
      if (!isPayloadField(field)) {
        throw badData(path, `column ${name} is not one boolean, number or text a row`);
      }
      filling ??= fillingOf(field, parts.rows);
      type ??= field.type;
      if (type !== field.type) {
        throw badData(path, `${name} is ${field.type} here and ${type} in the first file`);
      }
      const { write } = filling;
      await eachScalar(file, field, (piece) => {
        writePiece({ ...piece, firstRow: firstRow + piece.firstRow }, field, write);
      });
      return file.rows;
    });
  }
  if (filling === undefined) throw badData(parts.paths[0] ?? '', 'no file is given');
  return filling.end();
}

function fillingOf({ type }: ParquetField, rows: number): Filling {
  if (type === 'BYTE_ARRAY') {
    const texts: (string | undefined)[] = new Array(rows).fill(undefined);
    return {
      write(row, value) {
        texts[row] = value as string;
      },
      end: () => textColumn(texts),
    };
  }
  const isWhole = type === 'INT32' || type === 'INT64';
  const column =
    type === 'BOOLEAN' ? absentBooleans(rows) : absentNumbers(isWhole ? 'integer' : 'float', rows);
  return {
    write(row, value) {
      if (value === Infinity || value === -Infinity) throw new Error(`row ${row} is ${value}`);
      column.values[row] = value as number;
    },
    end: () => column,
  };
}

function writePiece(piece: ScalarPiece, field: ParquetField, write: Filling['write']): void {
  const isWhole = field.type === 'INT32' || field.type === 'INT64';
  const values = isWhole ? wholeNumbers(piece.values, field) : piece.values;
  let at = 0;
  for (let row = 0; row < piece.rows; row++) {
    if (piece.isPresent !== undefined && !piece.isPresent(row)) continue;
    write(piece.firstRow + row, values[at] as number | string);
    at += 1;
  }
}
