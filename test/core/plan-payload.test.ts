import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Adapter } from '../../core/adapter.js';
import { filterKinds } from '../../core/filter.js';
import { payloadTypes } from '../../core/payload.js';
import type { Target } from '../../core/plan.js';
import type { Suite } from '../../core/suite.js';
import { engine, plain, planOf as planWith } from './plans.js';

const types = { genre: 'category', year: 'integer', title: 'text' } as const;
const storing = (payload: Partial<NonNullable<Adapter['payload']>> = {}) => ({
  ...engine,
  name: 'storing',
  adapter: {
    ...engine.adapter,
    payload: { types: payloadTypes, filters: filterKinds, returns: true, ...payload },
  },
});
const dataset = { name: 'small', metric: 'l2', rows: 1000, dimensions: 8, queries: 20 } as const;
const planOf = (suite: Partial<Suite>, targets: readonly Target[]) =>
  planWith(suite, { targets, dataset: { ...dataset, payload: types } });
const comedy = { field: 'genre', equals: 'Comedy' } as const;
const load = [{ kind: 'closed' as const, concurrency: 1 }];

function suiteOf(stream: Partial<Suite['streams'][number]>, more: Partial<Suite> = {}) {
  return {
    indexes: [{ family: 'flat' }],
    streams: [{ operation: 'search' as const, k: 10, load, ...stream }],
    gates: [],
    ...more,
  };
}

test('filters and columns by names of their own sweep, and name their streams', () => {
  const filter = { all: 'none' as const, comedy, late: { field: 'year', atLeast: 2000 } };
  const suite = suiteOf({ filter, payload: { bare: [], titled: ['title'] } });
  const plan = planOf(suite, [storing()]);
  const streams = plan.cells.filter(({ repeat }) => repeat === 0).flatMap((cell) => cell.streams);
  const asked = streams.map(({ name, filter: own, payload }) => [name, own, payload]);
  assert.deepEqual(asked.sort(), [
    ['search-all-bare', undefined, undefined],
    ['search-all-titled', undefined, ['title']],
    ['search-comedy-bare', comedy, undefined],
    ['search-comedy-titled', comedy, ['title']],
    ['search-late-bare', filter.late, undefined],
    ['search-late-titled', filter.late, ['title']],
  ]);
  assert.deepEqual(plan.builds[0]?.payload, [
    { name: 'genre', type: 'category', indexed: true },
    { name: 'title', type: 'text', indexed: false },
    { name: 'year', type: 'integer', indexed: true },
  ]);
});

test('a single filter leaves the name of its stream, and columns may be stored besides', () => {
  const suite = suiteOf({ filter: comedy }, { payload: ['year'] });
  const plan = planOf(suite, [storing()]);
  assert.equal(plan.cells[0]?.streams[0]?.name, 'search');
  assert.deepEqual(
    plan.builds[0]?.payload.map(({ name, indexed }) => [name, indexed]),
    [
      ['genre', true],
      ['year', false],
    ],
  );
});

test('what a store lacks is left out by name, and measured where it is not needed', () => {
  const filter = { all: 'none' as const, comedy, other: { not: comedy } };
  const half = { ...storing({ filters: ['equals'] }), name: 'half' };
  const plan = planOf(suiteOf({ filter }), [plain, half]);
  const measured = plan.cells
    .filter(({ repeat }) => repeat === 0)
    .map(({ build, streams }) => `${build.target.name} ${streams[0]?.name}`);
  assert.deepEqual(measured.sort(), ['half search-all', 'half search-comedy', 'plain search-all']);
  assert.deepEqual(
    plan.unsupported.map(({ target, what, why }) => `${target}: ${what}: ${why}`),
    [
      'plain: stream search-comedy: plain stores no payload',
      'plain: stream search-other: plain stores no payload',
      'half: stream search-other: engine has no filter by not',
    ],
  );
  assert.deepEqual(plan.builds.find(({ target }) => target === plain)?.payload, []);
});

for (const [payload, why] of [
  [{ types: ['integer'] as const }, 'stores no category (genre)'],
  [{ returns: false }, 'gives no payload'],
] as const) {
  test(`a suite that no target can run says why: ${why}`, () => {
    const targets = [storing(payload)];
    const suite = suiteOf({ filter: comedy, payload: ['year'] });
    assert.throws(
      () => planOf(suite, targets),
      (error: Error & { code?: string }) =>
        error.code === 'UNSUPPORTED' && error.message.includes(`engine ${why}`),
    );
  });
}

test('mistakes are told with their places, all at once', () => {
  const filter = { comedy: { field: 'gerne', equals: 'x' }, late: { field: 'year', in: ['x'] } };
  const suite = suiteOf({ filter, payload: ['name'] }, { payload: ['titel'] });
  assert.throws(
    () => planOf(suite, [storing()]),
    (error: Error) => {
      assert.deepEqual(
        error.message.split('\n').map((line) => line.replace(/^suite \S+ /, '')),
        [
          'payload titel is no column; did you mean title?',
          'streams[0].filter.comedy.field gerne is no column; did you mean genre?',
          'streams[0].payload name is no column; one of: genre, year, title',
          'streams[0].filter.late: year holds integer, got "x"',
        ],
      );
      return true;
    },
  );
});
