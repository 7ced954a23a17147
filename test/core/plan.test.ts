import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../../core/plan.js';
import type { Suite } from '../../core/suite.js';
import { engine, ivfPq, plain, planOf, sound, targetOf } from './plans.js';

/** The lines of the message that refuses a suite. */
function mistakesOf(change: Partial<Suite>, targets = [engine]): string[] {
  let lines: string[] = [];
  assert.throws(
    () => planOf(change, { targets }),
    (error: Error & { code?: string; hint?: string }) => {
      assert.equal(error.code, 'BAD_SUITE');
      assert.ok(error.hint !== undefined);
      lines = error.message.split('\n');
      return true;
    },
  );
  return lines;
}

test('the plan is the product of all lists', () => {
  const plan = planOf({});
  // flat; ivf-pq with 2 values of nlist, 6 searches each; 2 load points; 3 repeats.
  assert.equal(plan.builds.length, 3);
  assert.deepEqual(
    plan.builds.map(({ searches }) => searches.length),
    [1, 6, 6],
  );
  assert.equal(plan.cells.length, 3 * 2 * (1 + 6 + 6));
  const searched = plan.builds[1]?.searches.map(({ nprobe, kFactor }) => [nprobe, kFactor]);
  assert.deepEqual(searched, [
    [1, 1],
    [1, 2],
    [4, 1],
    [4, 2],
    [16, 1],
    [16, 2],
  ]);
});

test('several streams, batches and targets multiply too', () => {
  const closed = (concurrency: number[]) => [{ kind: 'closed' as const, concurrency }];
  const plan = planOf(
    {
      indexes: [{ family: 'flat' }],
      streams: [
        { operation: 'search', k: 10, batch: [1, 10, 100], load: closed([1, 2]) },
        { name: 'second', operation: 'search', k: 5, load: closed([4, 8]) },
      ],
      measure: { ...sound.measure, repeats: 1 },
    },
    { targets: [engine, plain] },
  );
  assert.equal(plan.builds.length, 2);
  assert.equal(plan.cells.length, 2 * (3 * 2) * 2);
  const names = plan.cells[0]?.streams.map(({ name }) => name);
  assert.deepEqual(names, ['search', 'second']);
});

test('the time is that of warm-up and window of every cell', () => {
  // 78 cells of 0.5 + 2 s.
  assert.equal(planOf({}).measuringS, 195);
});

test('the memory is that of the data, every index and every process', () => {
  const plan = planOf({ indexes: [{ family: 'ivf-pq', params: { nlist: 4, m: [2, 4] } }] });
  const process = 120 * 1024 * 1024;
  // (1000 + 20) x 8 x 4, and by the adapter's own estimate 1000 x m.
  assert.equal(plan.bytes, 32_640 + 2000 + 4000 + 2 * process);
});

test('parameters that are not given are what the store does by default', () => {
  const plan = planOf({ indexes: [{ family: 'ivf-pq', params: { nlist: 4, m: 2 } }] });
  assert.deepEqual(plan.builds[0]?.params, { nlist: 4, m: 2, nbits: 8 });
  // kFactor means nothing without refine.
  assert.deepEqual(plan.builds[0]?.searches, [{ nprobe: 1 }]);
});

test('workers are no more than requests in flight', () => {
  const plan = planOf({ measure: { ...sound.measure, workers: 4 } });
  const loads = plan.cells.map(({ streams }) => streams[0]?.load);
  const pairs = new Set(loads.map((load) => `${load?.concurrency}/${load?.workers}`));
  assert.deepEqual([...pairs].sort(), ['1/1', '2/2']);
});

