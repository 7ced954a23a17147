import type { PayloadField } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import { type Filter, translateFilter } from '../../core/filter.js';
import {
  type Payload,
  type PayloadColumn,
  type PayloadType,
  type PayloadValue,
  payloadValue,
} from '../../core/payload.js';
import { attributeText } from './text-codec.js';

// An expression with a selector that an element lacks is false as a whole, also below `not` and
// `or`. So what has no value gets one that no filter asks for.
const noNumber = -1e300;
const noBoolean = 2;

/** What stands for the missing values of a column. */
function nothingOf(type: PayloadType): string | number {
  if (type === 'boolean') return noBoolean;
  return type === 'integer' || type === 'float' ? noNumber : attributeText.nothing;
}

/** The attributes of one row, as SETATTR takes them. */
export function attributesOf(payload: Payload, row: number): string {
  const values: Record<string, PayloadValue> = {};
  for (const name in payload) {
    const column = payload[name] as PayloadColumn;
    const value = payloadValue(column, row);
    if (value === undefined) values[name] = nothingOf(column.type);
    else values[name] = typeof value === 'string' ? attributeText.write(value) : value;
  }
  return JSON.stringify(values);
}

/** Whose attributes are read: bench's own, or what somebody else stored. */
export type Origin = 'own' | 'attached';

/** Some columns of attributes. */
export function readAttributes(
  text: string,
  fields: readonly PayloadField[],
  origin: Origin,
): Record<string, PayloadValue> {
  const stored = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  const found: Record<string, PayloadValue> = {};
  for (const { name, type } of fields) {
    const value = stored[name];
    if (origin === 'own' && value === nothingOf(type)) continue;
    if (typeof value === 'string') {
      found[name] = origin === 'own' ? attributeText.read(value) : value;
    } else if (typeof value === 'number' || typeof value === 'boolean') found[name] = value;
  }
  return found;
}

/**
 * A number in the digits that expressions know: no sign within an exponent.
 *
 * @throws BenchError UNSUPPORTED for numbers that are too small to be written so
 */
export function numeral(value: number): string {
  const text = String(value);
  if (!text.includes('e-')) return text.replace('e+', 'e');
  const digits = value.toFixed(100).replace(/0+$/, '');
  if (Number(digits) === value) return digits;
  throw new BenchError('UNSUPPORTED', `redis: filters of vector sets cannot express ${text}`, {
    hint: 'take a bound that is 0 or has fewer places',
  });
}

function literal(value: PayloadValue, origin: Origin): string {
  if (typeof value === 'number') return numeral(value);
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (origin === 'own') return `"${attributeText.write(value)}"`;
  if (!/[\p{Cc}\p{Cs}"\\]/u.test(value)) return `"${value}"`;
  throw new BenchError('UNSUPPORTED', `redis: filters cannot ask for ${JSON.stringify(value)}`, {
    hint: 'filters of vector sets know no escaped quotes: take another value',
  });
}

/**
 * A filter as VSIM takes it.
 *
 * @throws BenchError UNSUPPORTED for values that expressions cannot hold
 * @see Redis, "Filter expressions" of vector sets
 */
export function expressionOf(filter: Filter, origin: Origin): string {
  const lowest = numeral(-Number.MAX_VALUE);
  return translateFilter<string>(filter, {
    equals: ({ field, equals }) => `.${field} == ${literal(equals, origin)}`,
    in: ({ field, in: values }) =>
      `.${field} in [${values.map((value) => literal(value, origin)).join(', ')}]`,
    range: ({ field, atLeast, atMost }) => {
      const above = atLeast === undefined ? undefined : `.${field} >= ${numeral(atLeast)}`;
      // What has no value is stored as a number below all that mean something.
      const there = origin === 'own' ? `.${field} > ${numeral(noNumber)}` : undefined;
      const from = above ?? there ?? `.${field} >= ${lowest}`;
      return atMost === undefined ? from : `(${from} and .${field} <= ${numeral(atMost)})`;
    },
    and: (parts) => `(${parts.join(' and ')})`,
    or: (parts) => `(${parts.join(' or ')})`,
    // A value of 0 or 1, also of what stands in parentheses already.
    not: (part) => `(not (${part}))`,
  });
}
