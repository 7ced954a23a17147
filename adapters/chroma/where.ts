import { BenchError } from '../../core/errors.js';
import {
  type EqualsFilter,
  type Filter,
  type InFilter,
  type RangeFilter,
  translateFilter,
} from '../../core/filter.js';
import type { PayloadValue } from '../../core/payload.js';

type Operator = '$eq' | '$ne' | '$in' | '$nin' | '$gte' | '$gt' | '$lte' | '$lt';

/** A filter in the server's words. */
export type Where =
  | { readonly $and: readonly Where[] }
  | { readonly $or: readonly Where[] }
  | { readonly [field: string]: Partial<Record<Operator, PayloadValue | readonly PayloadValue[]>> };

/** An expression and its negation: the server has no word for `not`. */
interface Both {
  readonly yes: Where;
  readonly no: Where;
}

/** The key that marks a row without a value in a column: the server cannot ask for that. */
export function absenceKey(field: string): string {
  return `bench_without_${field}`;
}

/**
 * Translates a filter.
 *
 * @param isMarked rows without a value carry {@link absenceKey}
 * @throws BenchError UNSUPPORTED for the negation of a range where they do not
 */
export function whereOf(filter: Filter, isMarked: boolean): Where {
  const missing = (field: string): Where => {
    if (isMarked) return leaf(absenceKey(field), '$eq', true);
    throw new BenchError('UNSUPPORTED', `chroma: not of a range of ${field}`, {
      hint: 'Chroma cannot ask for rows without a value, and nothing marks them in this collection',
    });
  };
  return translateFilter<Both>(filter, {
    equals: equalsOf,
    in: inOf,
    range: (one) => rangeOf(one, missing),
    and: (parts) =>
      both(
        () => all(parts.map(yesOf)),
        () => any(parts.map(noOf)),
      ),
    or: (parts) =>
      both(
        () => any(parts.map(yesOf)),
        () => all(parts.map(noOf)),
      ),
    not: (part) =>
      both(
        () => part.no,
        () => part.yes,
      ),
  }).yes;
}

const yesOf = ({ yes }: Both): Where => yes;
const noOf = ({ no }: Both): Where => no;

/** Each is made where it is wanted, as a negation may be impossible. */
function both(yes: () => Where, no: () => Where): Both {
  return {
    get yes() {
      return yes();
    },
    get no() {
      return no();
    },
  };
}

function leaf(
  field: string,
  operator: Operator,
  value: PayloadValue | readonly PayloadValue[],
): Where {
  return { [field]: { [operator]: value } };
}

/** The client takes no list of one. */
function all(parts: readonly Where[]): Where {
  return parts.length === 1 ? (parts[0] as Where) : { $and: parts };
}

function any(parts: readonly Where[]): Where {
  return parts.length === 1 ? (parts[0] as Where) : { $or: parts };
}

/**
 * A whole number is stored as an integer, and the server compares integers with the whole part of
 * a number that is not whole: 1 equals 1.5. That integer is to be told apart.
 */
function isFraction(value: PayloadValue): value is number {
  return typeof value === 'number' && !Number.isInteger(value);
}

function equalsOf({ field, equals }: EqualsFilter): Both {
  const yes = leaf(field, '$eq', equals);
  const no = leaf(field, '$ne', equals);
  if (!isFraction(equals)) return { yes, no };
  const whole = Math.trunc(equals);
  return { yes: all([yes, leaf(field, '$ne', whole)]), no: any([no, leaf(field, '$eq', whole)]) };
}

/** The values of one list must be of one type, of which integer and float are two. */
function inOf({ field, in: values }: InFilter): Both {
  const fractions = values.filter(isFraction);
  const others = values.filter((value) => !isFraction(value));
  const found = fractions.map((equals) => equalsOf({ field, equals }));
  if (others.length > 0) {
    found.push({ yes: leaf(field, '$in', others), no: leaf(field, '$nin', others) });
  }
  return { yes: any(found.map(yesOf)), no: all(found.map(noOf)) };
}

function rangeOf({ field, atLeast, atMost }: RangeFilter, missing: (field: string) => Where): Both {
  const within: Where[] = [];
  const beyond: Where[] = [];
  if (atLeast !== undefined) {
    within.push(leaf(field, '$gte', atLeast));
    beyond.push(leaf(field, '$lt', atLeast));
  }
  if (atMost !== undefined) {
    within.push(leaf(field, '$lte', atMost));
    beyond.push(leaf(field, '$gt', atMost));
  }
  // The integer next to the bound, on the side of zero, which is outside here.
  const outside = [
    ...(atLeast !== undefined && atLeast > 0 ? [atLeast] : []),
    ...(atMost !== undefined && atMost < 0 ? [atMost] : []),
  ].filter(isFraction);
  for (const bound of outside) {
    within.push(leaf(field, '$ne', Math.trunc(bound)));
    beyond.push(leaf(field, '$eq', Math.trunc(bound)));
  }
  return both(
    () => all(within),
    () => any([...beyond, missing(field)]),
  );
}
