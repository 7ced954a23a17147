import assert from 'node:assert/strict';
import { copyFile, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import catalogue from '../../../datasets/catalogue/catalogue.js';
import { pulledEntries, pulledEntry } from '../../../datasets/own/pulled.js';
import { setEnvironment } from '../../core/environment.js';
import { emptyFolder } from '../../core/folders.js';
import { bin, storedValues, valuesAs } from '../sample-files.js';
import { sampleHdf5, smallSet } from '../sample-hdf5.js';

/** A folder of datasets in which one of the catalogue seems to be: its files, by their roles. */
async function pulled(
  context: TestContext,
  name: string,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<void> {
  const root = await emptyFolder(context);
  setEnvironment(context, { BENCH_DATASETS: root });
  const folder = join(root, name);
  await mkdir(folder);
  const record = [];
  for (const file of catalogue.find((each) => each.name === name)?.files ?? []) {
    const { name: fileName, role, address } = file;
    const path = join(folder, fileName);
    const content = files[role] ?? '';
    if (typeof content === 'string' && content !== '') await copyFile(content, path);
    else await writeFile(path, content);
    const { size: bytes } = await stat(path);
    const pulledAt = '2026-01-01T00:00:00.000Z';
    record.push({ name: fileName, address, bytes, sha256: '0'.repeat(64), pulledAt });
  }
  await writeFile(join(folder, 'pulled.json'), JSON.stringify({ dataset: name, files: record }));
}

test('a set of ann-benchmarks that was pulled is loaded by its name', async (context) => {
  const name = 'sift-128-euclidean';
  const file = await sampleHdf5({ distance: 'euclidean', datasets: smallSet });
  await pulled(context, name, { all: file });
  const entry = await pulledEntry(name);
  const dataset = await entry?.load(name);
  assert.deepEqual([dataset?.name, dataset?.metric, dataset?.base.rows], [name, 'l2', 4]);
  assert.equal(dataset?.officialTruth?.k, 2);
  assert.ok((await pulledEntries()).some((each) => each.name === name));
});

test('neighbours among rows with tags are not those among all rows', async (context) => {
  const name = 'yfcc-10M';
  const rows = bin('u8', [
    [1, 2],
    [3, 4],
  ]);
  const neighbours = Buffer.concat([bin('i32', [[1]]), valuesAs('f32', [0])]);
  await pulled(context, name, { base: rows, queries: bin('u8', [[1, 2]]), neighbours });
  const dataset = await (await pulledEntry(name))?.load(name);
  assert.ok(dataset !== undefined);
  assert.deepEqual(storedValues(dataset.base), [1, 2, 3, 4]);
  assert.equal(dataset.officialTruth, undefined);
});

test('a public dataset that was not pulled is told from one that is unknown', async (context) => {
  setEnvironment(context, { BENCH_DATASETS: await emptyFolder(context) });
  await assert.rejects(pulledEntry('gist-960-euclidean'), {
    code: 'UNKNOWN_NAME',
    message: 'the public dataset gist-960-euclidean is not here',
    hint: /^bench dataset pull gist-960-euclidean brings it/,
  });
  assert.equal(await pulledEntry('no-such-set'), undefined);
});
