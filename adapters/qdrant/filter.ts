import type { PayloadField } from '../../core/adapter.js';
import { type Filter, type RangeFilter, translateFilter } from '../../core/filter.js';
import type { PayloadType, PayloadValue } from '../../core/payload.js';

/** What one field must be, in the words of Qdrant. */
export interface FieldCondition {
  readonly key: string;
  readonly match?: { readonly value: PayloadValue } | { readonly any: readonly PayloadValue[] };
  readonly range?: { readonly gte?: number; readonly lte?: number };
}

/** Conditions together, in the words of Qdrant; one may stand within another. */
export interface QdrantFilter {
  readonly must?: readonly QdrantCondition[];
  readonly should?: readonly QdrantCondition[];
  readonly must_not?: readonly QdrantCondition[];
}

/** A part of a filter. */
export type QdrantCondition = FieldCondition | QdrantFilter;

/** The type of a payload index by that of a column; text is matched as a whole. */
export const indexTypes: Readonly<Record<PayloadType, string>> = {
  category: 'keyword',
  text: 'keyword',
  integer: 'integer',
  float: 'float',
  boolean: 'bool',
};

/**
 * A filter in the words of Qdrant.
 *
 * @param fields the columns: a match takes whole numbers only, and of an integer column only
 */
export function toQdrantFilter(filter: Filter, fields: readonly PayloadField[]): QdrantFilter {
  const isMatchable = (field: string, value: PayloadValue): boolean => {
    if (typeof value !== 'number') return true;
    const type = fields.find(({ name }) => name === field)?.type;
    return type !== 'float' && Number.isSafeInteger(value);
  };
  const one = (key: string, value: PayloadValue): FieldCondition =>
    isMatchable(key, value)
      ? { key, match: { value } }
      : { key, range: { gte: value as number, lte: value as number } };
  const condition = translateFilter<QdrantCondition>(filter, {
    equals: ({ field, equals }) => one(field, equals),
    in: ({ field, in: values }) =>
      // Truth values have no match of several.
      values.every((value) => typeof value !== 'boolean' && isMatchable(field, value))
        ? { key: field, match: { any: values } }
        : { should: values.map((value) => one(field, value)) },
    range: rangeOf,
    and: (must) => ({ must }),
    or: (should) => ({ should }),
    not: (part) => ({ must_not: [part] }),
  });
  return 'key' in condition ? { must: [condition] } : condition;
}

function rangeOf({ field, atLeast, atMost }: RangeFilter): FieldCondition {
  const gte = atLeast === undefined ? {} : { gte: atLeast };
  const lte = atMost === undefined ? {} : { lte: atMost };
  return { key: field, range: { ...gte, ...lte } };
}
