import type { PayloadField } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import { type Filter, translateFilter } from '../../core/filter.js';
import type { PayloadType, PayloadValue } from '../../core/payload.js';
import { quotedField, sqlTypes } from './columns.js';

/** A condition with its values, which never stand in its text. */
export interface SqlCondition {
  readonly sql: string;
  /** As texts, for the parameters from `first` on. */
  readonly values: readonly string[];
}

const never = 'false';
const mostInteger = 2 ** 63 - 1024;

/**
 * A filter as a condition of SQL. A row without a value gives null, which is no match; `not` of it
 * is one.
 *
 * @param first number of the first parameter
 * @throws BenchError BAD_ARGUMENT for a column that the collection does not have
 */
export function conditionOf(
  filter: Filter,
  fields: readonly PayloadField[],
  first: number,
): SqlCondition {
  const values: string[] = [];
  const parameter = (value: string, type: string): string => {
    values.push(value);
    return `$${first + values.length - 1}::${type}`;
  };
  const typeOf = (name: string): PayloadType => {
    const type = fields.find((field) => field.name === name)?.type;
    if (type !== undefined) return type;
    throw new BenchError('BAD_ARGUMENT', `pgvector: a filter by ${name}, which is no column`);
  };
  const sql = translateFilter<string>(filter, {
    equals: ({ field, equals }) => {
      const type = typeOf(field);
      if (!isOf(type, equals)) return never;
      return `${quotedField(field)} = ${parameter(String(equals), sqlTypes[type])}`;
    },
    in: ({ field, in: wanted }) => {
      const type = typeOf(field);
      const list = arrayText(wanted.filter((value) => isOf(type, value)));
      return `${quotedField(field)} = any(${parameter(list, `${sqlTypes[type]}[]`)})`;
    },
    range: ({ field, atLeast, atMost }) => {
      const type = typeOf(field);
      const bound = (sign: string, value: number | undefined): string[] => {
        if (value === undefined) return [];
        const text = type === 'integer' ? integerBound(sign, value) : String(value);
        return [`${quotedField(field)} ${sign} ${parameter(text, sqlTypes[type])}`];
      };
      return `(${[...bound('>=', atLeast), ...bound('<=', atMost)].join(' and ')})`;
    },
    and: (parts) => `(${parts.join(' and ')})`,
    or: (parts) => `(${parts.join(' or ')})`,
    not: (part) => `((${part}) is not true)`,
  });
  return { sql, values };
}

/** Whether a column can hold a value: no int8 is a fraction. */
function isOf(type: PayloadType, value: PayloadValue): boolean {
  return type !== 'integer' || Number.isSafeInteger(value);
}

/** The whole number that bounds the same int8. */
function integerBound(sign: string, value: number): string {
  const whole = sign === '>=' ? Math.ceil(value) : Math.floor(value);
  return BigInt(Math.max(-mostInteger, Math.min(mostInteger, whole))).toString();
}

/** The text of an array. @see PostgreSQL 17, "Array Input and Output Syntax" */
function arrayText(values: readonly PayloadValue[]): string {
  const items = values.map((value) => `"${String(value).replace(/["\\]/g, '\\$&')}"`);
  return `{${items.join(',')}}`;
}
