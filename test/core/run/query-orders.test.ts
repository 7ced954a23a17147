import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawnRequests, type QueryLog } from '../../../core/load/query-order.js';
import type { PlannedQueries } from '../../../core/plan/queries.js';
import type { PlannedStream } from '../../../core/plan/streams.js';
import { makePlan } from '../../../core/plan.js';
import type { Cell } from '../../../core/result.js';
import { queryOrders } from '../../../core/run/query-orders.js';
import type { SuiteQueries } from '../../../core/suite.js';
import { emptyFolder } from '../folders.js';
import { exactTarget, runSmall, smallSuite } from './small-run.js';

function stream(queries: PlannedQueries, name = 'search'): PlannedStream {
  const flow = { workers: 2, connections: 2, itemsPerRequest: 1 };
  const load = { kind: 'closed' as const, concurrency: 2, ...flow };
  return { name, operation: 'search', k: 10, load, queries };
}

const context = { queries: 1000, workers: 2, seed: 1 };

test('an order is the same in all cells of a stream, and another for each worker', () => {
  const zipf = stream({ order: 'zipf', exponent: 1 });
  const made = queryOrders(zipf, context);
  assert.deepEqual(queryOrders(zipf, context), made);
  const [first, second] = made?.orders ?? [];
  assert.equal(first?.length, drawnRequests);
  assert.notDeepEqual(first, second);
  const seeded = queryOrders(zipf, { ...context, seed: 2 });
  assert.notDeepEqual(seeded?.orders, made?.orders);
  const other = queryOrders(stream({ order: 'zipf', exponent: 1 }, 'other'), context);
  assert.notDeepEqual(other?.orders, made?.orders);
});

test('all workers find the same queries frequent', () => {
  const made = queryOrders(stream({ order: 'zipf', exponent: 2 }), context);
  const mostFrequent = (made?.orders ?? []).map((order) => {
    const counts = new Map<number, number>();
    for (const query of order) counts.set(query, (counts.get(query) ?? 0) + 1);
    return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
  });
  assert.equal(mostFrequent[0], mostFrequent[1]);
});

test('the order says how many requests it decides and how many queries they reach', () => {
  const log = { rows: Int32Array.of(4, 4, 9), sha256: 'abc' };
  const made = queryOrders(stream({ order: 'log', file: '/l.csv', log }), context);
  assert.deepEqual(made?.record, {
    order: 'log',
    file: '/l.csv',
    sha256: 'abc',
    requests: 3,
    distinct: 2,
    coverage: 0.002,
  });
  assert.equal(
    queryOrders({ ...stream({ order: 'zipf', exponent: 1 }) }, context)?.record.exponent,
    1,
  );
});

/** Runs the exact store on 20 queries in an order of their own. */
async function measured(
  folder: string,
  queries: SuiteQueries,
  log?: QueryLog,
): Promise<Cell | undefined> {
  const streams = [{ ...smallSuite.streams[0], queries }] as typeof smallSuite.streams;
  const plan = makePlan({
    suiteName: 'small',
    suite: { ...smallSuite, streams },
    dataset: { name: 'small', metric: 'l2', rows: 200, dimensions: 8, queries: 20 },
    targets: [exactTarget],
    seed: 1,
    queryLogs: new Map(log === undefined ? [] : [['/log.csv', log]]),
  });
  return (await runSmall({ folder, input: { plan } })).cells[0];
}

test('a cell asks as its order says, states it, and has a key of its own', async (t) => {
  const log: QueryLog = { rows: Int32Array.of(3, 3, 17), sha256: 'abc' };
  const cell = await measured(await emptyFolder(t), { order: 'log', file: '/log.csv' }, log);
  const [result] = cell?.streams ?? [];
  assert.deepEqual(result?.queries, {
    order: 'log',
    file: '/log.csv',
    sha256: 'abc',
    requests: 3,
    distinct: 2,
    coverage: 0.1,
  });
  const { recall } = result?.operations.search ?? {};
  assert.deepEqual([recall?.mean, recall?.queries, recall?.coverage], [1, 2, 0.1]);
  assert.ok(cell?.warnings.some(({ code }) => code === 'COVERAGE'));
  // The window lasts its time, though 18 queries were never asked.
  assert.ok((cell?.durationS ?? 1) < 0.2, `${cell?.durationS} s`);
  const even = await measured(await emptyFolder(t), { order: 'cycle' });
  assert.equal(even?.streams[0]?.queries, undefined);
  assert.notEqual(even?.key, cell?.key);
});

test('weights decide how often a query is asked', async (t) => {
  const log: QueryLog = {
    rows: Int32Array.of(3, 17),
    weights: Float64Array.of(1, 0),
    sha256: 'abc',
  };
  const cell = await measured(await emptyFolder(t), { order: 'weighted', file: '/log.csv' }, log);
  assert.equal(cell?.streams[0]?.queries?.distinct, 1);
  assert.equal(cell?.streams[0]?.operations.search?.recall?.queries, 1);
});
