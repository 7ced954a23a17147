import type { Adapter } from '../../core/adapter.js';
import { type Filter, fieldsOf as fieldsOfFilter, kindsOf } from '../../core/filter.js';
import { fieldsOf } from './collection.js';

const red: Filter = { field: 'colour', equals: 'red' };
const early: Filter = { field: 'year', atLeast: 1900, atMost: 1950 };
const quoted: Filter = { field: 'colour', equals: "o'blue" };

/** Every kind of expression over every type of column, with texts that need care. */
const all: readonly Filter[] = [
  red,
  quoted,
  { field: 'colour', equals: 'no such colour' },
  { field: 'colour', in: ['green', 'Science Fiction'] },
  { field: 'year', equals: 1937 },
  { field: 'year', in: [1900, 1937, 1974] },
  early,
  { field: 'year', atLeast: 2000 },
  { field: 'score', atMost: -1.5 },
  { field: 'score', atLeast: -0.5, atMost: 2.25 },
  { field: 'isOld', equals: true },
  { field: 'isOld', equals: false },
  { field: 'word', equals: 'a "b"' },
  { field: 'word', equals: "it's" },
  { field: 'word', equals: '{x}|y' },
  { field: 'word', equals: 'back\\slash' },
  { field: 'word', in: ['Größe', 'tag-one', 'two words'] },
  { and: [red, early] },
  { or: [red, early] },
  { not: red },
  { not: early },
  { and: [{ or: [red, quoted] }, { not: { field: 'isOld', equals: true } }] },
  { not: { and: [early, { or: [red, { field: 'score', atLeast: 0 }] }] } },
];

/** Those that an adapter says it has. */
export function filtersFor(adapter: Adapter): readonly Filter[] {
  const names = fieldsOf(adapter).map(({ name }) => name);
  const kinds = adapter.payload?.filters ?? [];
  return all.filter(
    (filter) =>
      fieldsOfFilter(filter).every((name) => names.includes(name)) &&
      [...kindsOf(filter)].every((kind) => kinds.includes(kind)),
  );
}
