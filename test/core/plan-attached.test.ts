import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IndexSupport } from '../../core/adapter.js';
import { filterKinds } from '../../core/filter.js';
import { payloadTypes } from '../../core/payload.js';
import type { Target } from '../../core/plan.js';
import { planOf, targetOf } from './plans.js';

const size = { type: 'integer', meaning: 'a size', min: 1 } as const;
const graph: IndexSupport = {
  family: 'hnsw',
  title: 'graph',
  params: { M: { ...size, default: 16 } },
  search: { efSearch: { ...size, default: 40 } },
};
const fixed: IndexSupport = {
  family: 'hnsw',
  title: 'graph whose searches are fixed when it is made',
  params: { M: { ...size, default: 16 }, efSearch: { ...size, default: 100 } },
  search: {},
};
const dataset = { name: 'small', metric: 'l2', rows: 1000, dimensions: 8, queries: 20 } as const;
const indexes = [
  { family: 'flat' },
  { family: 'hnsw', params: { M: [8, 32] }, search: { efSearch: [16, 64] } },
];

function attachedTo(attach: Target['attach']): Target {
  const payload = { types: payloadTypes, filters: filterKinds, returns: true };
  const target = targetOf('mine', [graph], { abilities: ['attach'], payload });
  return { ...target, ...(attach && { attach }) };
}

test('a search parameter that a store fixes when it builds is built once for each value', () => {
  const targets = [targetOf('free', [graph]), targetOf('fixed', [fixed])];
  const { builds } = planOf({ indexes, gates: [] }, { targets, dataset });
  const found = builds.map(({ target, params, searches }) => [target.name, params, searches]);
  assert.deepEqual(found, [
    ['free', { M: 8 }, [{ efSearch: 16 }, { efSearch: 64 }]],
    ['free', { M: 32 }, [{ efSearch: 16 }, { efSearch: 64 }]],
    ['fixed', { efSearch: 16, M: 8 }, [{}]],
    ['fixed', { efSearch: 64, M: 8 }, [{}]],
    ['fixed', { efSearch: 16, M: 32 }, [{}]],
    ['fixed', { efSearch: 64, M: 32 }, [{}]],
  ]);
});

test('an attached collection is one build, searched as every index of its family asks', () => {
  const target = attachedTo({ collection: 'docs', family: 'hnsw' });
  const { builds, unsupported } = planOf({ indexes, gates: [] }, { targets: [target], dataset });
  const found = builds.map(({ params, searches, bytes }) => ({ params, searches, bytes }));
  assert.deepEqual(found, [
    { params: {}, searches: [{ efSearch: 16 }, { efSearch: 64 }], bytes: 0 },
  ]);
  assert.deepEqual(unsupported, [
    { target: 'mine', what: 'index family flat', why: 'the collection docs is hnsw' },
  ]);
});

test('what is fixed when an attached collection is made is not asked of its searches', () => {
  const attach = { collection: 'docs', family: 'hnsw' };
  const target = { ...targetOf('mine', [fixed], { abilities: ['attach'] }), attach };
  const targets = [target, targetOf('free', [graph])];
  const { builds } = planOf({ indexes, gates: [] }, { targets, dataset });
  const own = builds.filter((build) => build.target.name === 'mine');
  assert.deepEqual(
    own.map(({ params, searches }) => ({ params, searches })),
    [{ params: {}, searches: [{}] }],
  );
});

test('of an attached collection only the columns that the target names can be asked for', () => {
  const types = { genre: 'category', year: 'integer' } as const;
  const load = [{ kind: 'closed' as const, concurrency: 1 }];
  const filter = {
    genre: { field: 'genre', equals: 'Comedy' },
    late: { field: 'year', atLeast: 2000 },
  };
  const suite = {
    indexes: [{ family: 'hnsw' }],
    streams: [{ operation: 'search' as const, k: 10, filter, load }],
    gates: [],
  };
  const target = attachedTo({ collection: 'docs', family: 'hnsw', payload: ['genre'] });
  const around = { targets: [target], dataset: { ...dataset, payload: types } };
  const { cells, builds, unsupported } = planOf(suite, around);
  const streams = new Set(cells.flatMap((cell) => cell.streams.map(({ name }) => name)));
  assert.deepEqual([...streams], ['search-genre']);
  assert.deepEqual(builds[0]?.payload, [{ name: 'genre', type: 'category', indexed: true }]);
  assert.match(unsupported[0]?.why ?? '', /attached to docs, of which payload year is not named/);
});
