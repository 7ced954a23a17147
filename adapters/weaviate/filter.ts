import { BenchError } from '../../core/errors.js';
import { type Filter, type RangeFilter, translateFilter } from '../../core/filter.js';
import type { PayloadValue } from '../../core/payload.js';
import type { WeaviateServer } from './server.js';
import type { Property } from './transport.js';

/** What a property holds. */
export type ValueKind = 'text' | 'int' | 'number' | 'boolean';

type Comparison =
  | 'Equal'
  | 'GreaterThan'
  | 'GreaterThanEqual'
  | 'LessThan'
  | 'LessThanEqual'
  | 'ContainsAny';

/** A condition on one property. */
export interface Leaf {
  readonly operator: Comparison;
  readonly property: Property;
  readonly value: PayloadValue | readonly PayloadValue[];
}

/** Conditions together. */
export interface Branch {
  readonly operator: 'And' | 'Or' | 'Not';
  readonly operands: readonly Condition[];
}

/** A filter in the words of Weaviate, whatever it travels by. */
export type Condition = Leaf | Branch;

/**
 * A filter in the words of Weaviate.
 *
 * @param columns the properties by the columns that filters name
 * @throws BenchError BAD_ARGUMENT for a column that is none of them
 */
export function conditionOf(
  filter: Filter,
  columns: Readonly<Record<string, Property>>,
): Condition {
  const propertyOf = (field: string): Property => {
    const property = columns[field];
    if (property !== undefined) return property;
    throw new BenchError('BAD_ARGUMENT', `weaviate: no column ${field} beside the vectors`);
  };
  return translateFilter<Condition>(filter, {
    equals: ({ field, equals }) => {
      const property = propertyOf(field);
      if (!canHold(property, equals)) return nothing(property);
      return { operator: 'Equal', property, value: plain(equals) };
    },
    in: ({ field, in: values }) => {
      const property = propertyOf(field);
      const held = values.filter((value) => canHold(property, value)).map(plain);
      if (held.length === 0) return nothing(property);
      return { operator: 'ContainsAny', property, value: held };
    },
    range: (range) => rangeOf(range, propertyOf(range.field)),
    and: (operands) => ({ operator: 'And', operands }),
    or: (operands) => ({ operator: 'Or', operands }),
    not: (operand) => ({ operator: 'Not', operands: [operand] }),
  });
}

function hasNot(condition: Condition): boolean {
  if (!('operands' in condition)) return false;
  return condition.operator === 'Not' || condition.operands.some(hasNot);
}

/**
 * A filter in the words of Weaviate, if the server knows them.
 *
 * @throws BenchError TOO_OLD for a negation that it does not know; as `conditionOf`
 */
export function knownCondition(
  server: Pick<WeaviateServer, 'require'>,
  filter: Filter,
  columns: Readonly<Record<string, Property>>,
): Condition {
  const condition = conditionOf(filter, columns);
  if (hasNot(condition)) server.require(1, 33, 'a filter with not');
  return condition;
}

/** Numbers are compared by their bytes, in which -0 is another than 0. */
function plain(value: PayloadValue): PayloadValue {
  return value === 0 ? 0 : value;
}

function canHold({ kind }: Property, value: PayloadValue): boolean {
  return kind !== 'int' || (Number.isInteger(value) && !isBeyond(Number(value), Number(value)));
}

/** No value is above and below 0. */
function nothing(property: Property): Condition {
  const operands: Leaf[] = [
    { operator: 'GreaterThan', property, value: 0 },
    { operator: 'LessThan', property, value: 0 },
  ];
  return { operator: 'And', operands };
}

function rangeOf({ atLeast, atMost }: RangeFilter, property: Property): Condition {
  const isInt = property.kind === 'int';
  const least = isInt && atLeast !== undefined ? Math.ceil(atLeast) : atLeast;
  const most = isInt && atMost !== undefined ? Math.floor(atMost) : atMost;
  if (isInt && isBeyond(least, most)) return nothing(property);
  const bounds: Leaf[] = [];
  const add = (operator: Comparison, bound: number): void => {
    const within = isInt ? clamp(bound) : bound;
    bounds.push({ operator, property, value: plain(within) });
  };
  if (least !== undefined) add('GreaterThanEqual', least);
  if (most !== undefined) add('LessThanEqual', most);
  return bounds.length === 1 ? (bounds[0] as Leaf) : { operator: 'And', operands: bounds };
}

const mostInt = 2 ** 53;

function isBeyond(least = -mostInt, most = mostInt): boolean {
  return least > mostInt || most < -mostInt;
}

function clamp(bound: number): number {
  return Math.min(Math.max(bound, -mostInt), mostInt);
}

const valueWords: Readonly<Record<ValueKind, string>> = {
  text: 'valueText',
  int: 'valueInt',
  number: 'valueNumber',
  boolean: 'valueBoolean',
};

/** A condition as GraphQL has it. Its texts and numbers are written as those of JSON. */
export function graphqlCondition(condition: Condition): string {
  if ('operands' in condition) {
    const operands = condition.operands.map(graphqlCondition).join(' ');
    return `{operator:${condition.operator} operands:[${operands}]}`;
  }
  const { operator, property, value } = condition;
  const written = `${valueWords[property.kind]}:${JSON.stringify(value)}`;
  return `{path:["${property.name}"] operator:${operator} ${written}}`;
}

/** A condition as a message of gRPC. */
export interface GrpcFilter {
  readonly operator: number;
  readonly filters?: readonly GrpcFilter[];
  readonly target?: { readonly property: string };
  readonly [valueWord: `value${string}`]: unknown;
}

// Filters.Operator of grpc/proto/v1/base.proto.
const operatorCodes: Readonly<Record<Condition['operator'], number>> = {
  Equal: 1,
  GreaterThan: 3,
  GreaterThanEqual: 4,
  LessThan: 5,
  LessThanEqual: 6,
  And: 7,
  Or: 8,
  ContainsAny: 12,
  Not: 15,
};

/** A condition as gRPC has it. */
export function grpcCondition(condition: Condition): GrpcFilter {
  const operator = operatorCodes[condition.operator];
  if ('operands' in condition) {
    return { operator, filters: condition.operands.map(grpcCondition) };
  }
  const { property, value } = condition;
  const word = valueWords[property.kind] as `value${string}`;
  const target = { property: property.name };
  return Array.isArray(value)
    ? { operator, target, [`${word}Array`]: { values: value } }
    : { operator, target, [word]: value };
}
