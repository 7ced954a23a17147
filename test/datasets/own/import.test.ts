import assert from 'node:assert/strict';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { payloadValue } from '../../../core/payload.js';
import { ownEntries, ownEntry, ownNames } from '../../../datasets/own/entry.js';
import { npyOf, sampleFile, sampleFolder, storedValues, vecs } from '../sample-files.js';
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

test('rows without queries give up a tenth of them, the same at each load', async () => {
  const folder = await emptyRoom();
  const { description } = await importInto(folder, { path: await rowsFile(lineOf(200)) });
  assert.deepEqual(description.heldOut, { count: 20, seed: 1 });
  const [first, second] = [await loadFrom(folder), await loadFrom(folder)];
  assert.deepEqual([first.base.rows, first.queries.rows], [180, 20]);
  assert.deepEqual(storedValues(first.queries), storedValues(second.queries));
  assert.deepEqual(storedValues(first.base), storedValues(second.base));
  const values = [...storedValues(first.base), ...storedValues(first.queries)];
  const numbers = values.filter((_, at) => at % 2 === 0).sort((a, b) => a - b);
  // Each row of the file is there once: none is both stored and asked for, none asked for twice.
  assert.deepEqual(
    numbers,
    lineOf(200).map(([number]) => number),
  );
});

test('another seed holds other rows out, and as many as are asked for', async () => {
  const path = await rowsFile(lineOf(200));
  const one = await importAndLoad({ path, holdOut: 7, seed: 1 });
  const other = await importAndLoad({ path, holdOut: 7, seed: 2 });
  assert.deepEqual([one.queries.rows, one.base.rows], [7, 193]);
  assert.notDeepEqual(storedValues(one.queries), storedValues(other.queries));
});

test('of many rows a thousand are held out', async () => {
  const dataset = await importAndLoad({ path: await rowsFile(lineOf(12_000)) });
  assert.deepEqual([dataset.base.rows, dataset.queries.rows], [11_000, 1000]);
});

test('queries and neighbours of their own are taken as they are', async () => {
  const dataset = await importAndLoad({
    path: await rowsFile(lineOf(6)),
    queries: await rowsFile([
      [0.1, 0.25],
      [4.1, 0.25],
    ]),
    // By hand: 0.1 lies nearest to 0, then 1; 4.1 to 4, then 5.
    neighbours: await sampleFile(
      vecs('i32', [
        [0, 1],
        [4, 5],
      ]),
      '.ivecs',
    ),
  });
  assert.deepEqual(storedValues(dataset.base), lineOf(6).flat());
  assert.deepEqual([dataset.queries.rows, dataset.officialTruth?.k], [2, 2]);
  assert.deepEqual([...(dataset.officialTruth?.ids ?? [])], [0, 1, 4, 5]);
});

test('neighbours of other vectors are refused, under another metric too', async () => {
  const folder = await emptyRoom();
  const request = {
    path: await rowsFile(lineOf(6, 1)),
    queries: await rowsFile([[1.1, 0.25]]),
  };
  const neighbours = (...ids: number[]): Promise<string> =>
    sampleFile(vecs('i32', [ids]), '.ivecs');
  const far = importInto(folder, { ...request, neighbours: await neighbours(3, 4) });
  await assertRefused(far, 3, '2 of 2 are not among the nearest under l2', 'another order of rows');
  const near = { ...request, neighbours: await neighbours(0, 1) };
  // The largest inner product has the row that is farthest out.
  await assertRefused(importInto(folder, { ...near, metric: 'ip' }), 3, 'nearest under ip');
  await assertRefused(
    importInto(folder, { ...request, neighbours: await neighbours(0, 6) }),
    3,
    'query 0, rank 2 is row 6, expected 0..5',
  );
  await importInto(folder, near);
  assert.deepEqual(await ownNames(folder), ['mine']);
});

