import type {
  BooleanColumn,
  CategoryColumn,
  NumberColumn,
  PayloadColumn,
  PayloadType,
  PayloadValue,
  TextColumn,
} from '../../core/payload.js';

/** One value a row as it was read; undefined where there is none. */
export type RawValues = readonly (PayloadValue | undefined)[];

// Above these a set of texts is not one that a filter would choose from.
const mostCategories = 1000;
const longestCategory = 64;

/** Whole or other numbers, none of them there yet. */
export function absentNumbers(type: NumberColumn['type'], rows: number): NumberColumn {
  return { type, values: new Float64Array(new SharedArrayBuffer(8 * rows)).fill(Number.NaN) };
}

/** Whole numbers, all of them there. */
export function wholeNumbers(values: readonly number[]): NumberColumn {
  const column = absentNumbers('integer', values.length);
  column.values.set(values);
  return column;
}

/** Truth values, none of them there yet. */
export function absentBooleans(rows: number): BooleanColumn {
  return { type: 'boolean', values: new Int8Array(new SharedArrayBuffer(rows)).fill(-1) };
}

/**
 * Texts as a category where they are few and short: at most 1000 distinct ones, at most half as
 * many as there are texts, none above 64 characters. As texts otherwise.
 */
export function textColumn(values: readonly (string | undefined)[]): CategoryColumn | TextColumn {
  const distinct = new Set<string>();
  let present = 0;
  for (const value of values) {
    if (value === undefined) continue;
    present += 1;
    distinct.add(value);
    if (distinct.size > mostCategories || value.length > longestCategory) {
      return { type: 'text', values };
    }
  }
  const isFew = present > 0 && 2 * distinct.size <= present;
  return isFew ? categoryColumn(values) : { type: 'text', values };
}

/** Texts by their place among the distinct ones. */
export function categoryColumn(values: readonly (string | undefined)[]): CategoryColumn {
  const codeOf = new Map<string, number>();
  const codes = new Int32Array(new SharedArrayBuffer(4 * values.length)).fill(-1);
  values.forEach((value, row) => {
    if (value === undefined) return;
    const code = codeOf.get(value) ?? codeOf.size;
    codeOf.set(value, code);
    codes[row] = code;
  });
  return { type: 'category', categories: [...codeOf.keys()], codes };
}

const wholeText = /^[-+]?(0|[1-9]\d*)$/;
const numberText = /^[-+]?((0|[1-9]\d*)(\.\d*)?|\.\d+)(e[-+]?\d{1,4})?$/i;
// Zeros before a number that is known to be one mean nothing.
const leadingZeros = /^([-+]?)0+(?=\d)/;

/**
 * Texts as what they spell: `true` and `false` in any case, numbers in decimals. A column is read
 * so where all of it can be; a number that begins with 0, or is whole and beyond 2^53, stays text.
 *
 * @param type where it is given, every value that spells one of it is read so
 */
export function readTexts(
  texts: readonly (string | undefined)[],
  type: PayloadType | undefined,
): RawValues {
  if (type === 'text' || type === 'category') return texts;
  if (type === 'boolean') return mapPresent(texts, (text) => truthOf(text) ?? text);
  if (type !== undefined) {
    return mapPresent(texts, (text) => numberOf(text.replace(leadingZeros, '$1')) ?? text);
  }
  const isAll = (read: (text: string) => PayloadValue | undefined): boolean =>
    texts.every((text) => text === undefined || read(text) !== undefined);
  if (isAll(truthOf)) return mapPresent(texts, (text) => truthOf(text));
  return isAll(numberOf) ? mapPresent(texts, (text) => numberOf(text)) : texts;
}

function mapPresent(
  texts: readonly (string | undefined)[],
  read: (text: string) => PayloadValue | undefined,
): RawValues {
  return texts.map((text) => (text === undefined ? undefined : read(text)));
}

function truthOf(text: string): boolean | undefined {
  const small = text.toLowerCase();
  return small === 'true' ? true : small === 'false' ? false : undefined;
}

function numberOf(text: string): number | undefined {
  if (!numberText.test(text)) return undefined;
  const value = Number(text);
  const isExact = !wholeText.test(text) || Number.isSafeInteger(value);
  return Number.isFinite(value) && isExact ? value : undefined;
}

/**
 * The type that all values of a column have.
 *
 * @returns undefined for `category` and `text`, which {@link textColumn} tells apart; the first row
 *   whose value is of another kind than those before, where there is one
 */
export function inferType(
  values: RawValues,
): { readonly type: 'boolean' | 'integer' | 'float' | undefined } | { readonly oddRow: number } {
  let kind: string | undefined;
  let isWhole = true;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value === undefined) continue;
    kind ??= typeof value;
    if (typeof value !== kind) return { oddRow: row };
    isWhole &&= Number.isSafeInteger(value);
  }
  if (kind === 'boolean') return { type: 'boolean' };
  if (kind === 'number') return { type: isWhole ? 'integer' : 'float' };
  return { type: undefined };
}

/** A column of a given type; undefined for the first value that is not of it. */
export function columnOf(
  type: PayloadType,
  values: RawValues,
): { readonly column: PayloadColumn } | { readonly oddRow: number } {
  if (type === 'text' || type === 'category') {
    const texts = values.map((value) => (value === undefined ? undefined : String(value)));
    return { column: type === 'text' ? { type, values: texts } : categoryColumn(texts) };
  }
  if (type === 'boolean') {
    const column = absentBooleans(values.length);
    const oddRow = fill(values, (row, value) => {
      if (typeof value !== 'boolean') return false;
      column.values[row] = value ? 1 : 0;
      return true;
    });
    return oddRow < 0 ? { column } : { oddRow };
  }
  const column = absentNumbers(type, values.length);
  const isOfType = type === 'integer' ? Number.isSafeInteger : Number.isFinite;
  const oddRow = fill(values, (row, value) => {
    if (!isOfType(value)) return false;
    column.values[row] = value as number;
    return true;
  });
  return oddRow < 0 ? { column } : { oddRow };
}

/** The first row whose value was not taken; -1 where all were. */
function fill(values: RawValues, take: (row: number, value: PayloadValue) => boolean): number {
  return values.findIndex((value, row) => value !== undefined && !take(row, value));
}
