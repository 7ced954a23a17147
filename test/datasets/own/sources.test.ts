import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import type { ImportRequest } from '../../../datasets/own/import.js';
import { sampleFile, sampleFolder } from '../sample-files.js';
import { sampleHdf5, smallSet } from '../sample-hdf5.js';
import { parquet } from '../sample-parquet.js';
import {
  assertRefused,
  emptyRoom,
  importAndLoad,
  importInto,
  lineOf,
  loadFrom,
  rowsFile,
} from './scene.js';

/** As where --metric is not given. */
const noMetric = { metric: undefined } as unknown as Partial<ImportRequest>;

test('a file that has changed since its import is noticed', async () => {
  const folder = await emptyRoom();
  const path = await rowsFile(lineOf(10));
  await importInto(folder, { path });
  const bytes = await readFile(path);
  const other = Buffer.from(bytes);
  other.writeFloatLE(77, other.length - 8);
  await writeFile(path, other);
  await assertRefused(loadFrom(folder), 3, path, 'has changed since', '--replace');
  // The same content of another time is the same file.
  await writeFile(path, bytes);
  await utimes(path, 1, 1);
  assert.equal((await loadFrom(folder)).base.rows, 9);
  await truncate(path, bytes.length - 8);
  await assertRefused(loadFrom(folder), 3, 'has changed since');
  await rm(path);
  await assertRefused(loadFrom(folder), 3, path, 'is not there any more', 'put it back');
});

test('so is a payload that has changed', async () => {
  const folder = await emptyRoom();
  const payload = await sampleFile(`n\n${'1\n'.repeat(10)}`, '.csv');
  await importInto(folder, { path: await rowsFile(lineOf(10)), payload });
  await writeFile(payload, `n\n${'2\n'.repeat(10)}`);
  await utimes(payload, 1, 1);
  await assertRefused(loadFrom(folder), 3, payload, 'has changed since');
});

test('a set in one HDF5 file says its own metric', async () => {
  const path = await sampleHdf5({ distance: 'euclidean', datasets: smallSet });
  const dataset = await importAndLoad({ path, ...noMetric });
  assert.deepEqual([dataset.metric, dataset.base.rows, dataset.queries.rows], ['l2', 4, 2]);
  assert.equal(dataset.officialTruth?.k, 2);
  await assertRefused(importAndLoad({ path, metric: 'cosine' }), 2, '--metric says cosine', 'l2');
  const unsaid = await sampleHdf5({ datasets: smallSet });
  await assertRefused(importAndLoad({ path: unsaid, ...noMetric }), 3, 'attribute distance');
  assert.equal((await importAndLoad({ path: unsaid, metric: 'l2' })).metric, 'l2');
});

test('a metric that nothing says must be given, before anything is read', async () => {
  const path = await sampleFile('not vectors', '.npy');
  await assertRefused(importAndLoad({ path, ...noMetric }), 2, 'give --metric l2, ip or cosine');
});

test('a folder of Parquet files is a set', async () => {
  const folder = await mkdtemp(join(sampleFolder, 'parquet-'));
  const lists = [
    [1, 2],
    [3, 4],
    [5, 6],
  ];
  await writeFile(
    join(folder, 'train.parquet'),
    parquet({ id: { ids: [7, 8, 9] }, emb: { lists } }),
  );
  await writeFile(
    join(folder, 'test.parquet'),
    parquet({ id: { ids: [0] }, emb: { lists: [[5, 6]] } }),
  );
  await writeFile(
    join(folder, 'neighbors.parquet'),
    parquet({ id: { ids: [0] }, neighbors_id: { idLists: [[9, 8]] } }),
  );
  const dataset = await importAndLoad({ path: folder });
  assert.deepEqual([...(dataset.officialTruth?.ids ?? [])], [2, 1]);
  assert.equal(dataset.base.rows, 3);
});

test('a path that is not there, or holds nothing that is known, is told', async () => {
  const nowhere = join(sampleFolder, 'nowhere.npy');
  await assertRefused(importAndLoad({ path: nowhere }), 3, nowhere, 'it is not there');
  const empty = await mkdtemp(join(sampleFolder, 'empty-'));
  await assertRefused(importAndLoad({ path: empty }), 3, 'it holds nothing; expected Parquet');
  await writeFile(join(empty, 'a.npy'), '');
  await assertRefused(importAndLoad({ path: empty }), 3, 'it holds a.npy', 'name a file of');
  const text = await sampleFile('1,2', '.txt');
  await assertRefused(importAndLoad({ path: text }), 3, 'ends in none of .fvecs', '.parquet');
});

test('options that do not go together are refused', async () => {
  const path = await rowsFile(lineOf(10));
  const set = await sampleHdf5({ distance: 'euclidean', datasets: smallSet });
  const cases: [Partial<ImportRequest>, string][] = [
    [{ path, neighbours: path }, 'give --queries'],
    [{ path, queries: path, holdOut: 3 }, 'give one of the two'],
    [{ path, vectors: path, split: 'dev' }, 'is a file of vectors: it takes no --vectors, --split'],
    [{ path: set, queries: path }, `${basename(set)} is an HDF5 file, which holds its own queries`],
    [{ path: set, holdOut: 1 }, 'leave --hold-out out'],
    [{ path, payloadTypes: { year: 'integer' } }, 'give --payload, or leave --fields out'],
  ];
  for (const [request, part] of cases) await assertRefused(importAndLoad(request), 2, part);
});

test('results carry no folder of the person, unless a source is given', async () => {
  const path = await rowsFile(lineOf(10));
  const folder = await emptyRoom();
  const { description } = await importInto(folder, { path });
  assert.equal(description.source, `own files: ${basename(path)}`);
  const named = { title: 'A line', licence: 'CC0', source: 'https://example.org' };
  const { description: told } = await importInto(folder, { path, replace: true, ...named });
  assert.deepEqual([told.title, told.licence, told.source], Object.values(named));
});
