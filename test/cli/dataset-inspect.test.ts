import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatInspection } from '../../cli/inspection-table.js';
import type { Inspection } from '../../core/inspect/inspect.js';
import { runBench, withFolder } from './bench-process.js';

const inspection: Inspection = {
  name: 'sample',
  metric: 'cosine',
  rows: 20_000,
  dimensions: 384,
  type: 'f16',
  queries: 500,
  norms: { min: 0.5, median: 1, max: 2, zeros: 0, medianRows: 20_000 },
  duplicateRows: 3,
  neighbours: {
    queries: 500,
    rows: 1000,
    among: 20_000,
    intrinsicDimension: [{ k: 20, value: 17.25 }],
    relativeContrast: 2.125,
    ties: [{ k: 10, value: 0.014 }],
    origin: { p: 0.0000012, medianRatio: 1.5 },
  },
  payload: [{ name: 'genre', type: 'category', values: 19_000, categories: 21 }],
};

test('what a dataset is like is a table with what each figure rests on', () => {
  const text = formatInspection(inspection);
  const lines = text.split('\n').map((line) => line.replaceAll(/ {2,}/g, '  '));
  for (const line of [
    'rows  20,000',
    'element type  f16',
    'median norm  1  20,000 rows',
    'duplicate rows  3  20,000 rows',
    'local intrinsic dimension, k = 20  17.3  1,000 rows among 20,000',
    'relative contrast  2.13  500 queries among 20,000',
    'ties at rank 10  1.4 %  500 queries among 20,000',
    'queries as rows: p  < 0.001  500 queries, 1,000 rows among 20,000',
    'column genre  category (21)  19,000 rows with a value',
  ]) {
    assert.ok(lines.includes(line), `${line}\n${lines.join('\n')}`);
  }
  assert.match(text, /farther from the base than its own rows do: 1\.5 times .* p < 0\.001\.\n$/);
});

test('it says in words what the test of the queries found', () => {
  const said = (p: number, medianRatio: number): string =>
    formatInspection({
      ...inspection,
      neighbours: { ...inspection.neighbours, origin: { p, medianRatio } },
    } as Inspection);
  assert.match(said(0.4321, 1.01), /as its own rows do: no difference was found \(p 0\.43\)\.\n$/);
  assert.match(
    said(0.005, 0.5),
    /nearer to the base than its own rows do: 0\.5 times .* p 0\.0050/,
  );
});

test('without neighbours it says why', () => {
  const { neighbours: _, payload: __, ...rest } = inspection;
  assert.match(formatInspection(rest), /no neighbours: a vector is all zeros, which has no cosine/);
});

test('inspect prints one object with --json, and bad samples are refused', async () => {
  await withFolder(async (folder) => {
    const name = 'clustered:rows=500,dimensions=4,queries=20,seed=3';
    const args = ['dataset', 'inspect', name];
    const { code, stdout } = await runBench([...args, '--json', '--sample', '50'], { folder });
    assert.equal(code, 0);
    const printed = JSON.parse(stdout) as Inspection;
    assert.deepEqual([printed.name, printed.rows, printed.queries], [name, 500, 20]);
    assert.deepEqual([printed.neighbours?.rows, printed.neighbours?.queries], [50, 20]);
    const refused = await runBench([...args, '--sample', '5'], { folder });
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /It must be a whole number 10\.\.100000/);
  });
});
