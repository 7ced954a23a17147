import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFilter } from '../../core/describe-filter.js';
import type { Filter } from '../../core/filter.js';

const comedy = { field: 'genre', equals: 'Comedy' };
const nineties = { field: 'year', atLeast: 1990, atMost: 1999 };

test('a filter is read as a sentence would say it', () => {
  const words: readonly (readonly [Filter, string])[] = [
    [comedy, 'genre = Comedy'],
    [nineties, 'year 1990..1999'],
    [{ field: 'year', atLeast: 1990 }, 'year >= 1990'],
    [{ field: 'score', atMost: 0.5 }, 'score <= 0.5'],
    [{ field: 'genre', in: ['Comedy', 'Drama'] }, 'genre in (Comedy, Drama)'],
    [{ and: [comedy, nineties] }, 'genre = Comedy and year 1990..1999'],
    [{ not: comedy }, 'not genre = Comedy'],
  ];
  for (const [filter, text] of words) assert.equal(describeFilter(filter), text);
});

test('what is within another expression stands in brackets where it has several parts', () => {
  const either = { or: [comedy, nineties] };
  assert.equal(
    describeFilter({ and: [either, { not: either }, { and: [comedy] }] }),
    '(genre = Comedy or year 1990..1999) and not (genre = Comedy or year 1990..1999) ' +
      'and genre = Comedy',
  );
});

test('text that could be read as something else is quoted', () => {
  const texts = ['1990', 'true', 'or', 'Science Fiction', 'a, b', ''];
  assert.deepEqual(
    texts.map((equals) => describeFilter({ field: 'tag', equals })),
    texts.map((text) => `tag = "${text}"`),
  );
  assert.equal(describeFilter({ field: 'tag', equals: true }), 'tag = true');
  assert.equal(describeFilter({ field: 'tag', equals: 1990 }), 'tag = 1990');
  assert.equal(describeFilter({ field: 'tag', equals: 'Été-2' }), 'tag = Été-2');
});

test('of a long list the first eight values are named', () => {
  const values = Array.from({ length: 1000 }, (_, index) => index);
  const text = 'year in (0, 1, 2, 3, 4, 5, 6, 7, 992 more)';
  assert.equal(describeFilter({ field: 'year', in: values }), text);
  assert.equal(
    describeFilter({ field: 'year', in: values.slice(0, 8) }),
    'year in (0, 1, 2, 3, 4, 5, 6, 7)',
  );
});
