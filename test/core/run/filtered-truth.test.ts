import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Dataset } from '../../../core/dataset.js';
import { type Filter, filterKinds } from '../../../core/filter.js';
import { payloadTypes } from '../../../core/payload.js';
import { filterResultSchema } from '../../../core/result/cell.js';
import { filteredTruths, filterName } from '../../../core/run/filtered-truth.js';
import { vectorOf } from '../../../core/vectors.js';
import { plain, planOf, targetOf } from '../plans.js';
import { slowNearest, smallDataset } from '../tables.js';

const folder = mkdtempSync(join(tmpdir(), 'bench-filtered-'));
after(() => rmSync(folder, { recursive: true }));

/** 200 rows, of which every fourth has the year 1990, the first five another, the rest none. */
function withYears(): Dataset {
  const values = new Float64Array(new SharedArrayBuffer(200 * 8));
  for (let row = 0; row < 200; row++) values[row] = row % 4 === 3 ? 1990 : Number.NaN;
  values.fill(2000, 0, 5);
  return smallDataset({ payload: { year: { type: 'integer', values } } });
}

const ofNinety = { field: 'year', equals: 1990 };
const later = { field: 'year', atLeast: 1999 };

async function truthsOf(filters: Readonly<Record<string, Filter | 'none'>>) {
  const dataset = withYears();
  const payload = { types: payloadTypes, filters: filterKinds, returns: true };
  const targets = [targetOf('filtering', plain.adapter.indexes ?? [], { payload })];
  const shape = { name: 'small', metric: 'l2' as const, rows: 200, dimensions: 8, queries: 20 };
  const load = [{ kind: 'closed' as const, concurrency: 1 }];
  const streams = [{ operation: 'search' as const, k: 10, filter: filters, load }];
  const given = { targets, dataset: { ...shape, payload: { year: 'integer' as const } } };
  const plan = planOf({ indexes: [{ family: 'flat' }], streams }, given);
  const onWarning = (message: string): void => assert.fail(message);
  return filteredTruths(plan, {
    ...{ dataset, sha256: 'aa', depth: 100, cacheFolder: folder, onWarning },
  });
}

test('the truth of a filter is the nearest of the rows that meet it', async () => {
  const dataset = withYears();
  const found = (await truthsOf({ ninety: ofNinety })).get(filterName(ofNinety));
  assert.ok(found !== undefined);
  const { truth, matches } = found;
  // Every fourth row, but for row 3, which is one of the first five.
  const rows = Array.from({ length: 49 }, (_, index) => 4 * index + 7);
  assert.deepEqual(
    [...matches.keys()].filter((row) => matches[row] === 1),
    rows,
  );
  assert.equal(truth.k, 49);
  for (let query = 0; query < dataset.queries.rows; query++) {
    const nearest = slowNearest(dataset, vectorOf(dataset.queries, query), 200);
    const own = nearest.filter((row) => rows.includes(row));
    assert.deepEqual([...truth.ids.subarray(query * 49, (query + 1) * 49)], own);
  }
});

test('what is kept of a filter: its expression, the rows that meet it, their share', async () => {
  const truths = await truthsOf({ all: 'none', ninety: ofNinety, later });
  assert.equal(truths.size, 2);
  const record = truths.get(filterName(ofNinety))?.record;
  assert.deepEqual(record, { expression: ofNinety, rows: 49, fraction: 49 / 200 });
  assert.equal(truths.get(filterName(later))?.record.fraction, 5 / 200);
  assert.deepEqual(filterResultSchema.parse(record), record);
});

test('rows without a value meet the negation of a filter', async () => {
  const other = { not: ofNinety };
  const found = (await truthsOf({ other })).get(filterName(other));
  assert.equal(found?.record.rows, 151);
  // As deep as was asked for, since so many rows meet it.
  assert.equal(found?.truth.k, 100);
});

test('a filter that no row meets ends the run, named with its stream', async () => {
  await assert.rejects(truthsOf({ none: 'none', never: { field: 'year', atMost: 1900 } }), {
    code: 'BAD_SUITE',
    message: /^stream search-never: no row of small meets .*1900/,
  });
});
