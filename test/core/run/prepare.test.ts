import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Dataset } from '../../../core/dataset.js';
import { silentProgress } from '../../../core/progress.js';
import type { Note } from '../../../core/result.js';
import { prepareDataset } from '../../../core/run/prepare.js';
import { vectorOf } from '../../../core/vectors.js';
import { plain, planOf } from '../plans.js';
import { slowNearest, smallDataset } from '../tables.js';

const folder = mkdtempSync(join(tmpdir(), 'bench-prepare-'));
after(() => rmSync(folder, { recursive: true }));

/** 200 rows and 20 queries, with their 10 nearest by comparing all rows, `wrong` of them spoilt. */
function withNeighbours(wrong: number): Dataset {
  const dataset = smallDataset();
  const ids = Array.from({ length: 20 }, (_, query) => {
    return slowNearest(dataset, vectorOf(dataset.queries, query), 200);
  });
  const k = 10;
  const table = Int32Array.from(ids.flatMap((rows) => rows.slice(0, k)));
  // The farthest row in place of the last neighbour.
  for (let query = 0; query < wrong; query++) table[query * k + k - 1] = ids[query]?.at(-1) ?? -1;
  return { ...dataset, officialTruth: { queries: 20, k, ids: table } };
}

async function prepare(dataset: Dataset): Promise<Note[]> {
  const notes: Note[] = [];
  const { rows, dimensions } = dataset.base;
  const shape = { name: 'small', metric: 'l2' as const, rows, dimensions, queries: 20 };
  const plan = planOf({ indexes: [{ family: 'flat' }] }, { targets: [plain], dataset: shape });
  const input = { plan, loadDataset: async () => dataset, cacheFolder: folder };
  await prepareDataset({ ...input, progress: silentProgress }, (note) => notes.push(note));
  return notes;
}

test('neighbours that came with the data and are right are not mentioned', async () => {
  assert.deepEqual(await prepare(withNeighbours(0)), []);
  assert.deepEqual(await prepare(smallDataset()), []);
});

test('a few neighbours that are wrong are a warning', async () => {
  const [note, ...more] = await prepare(withNeighbours(2));
  assert.equal(note?.code, 'TRUTH_DIFFERS');
  assert.match(note?.message ?? '', /small: 2 of 200 are not among the nearest under l2/);
  assert.deepEqual(more, []);
});

test('neighbours that belong to other vectors end the run', async () => {
  await assert.rejects(prepare(withNeighbours(3)), {
    code: 'BAD_DATA',
    message: /3 of 200 .*, at most 1 % may be/,
  });
});
