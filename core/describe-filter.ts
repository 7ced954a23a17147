import { type Filter, translateFilter } from './filter.js';
import type { PayloadValue } from './payload.js';

/** Of a longer list of values only the first are written. */
const mostValues = 8;

interface Phrase {
  readonly text: string;
  /** Of several parts, which need brackets within another phrase. */
  readonly isLong: boolean;
}

/** A filter as a person reads it: `genre = Comedy and year 1990..1999`. */
export function describeFilter(filter: Filter): string {
  return translateFilter<Phrase>(filter, {
    equals: ({ field, equals }) => short(`${word(field)} = ${word(equals)}`),
    in: (one) => short(`${word(one.field)} in (${list(one.in)})`),
    range: ({ field, atLeast, atMost }) => short(`${word(field)} ${bounds(atLeast, atMost)}`),
    and: (parts) => joined(parts, ' and '),
    or: (parts) => joined(parts, ' or '),
    not: (part) => short(`not ${part.isLong ? bracketed(part) : part.text}`),
  }).text;
}

function short(text: string): Phrase {
  return { text, isLong: false };
}

function joined(parts: readonly Phrase[], between: string): Phrase {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  return { text: parts.map(bracketed).join(between), isLong: true };
}

function bracketed({ text, isLong }: Phrase): string {
  return isLong ? `(${text})` : text;
}

function bounds(atLeast: number | undefined, atMost: number | undefined): string {
  if (atLeast === undefined) return `<= ${atMost ?? ''}`;
  return atMost === undefined ? `>= ${atLeast}` : `${atLeast}..${atMost}`;
}

function list(values: readonly PayloadValue[]): string {
  const shown = values.slice(0, mostValues).map(word);
  const more = values.length - shown.length;
  return [...shown, ...(more === 0 ? [] : [`${more} more`])].join(', ');
}

/** Text that could be read as something else stands in quotes. */
function word(value: PayloadValue): string {
  if (typeof value !== 'string') return String(value);
  const isPlain = /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(value);
  const isOther = ['and', 'or', 'not', 'in', 'true', 'false'].includes(value);
  return isPlain && !isOther ? value : JSON.stringify(value);
}
