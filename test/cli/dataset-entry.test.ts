import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadDatasetEntry } from '../../cli/dataset-sources.js';
import { importDataset } from '../../datasets/own/import.js';
import { setEnvironment } from '../core/environment.js';
import { emptyFolder } from '../core/folders.js';
import { npyOf, sampleFile } from '../datasets/sample-files.js';

test('a dataset is named with its parameters', async () => {
  const entry = await loadDatasetEntry('clustered:rows=2000, clusters=3,spread=0.5');
  assert.equal(entry.rows, 2000);
  assert.match(entry.source, /clusters=3,spread=0\.5/);
  assert.equal((await loadDatasetEntry('gaussian')).rows, 100_000);
});

test('parameters that a dataset does not take are refused', async () => {
  await assert.rejects(loadDatasetEntry('siftsmall:rows=5'), {
    code: 'BAD_ARGUMENT',
    message: 'dataset siftsmall has no parameters, got siftsmall:rows=5',
  });
  await assert.rejects(loadDatasetEntry('clusterd:rows=5'), {
    code: 'UNKNOWN_NAME',
    message: 'there is no dataset clusterd; did you mean clustered?',
  });
});

test('a parameter without a value, or given twice, is told with the others', async () => {
  await assert.rejects(loadDatasetEntry('gaussian:rows,seed=1,seed=2,queries=-1'), {
    code: 'BAD_ARGUMENT',
    message: [
      'dataset gaussian: rows must be a whole number 1..1000000000, got nothing',
      'dataset gaussian: queries must be a whole number 1..1000000, got -1',
      'dataset gaussian: seed must be a whole number 0..2147483647, got 1 and 2',
    ].join('\n'),
  });
});

test('what was imported is found by its name, and near names lead to it', async (context) => {
  const folder = await emptyFolder(context);
  setEnvironment(context, { BENCH_DATASETS: folder });
  const path = await sampleFile(npyOf('f32', [[1], [2], [3]]), '.npy');
  await importDataset({ name: 'my-rows', path, metric: 'l2', seed: 1, replace: false });
  const entry = await loadDatasetEntry('my-rows');
  assert.deepEqual([entry.rows, entry.queries], [2, 1]);
  await assert.rejects(loadDatasetEntry('my-row'), {
    code: 'UNKNOWN_NAME',
    message: 'there is no dataset my-row; did you mean my-rows?',
  });
  await assert.rejects(loadDatasetEntry('my-rows:rows=5'), { code: 'BAD_ARGUMENT' });
});