test('all mistakes of a suite are reported at once, each with place, range and value', () => {
  const lines = mistakesOf({
    indexes: [
      { family: 'flat', params: { nlist: 4 } },
      {
        family: 'ivf-pq',
        params: { nlist: [128], m: [3], nbits: 99, refine: 'pq' },
        search: { nprobe: [4, 512] },
      },
      { family: 'ivf-pq', params: { nlist: 16 }, search: { nprob: 2, kFactor: 4 } },
      { family: 'ivfflat' },
    ],
    streams: [{ operation: 'search', k: 1001, load: [{ kind: 'closed', concurrency: 1 }] }],
    gates: [{ metric: 'recal', atLeast: 1 }],
  });
  const expected = [
    /streams\[0\]\.k must be 1\.\.1000 \(rows\), got 1001/,
    /gates\[0\]\.metric recal is not a metric; did you mean recall\?/,
    /indexes\[0\]\.params\.nlist is not a parameter of this index family; there is none/,
    /indexes\[1\]\.params\.m must be a divisor of the 8 dimensions, got 3/,
    /indexes\[1\]\.params\.nbits must be a whole number 4\.\.12, got 99/,
    /indexes\[1\]\.params\.refine must be one of flat, sq8, got pq/,
    /indexes\[1\]\.search\.nprobe must be a whole number 1\.\.128 \(nlist\), got 512/,
    /indexes\[2\]\.params\.m is missing: sub-quantisers/,
    /indexes\[2\]\.search\.nprob is not a parameter of its searches; did you mean nprobe\?/,
    /indexes\[2\]\.search\.kFactor must be left out without refine, got 4/,
    /indexes\[3\]\.family ivfflat is not known; did you mean ivf-flat\?/,
  ];
  for (const pattern of expected) {
    assert.equal(lines.filter((line) => pattern.test(line)).length, 1, String(pattern));
  }
  assert.equal(lines.length, expected.length);
  for (const line of lines) assert.match(line, /^suite sample: /);
});

test('values of another type are mistakes', () => {
  const wrong = { nlist: '16', m: 2.5, residual: 'yes', note: 3 };
  const lines = mistakesOf({ indexes: [{ family: 'ivf-pq', params: wrong }] });
  assert.deepEqual(
    lines.map((line) => line.replace('suite sample: indexes[0].params.', '')),
    [
      'nlist must be a whole number 1..1000 (rows), got 16',
      'm must be a whole number 1..8 (dimensions), got 2.5',
      'residual must be true or false, got yes',
      'note must be a text, got 3',
    ],
  );
});

test('what an adapter says about parameters together is a mistake of the suite', () => {
  const lines = mistakesOf({ indexes: [{ family: 'ivf-pq', params: { nlist: 600, m: 2 } }] });
  assert.deepEqual(lines, ['suite sample: indexes[0].params: nlist 600 needs twice as many rows']);
});

test('a mistake that a sweep makes many times is said once', () => {
  const lines = mistakesOf({
    indexes: [{ family: 'ivf-pq', params: { nlist: [4, 8, 16], m: 3 } }],
  });
  assert.equal(lines.length, 1);
});

test('two streams may not share a name', () => {
  const load = [{ kind: 'closed' as const, concurrency: 1 }];
  const stream = { name: 'same', operation: 'search' as const, k: 1, load };
  const lines = mistakesOf({ streams: [stream, stream] });
  assert.match(lines.join(), /streams\[1\]\.name/);
});

test('a family that one of several targets lacks is unsupported there only', () => {
  const plan = planOf({}, { targets: [plain, engine] });
  assert.deepEqual(plan.unsupported, [
    { target: 'plain', what: 'index family ivf-pq', why: 'plain does not build it' },
  ]);
  assert.deepEqual(
    plan.builds.map(({ target, support }) => `${target.name} ${support.family}`),
    ['plain flat', 'engine flat', 'engine ivf-pq', 'engine ivf-pq'],
  );
});

test('a parameter that one of several targets lacks is unsupported there', () => {
  const { refine: _, ...params } = ivfPq.params;
  const lesser = targetOf('lesser', [{ ...ivfPq, params }]);
  const indexes = [{ family: 'ivf-pq', params: { nlist: 4, m: 2, refine: 'flat' } }];
  const plan = planOf({ indexes }, { targets: [lesser, engine] });
  assert.deepEqual(plan.unsupported, [
    { target: 'lesser', what: 'ivf-pq with refine', why: 'lesser has no such parameter' },
  ]);
  assert.deepEqual(
    plan.builds.map(({ target }) => target.name),
    ['engine'],
  );
});

