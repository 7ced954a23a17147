import type { PayloadField } from '../../core/adapter.js';
import {
  type EqualsFilter,
  type Filter,
  type InFilter,
  type RangeFilter,
  translateFilter,
} from '../../core/filter.js';
import type { PayloadType, PayloadValue } from '../../core/payload.js';
import { absent, ownFieldOf } from './rows.js';

/** What expressions need to know of a collection. */
export interface FilteredFields {
  readonly payload: readonly PayloadField[];
  /** bench made it: fields have a prefix, and rows without a value have one that means none. */
  readonly isOwn: boolean;
}

/** Whole numbers of a column are at most this. */
const mostWhole = 2 ** 53;

/** A filter as an expression of Milvus. */
export function expressionOf(filter: Filter, fields: FilteredFields): string {
  return translateFilter<string>(filter, {
    equals: (one) => equalsOf(one, fields),
    in: (one) => inOf(one, fields),
    range: (one) => rangeOf(one, fields),
    and: (parts) => `(${parts.join(' and ')})`,
    or: (parts) => `(${parts.join(' or ')})`,
    not: (part) => `(not ${part})`,
  });
}

function typeOf(name: string, { payload }: FilteredFields): PayloadType {
  return payload.find((field) => field.name === name)?.type ?? 'text';
}

function fieldOf(name: string, { isOwn }: FilteredFields): string {
  return isOwn ? ownFieldOf(name) : name;
}

function equalsOf({ field, equals }: EqualsFilter, fields: FilteredFields): string {
  const literal = literalOf(equals, field, fields);
  const name = fieldOf(field, fields);
  return literal === undefined ? nothing(name) : `(${name} == ${literal})`;
}

function inOf({ field, in: values }: InFilter, fields: FilteredFields): string {
  const literals = values.flatMap((value) => literalOf(value, field, fields) ?? []);
  return `(${fieldOf(field, fields)} in [${literals.join(', ')}])`;
}

/** No row meets it, whatever the type of the field. */
function nothing(name: string): string {
  return `(${name} in [])`;
}

/** A value in an expression; undefined where no row can have it. */
function literalOf(value: PayloadValue, field: string, fields: FilteredFields): string | undefined {
  const type = typeOf(field, fields);
  if (fields.isOwn && value === absent[type]) return undefined;
  if (typeof value === 'boolean') return fields.isOwn ? String(Number(value)) : String(value);
  // Escapes are those of Go's texts, which JSON's are among.
  if (typeof value === 'string') return JSON.stringify(value);
  if (type !== 'integer') return String(value);
  return Number.isInteger(value) && Math.abs(value) <= mostWhole ? String(value) : undefined;
}

function rangeOf(one: RangeFilter, fields: FilteredFields): string {
  const name = fieldOf(one.field, fields);
  const isWhole = typeOf(one.field, fields) === 'integer';
  const bounds = isWhole ? wholeBounds(one, fields) : realBounds(one, fields);
  if (bounds === undefined) return nothing(name);
  return `(${bounds.map((bound) => `${name} ${bound}`).join(' and ')})`;
}

/** A range without a lower bound leaves out what stands for no value, which is below all others. */
function wholeBounds(
  { atLeast, atMost }: RangeFilter,
  { isOwn }: FilteredFields,
): string[] | undefined {
  const least = Math.max(-mostWhole, Math.ceil(atLeast ?? -mostWhole));
  const most = Math.min(mostWhole, Math.floor(atMost ?? mostWhole));
  if (least > most) return undefined;
  return [
    ...(atLeast !== undefined || isOwn ? [`>= ${least}`] : []),
    ...(atMost !== undefined ? [`<= ${most}`] : []),
  ];
}

function realBounds({ atLeast, atMost }: RangeFilter, { isOwn }: FilteredFields): string[] {
  const none = absent.float;
  const isAbove = atLeast !== undefined && atLeast > none;
  return [
    ...(isAbove || (atLeast !== undefined && !isOwn) ? [`>= ${atLeast}`] : []),
    ...(isOwn && !isAbove ? [`> ${none}`] : []),
    ...(atMost !== undefined ? [`<= ${atMost}`] : []),
  ];
}
