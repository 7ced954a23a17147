import assert from 'node:assert/strict';
import { test } from 'node:test';
import lancedb from '../../adapters/lancedb.js';
import type { Adapter, IndexSupport } from '../../core/adapter.js';
import { datasetBytes, type PlannedBuild } from '../../core/plan.js';
import type { ElementType } from '../../core/vectors.js';
import { ivfPq, plain, planOf, targetOf } from './plans.js';

const dataset = { name: 'small', metric: 'l2', rows: 1000, dimensions: 8, queries: 20 } as const;
// A process with its engine, before any row.
const processBytes = 120 * 1024 * 1024;

/** What the one index of a plan takes, without the process around it. */
function indexBytes(
  indexes: readonly IndexSupport[],
  type: ElementType,
  change: Partial<Adapter> & { metric?: 'cosine' } = {},
): number {
  const { metric = 'l2', ...rest } = change;
  const plan = planOf(
    { indexes: [{ family: 'flat' }] },
    { targets: [targetOf('one', indexes, rest)], dataset: { ...dataset, metric, type } },
  );
  return (plan.builds[0] as PlannedBuild).bytes - processBytes;
}

const widening: IndexSupport = { family: 'flat', title: 'flat', params: {}, search: {} };
const keeping: IndexSupport = { ...widening, takes: () => true };

test('data are planned with as many bytes as their values have', () => {
  // (1000 + 20) x 8 values of 4, 2, 1 and 1 bytes; float32 where nothing is said.
  const bytes = (['f32', 'f16', 'u8', 'i8'] as const).map((type) =>
    datasetBytes({ ...dataset, type }),
  );
  assert.deepEqual(bytes, [32_640, 16_320, 8160, 8160]);
  assert.equal(datasetBytes(dataset), 32_640);
});

test('an index that keeps values as they are takes their bytes, one that widens 4 each', () => {
  // 1000 x 8 values.
  const of = (support: IndexSupport) =>
    (['f32', 'f16', 'u8', 'i8'] as const).map((type) => indexBytes([support], type));
  assert.deepEqual(of(keeping), [32_000, 16_000, 8000, 8000]);
  assert.deepEqual(of(widening), [32_000, 32_000, 32_000, 32_000]);
  const halves: IndexSupport = { ...widening, takes: (type) => type === 'f16' };
  assert.deepEqual(of(halves), [32_000, 16_000, 32_000, 32_000]);
});

test('rows that the harness normalises are float32 afterwards', () => {
  const metric = 'cosine' as const;
  assert.equal(indexBytes([keeping], 'f16', { metric }), 16_000);
  assert.equal(indexBytes([keeping], 'f16', { metric, metrics: ['l2', 'ip'] }), 32_000);
});

test("an engine's own estimate is told how the rows come", () => {
  const seen: (ElementType | undefined)[] = [];
  const estimateBytes: IndexSupport['estimateBytes'] = ({ elements }) => {
    seen.push(elements);
    return 1;
  };
  for (const support of [keeping, widening]) indexBytes([{ ...support, estimateBytes }], 'u8');
  assert.deepEqual(seen, ['u8', 'f32']);
});

test('LanceDB keeps float16 in half the room where it is asked to', () => {
  const of = (family: string, type: ElementType): number => {
    const support = lancedb.indexes?.find((index) => index.family === family) as IndexSupport;
    const params = { elements: 'float16' };
    const elements = support.takes?.(type, params) === true ? type : 'f32';
    const { rows, dimensions, metric } = dataset;
    return support.estimateBytes?.({ rows, dimensions, metric, params, elements }) ?? 0;
  };
  // A row of 8 values and its id of 4 bytes.
  assert.deepEqual([of('flat', 'f32'), of('flat', 'f16')], [36_000, 36_000]);
  // Table and index, each 1000 x 8 x 2 bytes less.
  assert.equal(of('ivf-flat', 'f32') - of('ivf-flat', 'f16'), 32_000);
});

const search = (values: number | number[]) => ({ search: { nprobe: values } });
const lists = { family: 'ivf-pq', params: { nlist: 4, m: 2 } };

test('what indexes of a suite have in common is built once, searched as all of them ask', () => {
  const written = { family: 'ivf-pq', params: { m: 2, nbits: 8, nlist: [4, 8] } };
  const engine = targetOf('engine', [ivfPq]);
  const plan = planOf(
    { indexes: [lists, { ...lists, ...search([1, 2]) }, { ...written, ...search(4) }] },
    { targets: [engine] },
  );
  assert.deepEqual(
    plan.builds.map(({ id, params, searches }) => [id, params.nlist, searches]),
    [
      // The default of nprobe is 1, which is asked for twice.
      ['b00-engine-ivf-pq', 4, [{ nprobe: 1 }, { nprobe: 2 }, { nprobe: 4 }]],
      ['b01-engine-ivf-pq', 8, [{ nprobe: 4 }]],
    ],
  );
  assert.equal(new Set(plan.cells.map(({ id }) => id)).size, plan.cells.length);
});

test('nothing is planned on a target that is not installed; the others know its names', () => {
  const engine = targetOf('engine', [ivfPq]);
  const { refine: _, ...params } = ivfPq.params;
  const lesser = targetOf('lesser', [{ ...ivfPq, params }]);
  const indexes = [lists, { family: 'ivf-pq', params: { nlist: 4, m: 2, refine: 'flat' } }];
  const missing = new Map([['engine', 'it is not installed; bench doctor --install engine']]);
  const plan = planOf({ indexes }, { targets: [engine, lesser], missing });
  assert.deepEqual(
    plan.builds.map(({ target }) => target.name),
    ['lesser'],
  );
  assert.deepEqual(plan.unsupported, [
    { target: 'lesser', what: 'ivf-pq with refine', why: 'lesser has no such parameter' },
    { target: 'engine', what: 'every index', why: missing.get('engine') },
  ]);
});

test('all families that a target lacks are one entry, however often they are asked for', () => {
  const indexes = ['flat', 'ivf-pq', 'hnsw', 'ivf-pq'].map((family) => ({ family }));
  const hnsw = targetOf('graph', [{ ...widening, family: 'hnsw' }]);
  const { unsupported } = planOf({ indexes }, { targets: [plain, hnsw] });
  assert.deepEqual(unsupported, [
    { target: 'plain', what: 'index families ivf-pq, hnsw', why: 'plain does not build them' },
    { target: 'graph', what: 'index families flat, ivf-pq', why: 'graph does not build them' },
  ]);
});
