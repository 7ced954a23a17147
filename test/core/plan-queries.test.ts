import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SuiteQueries, SuiteStream } from '../../core/suite.js';
import { planOf } from './plans.js';

const log = { rows: Int32Array.of(3, 1), sha256: 'abc' };
const weighted = { ...log, weights: Float64Array.of(1, 2) };
const queryLogs = new Map([
  ['/log.csv', log],
  ['/weights.csv', weighted],
]);

function planWith(queries: SuiteQueries, more: Partial<SuiteStream> = {}) {
  const load = [{ kind: 'closed' as const, concurrency: 1 }];
  const streams = [{ operation: 'search' as const, k: 10, queries, load, ...more }];
  return planOf({ streams }, { queryLogs });
}

function plannedQueries(queries: SuiteQueries) {
  return planWith(queries).cells[0]?.streams[0]?.queries;
}

test('an order of queries is planned with what it needs', () => {
  assert.equal(plannedQueries({ order: 'cycle' }), undefined);
  assert.deepEqual(plannedQueries({ order: 'zipf' }), { order: 'zipf', exponent: 1 });
  assert.deepEqual(plannedQueries({ order: 'zipf', exponent: 0 }), { order: 'zipf', exponent: 0 });
  const file = '/weights.csv';
  assert.deepEqual(plannedQueries({ order: 'weighted', file }), {
    order: 'weighted',
    file,
    log: weighted,
  });
  assert.deepEqual(plannedQueries({ order: 'log', file: '/log.csv' }), {
    order: 'log',
    file: '/log.csv',
    log,
  });
});

const refused: readonly (readonly [SuiteQueries, Partial<SuiteStream>, string])[] = [
  [
    { order: 'cycle', exponent: 2 },
    {},
    'queries.exponent must be left out with order cycle, got 2',
  ],
  [{ order: 'zipf', file: '/log.csv' }, {}, 'queries.file must be left out with order zipf'],
  [{ order: 'log' }, {}, 'queries.file must be given with order log'],
  [{ order: 'weighted' }, {}, 'queries.file must be given with order weighted'],
  [{ order: 'log', file: '/no.csv' }, {}, 'queries.file must be a query log that was read'],
  [{ order: 'log', file: '/weights.csv' }, {}, 'queries.order must be weighted for a file with'],
  [{ order: 'zipf' }, { batch: [1, 10] }, 'batch must be 1 with queries in order zipf, got 1,10'],
];

for (const [queries, more, said] of refused) {
  test(`a suite is refused: ${said}`, () => {
    assert.throws(
      () => planWith(queries, more),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'BAD_SUITE');
        assert.ok(error.message.includes(`streams[0].${said}`), error.message);
        return true;
      },
    );
  });
}
