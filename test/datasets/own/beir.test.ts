import assert from 'node:assert/strict';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Dataset } from '../../../core/dataset.js';
import { hashDataset } from '../../../core/dataset-check.js';
import { ndcgAt10 } from '../../../core/measure/quality.js';
import { computeTruth } from '../../../core/measure/truth.js';
import { packageRoot } from '../../../core/paths.js';
import type { ImportRequest } from '../../../datasets/own/import.js';
import scifact from '../../../datasets/scifact.js';
import { sampleFolder, storedValues } from '../sample-files.js';
import { assertRefused, importAndLoad, rowsFile } from './scene.js';

const corpus = ['d1', 'd2', 'd3'].map((id) => `${JSON.stringify({ _id: id, text: id })}\n`);
const queries = ['q1', 'q2', 'q3'].map((id) => `${JSON.stringify({ _id: id, text: id })}\n`);

/** Three documents and three queries, of which the test split judges q1 and q3, dev q2. */
async function request(change: Partial<ImportRequest> = {}): Promise<Partial<ImportRequest>> {
  const path = await mkdtemp(join(sampleFolder, 'judged-'));
  await mkdir(join(path, 'qrels'));
  await writeFile(join(path, 'corpus.jsonl'), corpus.join(''));
  await writeFile(join(path, 'queries.jsonl'), queries.join(''));
  await writeFile(join(path, 'qrels', 'test.tsv'), 'q3\td1\t1\nq1\td2\t2\n');
  await writeFile(join(path, 'qrels', 'dev.tsv'), 'q2\td3\t1\n');
  const documents = [[1], [2], [3]];
  return {
    path,
    vectors: await rowsFile(documents),
    queries: await rowsFile([[10], [20], [30]]),
    ...change,
  };
}

test('a folder of BEIR and vectors of its texts are a dataset with judgments', async () => {
  const dataset = await importAndLoad(await request());
  assert.deepEqual(storedValues(dataset.base), [1, 2, 3]);
  // Of all queries those that are judged, in the order of their file.
  assert.deepEqual(storedValues(dataset.queries), [10, 30]);
  assert.deepEqual(dataset.judgments, [new Map([[1, 2]]), new Map([[0, 1]])]);
});

test('vectors of the judged queries alone, and another split, are taken too', async () => {
  const judged = await importAndLoad(await request({ queries: await rowsFile([[11], [33]]) }));
  assert.deepEqual(storedValues(judged.queries), [11, 33]);
  const dev = await importAndLoad(await request({ split: 'dev' }));
  assert.deepEqual(storedValues(dev.queries), [20]);
  assert.deepEqual(dev.judgments, [new Map([[2, 1]])]);
});

test('vectors that are not as many as the texts are refused', async () => {
  const two = await rowsFile([[1], [2]]);
  const documents = importAndLoad(await request({ vectors: two }));
  await assertRefused(documents, 3, two, 'it has 2 rows, expected 3 as the documents of');
  const four = await rowsFile([[1], [2], [3], [4]]);
  const asked = importAndLoad(await request({ queries: four }));
  await assertRefused(asked, 3, four, 'expected 3 as the queries of', 'or 2 as those judged');
});

test('vectors of both, and a split that is there, must be named', async () => {
  const { vectors: _, ...rest } = await request();
  await assertRefused(importAndLoad(rest), 2, 'holds texts', 'give --vectors and --queries');
  const train = importAndLoad(await request({ split: 'train' }));
  await assertRefused(train, 3, 'qrels/dev.tsv', 'expected qrels/train.tsv or qrels.tsv');
});

/** The mean over queries that have a relevant document, by exact search. */
async function meanNdcg(dataset: Dataset): Promise<number> {
  const truth = await computeTruth({ ...dataset, k: 10 });
  const { judgments = [] } = dataset;
  const found = judgments.map((grades, query) =>
    ndcgAt10(truth.ids.subarray(query * 10, query * 10 + 10), grades),
  );
  return found.reduce<number>((sum, value) => sum + (value ?? Number.NaN), 0) / found.length;
}

test('scifact as a person would bring it is the bundled one', async () => {
  const path = join(packageRoot(), 'datasets', 'bundled', 'scifact');
  const dataset = await importAndLoad({
    path,
    vectors: join(path, 'corpus_minilm384.f16.npy'),
    queries: join(path, 'queries_minilm384.f16.npy'),
    metric: 'cosine',
  });
  const bundled = await scifact.load('scifact');
  assert.equal(hashDataset(dataset), hashDataset(bundled));
  assert.deepEqual(dataset.judgments, bundled.judgments);
  // NDCG@10 0.645 is what others report for this model: the provenance notes of scifact.
  assert.equal((await meanNdcg(dataset)).toFixed(4), '0.6451');
});
