import { z } from 'zod';
import { suggestion } from './nearest.js';
import {
  columnRows,
  type Payload,
  type PayloadColumn,
  type PayloadValue,
  payloadValue,
} from './payload.js';

const valueSchema = z.union([z.string(), z.number(), z.boolean()]);
const field = z.string().min(1).describe('a column of the payload of the dataset');

/** A column has a value. Text is compared letter by letter. */
const equalsSchema = z.strictObject({ field, equals: valueSchema });
/** A column has one of some values. */
const inSchema = z.strictObject({ field, in: z.array(valueSchema).min(1).max(1000) });
/** A number is within bounds, which count as within. */
const rangeSchema = z
  .strictObject({ field, atLeast: z.number().optional(), atMost: z.number().optional() })
  .refine(
    ({ atLeast, atMost }) => atLeast !== undefined || atMost !== undefined,
    'a range has atLeast, atMost, or both',
  );

/** A column equals a value. */
export type EqualsFilter = Readonly<z.infer<typeof equalsSchema>>;
/** A column equals one of some values. */
export interface InFilter {
  readonly field: string;
  readonly in: readonly PayloadValue[];
}
/** A number is at least and at most something; one of the two bounds may be absent. */
export type RangeFilter = Readonly<z.infer<typeof rangeSchema>>;

/**
 * What the rows of an answer must meet. A row without a value in a column meets no `equals`, `in`
 * or range of it; `not` is plain negation, so such a row meets `not` of them.
 */
export type Filter =
  | EqualsFilter
  | InFilter
  | RangeFilter
  | { readonly and: readonly Filter[] }
  | { readonly or: readonly Filter[] }
  | { readonly not: Filter };

/** The kinds of expression that a store may take. */
export const filterKinds = ['equals', 'in', 'range', 'and', 'or', 'not'] as const;
/** A kind of expression. */
export type FilterKind = (typeof filterKinds)[number];

/** The form of a filter in a suite. */
export const filterSchema: z.ZodType<Filter> = z.lazy(() =>
  z.union([
    equalsSchema,
    inSchema,
    rangeSchema,
    z.strictObject({ and: z.array(filterSchema).min(1).max(100) }),
    z.strictObject({ or: z.array(filterSchema).min(1).max(100) }),
    z.strictObject({ not: filterSchema }),
  ]),
);

/** What an adapter makes of each kind of expression. */
export interface FilterWords<T> {
  readonly equals: (filter: EqualsFilter) => T;
  readonly in: (filter: InFilter) => T;
  readonly range: (filter: RangeFilter) => T;
  readonly and: (parts: readonly T[]) => T;
  readonly or: (parts: readonly T[]) => T;
  readonly not: (part: T) => T;
}

/** Translates a filter, from the inside out. */
export function translateFilter<T>(filter: Filter, words: FilterWords<T>): T {
  if ('and' in filter) return words.and(filter.and.map((part) => translateFilter(part, words)));
  if ('or' in filter) return words.or(filter.or.map((part) => translateFilter(part, words)));
  if ('not' in filter) return words.not(translateFilter(filter.not, words));
  if ('equals' in filter) return words.equals(filter);
  return 'in' in filter ? words.in(filter) : words.range(filter);
}

/** The kinds of expression that a filter is made of. */
export function kindsOf(filter: Filter): ReadonlySet<FilterKind> {
  const all = (parts: readonly FilterKind[][]): FilterKind[] => parts.flat();
  return new Set(
    translateFilter<FilterKind[]>(filter, {
      equals: () => ['equals'],
      in: () => ['in'],
      range: () => ['range'],
      and: (parts) => ['and', ...all(parts)],
      or: (parts) => ['or', ...all(parts)],
      not: (part) => ['not', ...part],
    }),
  );
}

/** The columns that a filter looks at, each once. */
export function fieldsOf(filter: Filter): readonly string[] {
  const own = ({ field: name }: { readonly field: string }): string[] => [name];
  const all = (parts: readonly string[][]): string[] => parts.flat();
  const named = translateFilter<string[]>(filter, {
    equals: own,
    in: own,
    range: own,
    and: all,
    or: all,
    not: (part) => part,
  });
  return [...new Set(named)];
}

type Meets = (row: number) => boolean;

/**
 * Which rows of a payload meet a filter: 1 where they do, one byte a row.
 *
 * @param payload has the columns of the filter, which {@link checkFilter} found right
 */
export function matchingRows(filter: Filter, payload: Payload): Uint8Array {
  const columnOf = (name: string): PayloadColumn => payload[name] as PayloadColumn;
  const reading = ({ field: name }: { readonly field: string }) => {
    const column = columnOf(name);
    return (row: number): PayloadValue | undefined => payloadValue(column, row);
  };
  const meets = translateFilter<Meets>(filter, {
    equals: (one) => {
      const value = reading(one);
      return (row) => value(row) === one.equals;
    },
    in: (one) => {
      const value = reading(one);
      const wanted = new Set<PayloadValue | undefined>(one.in);
      return (row) => wanted.has(value(row));
    },
    range: (one) => {
      const value = reading(one);
      const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = one;
      return (row) => {
        const found = value(row);
        return typeof found === 'number' && found >= atLeast && found <= atMost;
      };
    },
    and: (parts) => (row) => parts.every((part) => part(row)),
    or: (parts) => (row) => parts.some((part) => part(row)),
    not: (part) => (row) => !part(row),
  });
  const [first] = fieldsOf(filter);
  const rows = first === undefined ? 0 : columnRows(columnOf(first));
  return Uint8Array.from({ length: rows }, (_, row) => (meets(row) ? 1 : 0));
}

/** A part of a sentence for each mistake in a filter: place, rule and value. */
export function checkFilter(filter: Filter, types: Readonly<Record<string, string>>): string[] {
  return checkAt(filter, '', types);
}

function checkAt(filter: Filter, place: string, types: Readonly<Record<string, string>>): string[] {
  const each = (name: string, parts: readonly Filter[]): string[] =>
    parts.flatMap((part, index) => checkAt(part, `${place}.${name}[${index}]`, types));
  if ('and' in filter) return each('and', filter.and);
  if ('or' in filter) return each('or', filter.or);
  if ('not' in filter) return checkAt(filter.not, `${place}.not`, types);
  const type = types[filter.field];
  if (type === undefined) {
    const names = Object.keys(types);
    if (names.length === 0) return [`${place}.field ${filter.field}: the dataset has no payload`];
    return [`${place}.field ${filter.field} is no column; ${suggestion(filter.field, names)}`];
  }
  return checkValues(filter, place, type);
}

function checkValues(
  filter: EqualsFilter | InFilter | RangeFilter,
  place: string,
  type: string,
): string[] {
  const wanted = wantedType(type);
  if ('equals' in filter || 'in' in filter) {
    const values = 'equals' in filter ? [filter.equals] : filter.in;
    const wrong = values.find((value) => typeof value !== wanted);
    if (wrong === undefined) return [];
    return [`${place}: ${filter.field} holds ${type}, got ${JSON.stringify(wrong)}`];
  }
  if (wanted !== 'number') return [`${place}: ${filter.field} holds ${type}, which has no range`];
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = filter;
  return atLeast <= atMost ? [] : [`${place}: atLeast ${atLeast} is above atMost ${atMost}`];
}

function wantedType(type: string): 'number' | 'boolean' | 'string' {
  if (type === 'integer' || type === 'float') return 'number';
  return type === 'boolean' ? 'boolean' : 'string';
}
