import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedOf, describeAsked } from '../../../core/load/describe-asked.js';
import { makeFilteredRun } from '../../fixtures/make-filtered-run.js';
import { readRun } from '../../fixtures/read-run.js';

test('streams say their filter, its share of the rows, and the columns that come', () => {
  // 4,243 and 364 of 19,500 rows, as the fixture has them.
  assert.deepEqual(describeAsked(makeFilteredRun()), [
    'search-all: all rows',
    'search-genre: genre = Comedy (21.8 % of rows), with title, year',
    'search-both: genre = Comedy and year 1990..1999 (1.87 % of rows)',
  ]);
});

test('streams come in the order of the points, not in that of measuring', () => {
  const run = makeFilteredRun();
  const names = askedOf({ ...run, cells: run.cells.toReversed() }).map(({ name }) => name);
  assert.deepEqual(names, ['search-all', 'search-genre', 'search-both']);
});

test('a search without points names its streams, too', () => {
  const names = askedOf({ ...makeFilteredRun(), summaries: [] }).map(({ name }) => name);
  assert.deepEqual(names, ['search-all', 'search-genre', 'search-both']);
});

test('of streams that ask for the nearest rows alone nothing is said', () => {
  assert.deepEqual(describeAsked(readRun()), []);
});