test('a metric that a target lacks is unsupported there, but for cosine, which ip can do', () => {
  const dataset = { name: 'small', rows: 1000, dimensions: 8, queries: 20 };
  const indexes = [{ family: 'flat' }];
  const flat = plain.adapter.indexes ?? [];
  const far = targetOf('far', flat, { metrics: ['l2'] });
  const inner = targetOf('inner', flat, { metrics: ['ip'] });
  const plan = planOf(
    { indexes },
    { targets: [far, inner], dataset: { ...dataset, metric: 'cosine' } },
  );
  assert.deepEqual(plan.unsupported, [
    { target: 'far', what: 'flat under the metric cosine', why: 'far has l2' },
  ]);
  assert.deepEqual(
    plan.builds.map(({ target }) => target.name),
    ['inner'],
  );
});

test('a suite that no target can run is UNSUPPORTED, with the reason for each', () => {
  assert.throws(() => planOf({ indexes: [{ family: 'diskann' }] }, { targets: [plain, engine] }), {
    code: 'UNSUPPORTED',
    message: /plain: index family diskann: .*\nengine: index family diskann: /,
  });
});

function orderOf(plan: Plan): string[] {
  return plan.cells.map(({ id }) => id);
}

test('every repeat is a block that holds each point once, in an order of its own', () => {
  const { cells } = planOf({});
  assert.deepEqual(
    cells.map(({ sequence }) => sequence),
    cells.map((_, index) => index),
  );
  const blocks = [0, 1, 2].map((repeat) => cells.slice(26 * repeat, 26 * (repeat + 1)));
  blocks.forEach((block, repeat) => {
    assert.ok(block.every((cell) => cell.repeat === repeat));
  });
  const orders = blocks.map((block) => block.map(({ id }) => id.replace(/-r\d+$/, '')));
  assert.equal(new Set(orders.map((order) => order.join())).size, 3);
  assert.equal(new Set(orders.map((order) => [...order].sort().join())).size, 1);
});

test('the order follows from the seed', () => {
  assert.deepEqual(orderOf(planOf({})), orderOf(planOf({})));
  assert.notDeepEqual(orderOf(planOf({})), orderOf(planOf({}, { seed: 2 })));
});

test('ids of cells and builds are unique and fit for file names', () => {
  const odd = targetOf('My Store: 2.0', engine.adapter.indexes ?? []);
  const other = targetOf('my-store-2-0', engine.adapter.indexes ?? []);
  const plan = planOf({}, { targets: [odd, other] });
  const ids = [...orderOf(plan), ...plan.builds.map(({ id }) => id)];
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[a-z0-9-]+$/);
});

test('batches are left out where a store takes none, and tried where it says nothing', () => {
  const stream = { operation: 'search' as const, k: 10, batch: [1, 10] };
  const suite = {
    indexes: [{ family: 'flat' }],
    streams: [{ ...stream, load: [{ kind: 'closed' as const, concurrency: 1 }] }],
    gates: [],
  };
  const flat = engine.adapter.indexes ?? [];
  const targets = [
    targetOf('able', flat, { abilities: ['batch'] }),
    targetOf('single', flat, { abilities: ['remove'] }),
    targetOf('silent', flat),
  ];
  const plan = planOf(suite, { targets });
  const sizes = ['able', 'single', 'silent'].map((name) => {
    const cells = plan.cells.filter(({ build }) => build.target.name === name);
    return [...new Set(cells.map(({ streams }) => streams[0]?.load.itemsPerRequest))].sort();
  });
  assert.deepEqual(sizes, [[1, 10], [1], [1, 10]]);
  assert.deepEqual(plan.unsupported, [
    { target: 'single', what: 'searches in batches', why: 'single has none' },
  ]);
});