test('float16 and bytes stay what they are', async () => {
  // 1, 2, -2, 0.5 and 4: IEEE 754 binary16.
  const halves = [[0x3c00], [0x4000], [0xc000], [0x3800], [0x4400]];
  const halfway = await importAndLoad({
    path: await sampleFile(npyOf('f16', halves), '.npy'),
    holdOut: 1,
  });
  assert.equal(halfway.base.type, 'f16');
  const stored = [...storedValues(halfway.base), ...storedValues(halfway.queries)];
  assert.deepEqual(stored.sort(), halves.flat().sort());
  const bytes = await sampleFile(
    vecs('u8', [
      [1, 255],
      [3, 4],
      [5, 6],
    ]),
    '.bvecs',
  );
  const dataset = await importAndLoad({ path: bytes, queries: bytes });
  assert.deepEqual([dataset.base.type, dataset.queries.type], ['u8', 'u8']);
  assert.deepEqual(storedValues(dataset.base), [1, 255, 3, 4, 5, 6]);
});

test('a payload stays with its rows when some are held out', async () => {
  const lines = lineOf(50).map(([number]) => `${number},${(number ?? 0) % 2 === 0}`);
  const csv = await sampleFile(`number,isEven\n${lines.join('\n')}\n`, '.csv');
  const dataset = await importAndLoad({ path: await rowsFile(lineOf(50)), payload: csv });
  const { number, isEven } = dataset.payload ?? {};
  assert.ok(number?.type === 'integer' && isEven?.type === 'boolean');
  const numbers = storedValues(dataset.base).filter((_, at) => at % 2 === 0);
  assert.equal(numbers.length, 45);
  assert.deepEqual([...number.values], numbers);
  numbers.forEach((value, row) => {
    assert.equal(payloadValue(isEven, row), value % 2 === 0);
  });
});

test('of a payload the columns that are named are read', async () => {
  const records = lineOf(4).map(([number]) => JSON.stringify({ number, tags: ['a'], note: 'x' }));
  const request = {
    path: await rowsFile(lineOf(4)),
    queries: await rowsFile(lineOf(1)),
    payload: await sampleFile(`${records.join('\n')}\n`, '.jsonl'),
  };
  await assertRefused(importAndLoad(request), 3, 'tags is a list', '--fields');
  const named = await importAndLoad({ ...request, payloadTypes: { number: 'float' } });
  assert.deepEqual(Object.keys(named.payload ?? {}), ['number']);
  assert.equal(named.payload?.number?.type, 'float');
});

test('of a Parquet file the other columns are payload, or are told', async () => {
  const lists = [
    [1, 2],
    [3, 4],
    [5, 6],
  ];
  const columns = {
    id: { ids: [7, 8, 9] },
    vector: { lists },
    // Bytes that are not marked as text.
    label: { texts: ['a', 'b', 'c'] },
  };
  const path = await sampleFile(parquet(columns), '.parquet');
  const folder = await emptyRoom();
  const found = await importInto(folder, { path, column: 'vector', holdOut: 1 });
  assert.deepEqual(found.leftOut, ['label']);
  const { base, payload } = await loadFrom(folder);
  assert.deepEqual(Object.keys(payload ?? {}), ['id']);
  // Row n is (2 n + 1, 2 n + 2), its id n + 7.
  const ids = storedValues(base).filter((_, at) => at % 2 === 0);
  assert.ok(payload?.id?.type === 'integer');
  assert.deepEqual(
    [...payload.id.values],
    ids.map((first) => (first - 1) / 2 + 7),
  );
  await assertRefused(importAndLoad({ path }), 3, 'no column emb: it has id, vector, label');
});

test('files that do not fit together are told with both sizes', async () => {
  const path = await rowsFile(lineOf(10));
  const queries = await rowsFile(lineOf(3));
  const three = await rowsFile([[1, 2, 3]]);
  const ids = await sampleFile(vecs('i32', [[0], [1]]), '.ivecs');
  const payload = await sampleFile('number\n1\n2\n', '.csv');
  const refused = async (change: object, ...parts: string[]): Promise<void> =>
    assertRefused(importAndLoad({ path, ...change }), 3, ...parts);
  await refused({ queries: three }, three, 'vectors have 3 dimensions', path, 'have 2');
  await refused({ queries, neighbours: ids }, ids, 'of 2 queries', 'has 3 queries');
  await refused({ payload }, payload, '2 records, expected 10');
});

