import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadAll } from '../../cli/registry.js';
import { runSchema } from '../../core/result.js';
import indexes from '../../suites/indexes.js';
import { callBench } from './bench-call.js';
import { withFolder } from './bench-process.js';

// Engines that live in Python have none.
const env = { BENCH_PYTHON: '/nowhere/python' };

function suiteOf(targets: readonly string[]): string {
  return JSON.stringify({
    title: 'a comparison',
    dataset: 'siftsmall',
    targets,
    indexes: [{ family: 'flat' }, { family: 'hnsw', params: { M: 8 } }],
    streams: [{ operation: 'search', k: 10, load: [{ kind: 'closed', concurrency: 1 }] }],
    measure: { warmUpS: 0, durationS: 0.05, repeats: 1 },
  });
}

test('engines of a suite that are not installed are left out, and named with what to do', () =>
  withFolder(async (folder) => {
    writeFileSync(join(folder, 'mine.json'), suiteOf(['exact', 'faiss', 'hnswlib']));
    const args = ['run', '--suite', './mine.json', '--out', 'run'];
    const { code, stdout } = await callBench(args, { folder, env });
    assert.equal(code, 0);
    assert.match(stdout, /^left out, faiss: every index: .*\/nowhere\/python.*; .*Python/m);
    assert.match(stdout, /^left out, hnswlib: every index: /m);
    const text = readFileSync(join(folder, 'run', 'run.json'), 'utf8');
    const { targets, unsupported, status } = runSchema.parse(JSON.parse(text));
    assert.equal(status, 'complete');
    assert.deepEqual(
      targets.map(({ name }) => name),
      ['exact'],
    );
    assert.deepEqual(
      unsupported.map(({ target }) => target),
      ['exact', 'faiss', 'hnswlib'],
    );
    const resumed = await callBench(['run', '--resume', 'run'], { folder, env });
    assert.equal(resumed.code, 0, resumed.stderr);
  }));

test('an engine that is asked for by name must be there', () =>
  withFolder(async (folder) => {
    writeFileSync(join(folder, 'mine.json'), suiteOf(['exact']));
    const args = ['run', '--suite', './mine.json', '--target', 'exact', '--target', 'faiss'];
    const { code, stderr } = await callBench(args, { folder, env });
    assert.equal(code, 3);
    assert.match(stderr, /target faiss does not work here/);
  }));

test('a suite of which no engine is installed does not run', () =>
  withFolder(async (folder) => {
    writeFileSync(join(folder, 'mine.json'), suiteOf(['faiss', 'hnswlib']));
    const { code, stderr } = await callBench(['run', '--suite', './mine.json'], { folder, env });
    assert.equal(code, 3);
    assert.match(stderr, /target hnswlib does not work here/);
  }));

test('suite indexes has every embedded engine, and each family of more than one', async () => {
  const engines = (await loadAll('adapters')).filter(
    ({ entry }) => entry.kind === 'embedded' && entry.standIn !== true,
  );
  assert.deepEqual([...indexes.targets].sort(), engines.map(({ name }) => name).sort());
  const all = engines.flatMap(({ entry }) => entry.indexes?.map(({ family }) => family) ?? []);
  const shared = all.filter((family, index) => all.indexOf(family) !== index);
  const asked = indexes.indexes.map(({ family }) => family);
  for (const family of shared) assert.ok(asked.includes(family), family);
});
