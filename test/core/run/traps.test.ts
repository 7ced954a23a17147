import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Dataset } from '../../../core/dataset.js';
import type { Target } from '../../../core/plan.js';
import { widestSearch } from '../../../core/run/verify.js';
import countsFromOne from '../../fixtures/adapters/counts-from-one.js';
import payloadGiver from '../../fixtures/adapters/payload-giver.js';
import quantised from '../../fixtures/adapters/quantised.js';
import { emptyFolder } from '../folders.js';
import { randomTable, smallDataset, tableOf } from '../tables.js';
import { runSmall, smallSuite } from './small-run.js';

function targetOf(name: string, adapter: Target['adapter']): Target {
  const adapterUrl = new URL(`../../fixtures/adapters/${name}.js`, import.meta.url).href;
  return { name, adapterName: name, adapter, adapterUrl, options: {}, inProcess: true };
}

/** The message of a build that is not measured because it does not verify. */
async function refusalOf(
  context: TestContext,
  { target, family, dataset }: { target: Target; family: string; dataset?: Dataset },
): Promise<string> {
  const folder = await emptyFolder(context);
  const run = await runSmall({
    folder,
    targets: [target],
    suite: { indexes: [{ family }] },
    ...(dataset !== undefined && { dataset }),
  });
  const [build] = run.builds;
  assert.equal(build?.failure?.code, 'VERIFY_FAILED');
  assert.deepEqual(run.cells, []);
  return build.failure.message;
}

// Of values in [-1, 1) and [-1000, 1000): the extremes of the rows that are drawn by the seed.
const range = /than the -(1\.00|0\.99\d)\.\.(1\.00|0\.99\d) of the data\?$/;
const wideRange = /than the -(1000|99\d)\.\.(1000|99\d|1\.00e\+3) of the data\?$/;

test('a quantisation that keeps nothing is refused, and named', async (context) => {
  const target = targetOf('quantised', quantised);
  const message = await refusalOf(context, { target, family: 'coarse-pq' });
  // Of 200 rows 10 are answered that have nothing to do with the query.
  assert.match(
    message,
    /recall@10 at {} must be >= 0\.500, got 0\.0\d+: is it quantised too coars/,
  );
  assert.match(message, range);
});

test('values cast to int8 outside of its range are refused, and named', async (context) => {
  const target = targetOf('quantised', quantised);
  const wide = randomTable(200, 8, 1).shards[0]?.map((value) => 1000 * value) ?? [];
  const asked = randomTable(20, 8, 2).shards[0]?.map((value) => 1000 * value) ?? [];
  const dataset = smallDataset({ base: tableOf(8, wide), queries: tableOf(8, asked) });
  const message = await refusalOf(context, { target, family: 'cast-i8', dataset });
  assert.match(message, /must be >= 0\.500, got 0\.[0-4]\d+: .* for another range than/);
  assert.match(message, wideRange);
});

test('codes without refine that are never wrong are refused as brute force', async (context) => {
  const target = targetOf('quantised', quantised);
  const message = await refusalOf(context, { target, family: 'unused-pq' });
  assert.match(message, /nothing ranks anew lose some neighbours at {}, got 1\.0000: brute/);
});

for (const family of ['flat', 'graph']) {
  test(`ids that start at 1 are refused and named, in a family ${family}`, async (context) => {
    const target = targetOf('counts-from-one', countsFromOne);
    const one = /, got 0\.\d+: ids counted from 1\? less 1 they have 1\.0000$/;
    // The last row of 200 is near one of the queries, so that its id leaves the rows.
    const last = /ids must be 0\.\.199, got 200: counted from 1\?$/;
    assert.match(await refusalOf(context, { target, family }), last);
    // Queries that are far from the last row, which then is in no answer.
    const base = randomTable(200, 8, 1);
    base.shards[0]?.fill(50, -8);
    const dataset = smallDataset({ base });
    assert.match(await refusalOf(context, { target, family, dataset }), one);
  });
}

test('rows are looked for under the search that finds most: the largest, and true', () => {
  const searches = [
    { efSearch: 16, exact: false, rescore: true, mode: 'a' },
    { efSearch: 64, exact: true, rescore: false, mode: 'b' },
    { efSearch: 32, exact: false, rescore: false, oversampling: 2 },
  ];
  const widest = { efSearch: 64, exact: true, rescore: true, mode: 'a', oversampling: 2 };
  assert.deepEqual(widestSearch(searches), widest);
  assert.deepEqual(widestSearch([...searches].reverse()), { ...widest, mode: 'b' });
});

test('a payload of other rows is refused', async (context) => {
  const years = new Float64Array(new SharedArrayBuffer(8 * 200));
  years.forEach((_, row) => {
    years[row] = 1900 + row;
  });
  years[7] = Number.NaN;
  const dataset = smallDataset({ payload: { year: { type: 'integer', values: years } } });
  const streams = smallSuite.streams.map((stream) => ({ ...stream, payload: ['year'] }));
  for (const shift of [0, 1]) {
    const target = { ...targetOf('payload-giver', payloadGiver), options: { shift } };
    const folder = await emptyFolder(context);
    const run = await runSmall({ folder, targets: [target], suite: { streams }, dataset });
    const [build] = run.builds;
    if (shift === 0) assert.equal(run.cells[0]?.status, 'complete', build?.failure?.message);
    else assert.match(build?.failure?.message ?? '', /the payload of row \d+ is \{.*, got \{/);
  }
});
