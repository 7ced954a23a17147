import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeQueries } from '../../../core/load/describe-queries.js';
import type { Cell, QueriesResult, StreamResult } from '../../../core/result.js';
import { makeOpenRun } from '../../fixtures/make-open-run.js';

const cells = makeOpenRun().cells.filter(({ streams }) => streams.length === 1);
const zipf: QueriesResult = {
  order: 'zipf',
  exponent: 1.1,
  requests: 262_144,
  distinct: 312,
  coverage: 0.624,
};

/** A cell with streams of these orders, by name. */
function cellOf(orders: Readonly<Record<string, QueriesResult | undefined>>): Cell {
  const [cell] = cells as [Cell];
  const [stream] = cell.streams as [StreamResult];
  const streams = Object.entries(orders).map(([name, queries]) => ({
    ...stream,
    name,
    ...(queries !== undefined && { queries }),
  }));
  return { ...cell, streams };
}

test('queries in turn need no word', () => {
  assert.deepEqual(describeQueries(cells), []);
});

test('an order is told with its distinct queries and coverage, a log without its folder', () => {
  const reach = { requests: 9, distinct: 3, coverage: 0.006, sha256: 'ab' };
  const of = (queries: QueriesResult) => describeQueries([cellOf({ search: queries })])[0];
  assert.equal(of(zipf), 'zipf 1.1: 312 distinct queries, coverage 62.4 %');
  assert.equal(
    of({ ...reach, order: 'log', file: '/home/a/asked.csv' }),
    'as in asked.csv: 3 distinct queries, coverage 0.6 %',
  );
  assert.match(
    of({ ...reach, order: 'weighted', file: '/home/a/asked.csv' }) ?? '',
    /^by the weights of asked\.csv: 3 /,
  );
});

test('loads of other numbers of workers reach other numbers: both are told', () => {
  const more = { ...zipf, distinct: 350, coverage: 0.7 };
  const both = [cellOf({ search: zipf }), cellOf({ search: more })];
  assert.deepEqual(describeQueries(both), [
    'zipf 1.1: 312..350 distinct queries, coverage 62.4..70 %',
  ]);
});

test('of several streams each has its name, those in turn too', () => {
  assert.deepEqual(describeQueries([cellOf({ hot: zipf, even: undefined })]), [
    'hot zipf 1.1: 312 distinct queries, coverage 62.4 %',
    'even in turn',
  ]);
});