test('values that cannot be searched are called by their place in the file', async () => {
  const path = await rowsFile([...lineOf(30, 1), [0, 0]]);
  const zeros = importAndLoad({ path, metric: 'cosine', holdOut: 20 });
  await assertRefused(zeros, 3, 'row 30 is all zeros');
  const strange = await rowsFile([
    [1, 2],
    [Number.NaN, 1],
  ]);
  await assertRefused(importAndLoad({ path: strange }), 3, strange, 'row 1, column 0 is NaN');
});

test('rows that occur twice are counted, and what is known of them is told', async () => {
  const path = await rowsFile([...lineOf(10), ...lineOf(3)]);
  const payload = await sampleFile(`n\n${'1.5\n'.repeat(13)}`, '.csv');
  const found = await importInto(await emptyRoom(), { path, payload, holdOut: 2 });
  assert.equal(found.duplicateRows, 3);
  assert.deepEqual(found.columns, [{ name: 'n', type: 'float', values: 11 }]);
});

test('a name is one that no other dataset has, and no path', async () => {
  const folder = await emptyRoom();
  const path = await rowsFile(lineOf(10));
  await importInto(folder, { path });
  await assertRefused(importInto(folder, { path }), 2, 'a dataset mine already', '--replace');
  await importInto(folder, { path, replace: true, holdOut: 4 });
  assert.equal((await loadFrom(folder)).queries.rows, 4);
  await assertRefused(importInto(folder, { path, name: 'gaussian', taken: ['gaussian'] }), 2);
  for (const name of ['../mine', 'a/b', 'A', '', '.', 'a--b', 'ä', `a${'b'.repeat(64)}`]) {
    await assertRefused(importInto(folder, { path, name }), 2, 'cannot be the name of a dataset');
  }
  assert.deepEqual(await readdir(folder), ['mine']);
});

test('a name that leads out of the folder of datasets finds nothing', async () => {
  const folder = await emptyRoom();
  await importInto(folder, { path: await rowsFile(lineOf(10)) });
  const inner = join(folder, 'mine');
  assert.equal(ownEntry('../mine', inner), undefined);
  assert.equal(ownEntry('.', inner), undefined);
  assert.ok(ownEntry('mine', folder));
});

test('a number of queries that leaves no row is refused', async () => {
  const path = await rowsFile(lineOf(10));
  await assertRefused(importAndLoad({ path, holdOut: 10 }), 2, '--hold-out must be 1..9, got 10');
  await assertRefused(importAndLoad({ path: await rowsFile(lineOf(1)) }), 2, 'has one row');
});

test('what was cut off in the middle is no dataset, and keeps no other from it', async () => {
  const folder = await emptyRoom();
  // What an end between making the folder and renaming the description leaves.
  await mkdir(join(folder, 'mine'));
  await writeFile(join(folder, 'mine', 'dataset.json.part'), '{"schema": "ben');
  assert.deepEqual(await ownNames(folder), []);
  assert.equal(ownEntry('mine', folder), undefined);
  await importInto(folder, { path: await rowsFile(lineOf(10)) });
  assert.deepEqual(await readdir(join(folder, 'mine')), ['dataset.json']);
  assert.deepEqual(await ownNames(folder), ['mine']);
});

test('an import that fails leaves what was there', async () => {
  const folder = await emptyRoom();
  await importInto(folder, { path: await rowsFile(lineOf(10)) });
  const bad = await rowsFile([[Number.NaN, 1]]);
  await assertRefused(importInto(folder, { path: bad, replace: true }), 3);
  assert.equal((await loadFrom(folder)).base.rows, 9);
  await assertRefused(importInto(folder, { path: bad, name: 'other' }), 3);
  assert.deepEqual(await ownNames(folder), ['mine']);
});

test('a damaged description is told with its place', async () => {
  const folder = await emptyRoom();
  await importInto(folder, { path: await rowsFile(lineOf(10)) });
  const path = join(folder, 'mine', 'dataset.json');
  for (const [text, part] of [
    ['{"schema":', 'no description of a dataset: '],
    ['{"schema": "bench.dataset/1"}', 'at title'],
  ] as const) {
    await writeFile(path, text);
    await assertRefused(ownEntries(folder), 3, path, part, 'import it again');
  }
  await rm(path);
  assert.deepEqual(await ownEntries(folder), []);
  assert.deepEqual(await ownNames(join(sampleFolder, 'nowhere')), []);
});
