import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runSchema } from '../../core/result.js';
import { npyOf } from '../datasets/sample-files.js';
import { callBench } from './bench-call.js';
import { type Ended, runBench, shortRun, withFolder } from './bench-process.js';
import { writeFiles } from './own-files.js';

/** A person's folder, which has the folder of datasets in it. */
interface Scene {
  readonly folder: string;
  /** Calls `bench` in the folder; in what it says, FOLDER stands for the folder. */
  bench(...args: readonly string[]): Promise<Ended>;
  /** The same in a process of its own. */
  benchProcess(...args: readonly string[]): Promise<Ended>;
}

const rows = Array.from({ length: 200 }, (_, row) => [row, row % 7, 1]);

function withScene(work: (scene: Scene) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    writeFiles(folder, {
      'rows.npy': npyOf('f32', rows),
      'queries.npy': npyOf('f32', rows.slice(3, 8)),
      'flat.npy': npyOf('f32', [[1], [2]]),
      'rows.csv': `number,word\n${rows.map(([number]) => `${number},w${number}`).join('\n')}\n`,
    });
    const env = { BENCH_DATASETS: join(folder, 'datasets') };
    const by = (run: typeof runBench): Scene['bench'] => {
      return async (...args) => {
        const { code, stdout, stderr } = await run(args, { folder, env });
        const shown = (text: string): string => text.replaceAll(folder, 'FOLDER');
        return { code, stdout: shown(stdout), stderr: shown(stderr) };
      };
    };
    await work({ folder, bench: by(callBench), benchProcess: by(runBench) });
  });
}

test('own rows become a dataset that is listed and run by its name', () =>
  withScene(async ({ folder, bench, benchProcess }) => {
    const imported = await benchProcess(
      ...['dataset', 'import', 'my-rows', 'rows.npy', '--metric', 'l2', '--payload', 'rows.csv'],
      ...['--licence', 'mine', '--title', 'Rows of mine'],
    );
    assert.deepEqual([imported.code, imported.stderr], [0, '']);
    assert.equal(
      imported.stdout,
      [
        'my-rows: 180 x 3 f32, l2',
        '20 queries, held out of the rows with seed 1',
        'payload: number (integer), word (text)',
        'described in FOLDER/datasets/my-rows/dataset.json',
        'to run on it: bench run --suite hnsw --dataset my-rows\n',
      ].join('\n'),
    );
    const listed = await bench('dataset', 'list');
    assert.match(listed.stdout, /^my-rows +180 +3 +20 +l2 +mine$/m);
    const kinds = await bench('list', 'datasets');
    assert.match(kinds.stdout, /^datasets +my-rows +Rows of mine$/m);
    const args = ['--dataset', 'my-rows', '--target', 'exact', '--in-process', '--out', 'run'];
    const run = await bench('run', '--suite', 'smoke', ...args, ...shortRun, '--quiet');
    assert.deepEqual([run.code, run.stderr], [0, '']);
    const { cells, status } = runSchema.parse(
      JSON.parse(readFileSync(join(folder, 'run', 'run.json'), 'utf8')),
    );
    assert.equal(status, 'complete');
    for (const { streams } of cells) {
      assert.equal(streams[0]?.operations.search?.recall?.mean, 1);
    }
  }));

test('what cannot be imported is told in two lines, with the exit code that says whose it is', () =>
  withScene(async ({ bench }) => {
    const refused = async (args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await bench('dataset', 'import', ...args);
      assert.equal(stdout, '');
      return `${code} ${stderr}`;
    };
    const queries = ['--queries', 'queries.npy', '--metric', 'l2'];
    assert.equal((await bench('dataset', 'import', 'mine', 'rows.npy', ...queries)).code, 0);
    assert.equal(
      await refused(['mine', 'rows.npy', ...queries]),
      '2 error BAD_ARGUMENT: there is a dataset mine already: FOLDER/datasets/mine/dataset.json\n' +
        'hint: take another name, or --replace\n',
    );
    assert.equal(
      await refused(['siftsmall', 'rows.npy', '--metric', 'l2']),
      '2 error BAD_ARGUMENT: a dataset siftsmall comes with bench\nhint: take another name\n',
    );
    assert.equal(
      await refused(['../mine', 'rows.npy', '--metric', 'l2']),
      '2 error BAD_ARGUMENT: ../mine cannot be the name of a dataset\n' +
        'hint: take at most 64 small letters, digits and single hyphens, as in my-vectors\n',
    );
    assert.equal(
      await refused(['other', 'rows.npy']),
      '2 error BAD_ARGUMENT: FOLDER/rows.npy does not say how its vectors are compared\n' +
        'hint: give --metric l2, ip or cosine\n',
    );
    assert.match(
      await refused(['other', 'rows.npy', '--metric', 'manhattan']),
      /^2 error BAD_ARGUMENT: .* 'manhattan' is invalid\. Allowed choices are l2, ip, cosine\./,
    );
    assert.equal(
      await refused(['other', 'rows.npy', '--queries', 'flat.npy', '--metric', 'l2']),
      '3 error BAD_DATA: reading FOLDER/flat.npy: its vectors have 1 dimensions, ' +
        'those of FOLDER/rows.npy have 3\n',
    );
    assert.match(
      await refused(['other', 'nowhere.npy', '--metric', 'l2']),
      /^3 error BAD_DATA: reading FOLDER\/nowhere\.npy: it is not there\n/,
    );
  }));

test('numbers and fields that are none are refused', () =>
  withScene(async ({ bench }) => {
    const cases: readonly (readonly [option: string, value: string, told: RegExp])[] = [
      ['--hold-out', '0', /It must be a whole number, 1 or more/],
      ['--hold-out', '1e99', /It must be a whole number/],
      ['--seed', '', /It must be a whole number, 0 or more/],
      ['--fields', 'number', /name:type, .* got number\./],
      ['--fields', 'number:date', /got number:date/],
      ['--fields', 'a:float,a:text', /each name once/],
    ];
    for (const [option, value, told] of cases) {
      const { code, stderr } = await bench('dataset', 'import', 'a', 'rows.npy', option, value);
      assert.equal(code, 2);
      assert.match(stderr, told);
    }
  }));

test('a run on files that have changed ends before it begins', () =>
  withScene(async ({ folder, bench }) => {
    const imported = await bench('dataset', 'import', 'mine', 'rows.npy', '--metric', 'l2');
    assert.equal(imported.code, 0);
    writeFileSync(join(folder, 'rows.npy'), npyOf('f32', [...rows, [1, 2, 3]]));
    const args = ['run', '--suite', 'smoke', '--dataset', 'mine', '--target', 'null', '--quiet'];
    const { code, stderr } = await bench(...args, '--out', 'run');
    assert.equal(code, 3);
    assert.equal(
      stderr,
      'error BAD_DATA: reading FOLDER/rows.npy: it is not the file that was imported, ' +
        'it has changed since\nhint: import it again: bench dataset import ... --replace\n',
    );
  }));

test('texts with judgments are imported with the vectors of both', () =>
  withScene(async ({ folder, bench }) => {
    const texts = join(folder, 'texts');
    mkdirSync(texts);
    const lines = (count: number): string =>
      Array.from({ length: count }, (_, row) => `{"_id": "${row}", "text": "t"}\n`).join('');
    writeFiles(texts, {
      'corpus.jsonl': lines(rows.length),
      'queries.jsonl': lines(5),
      'qrels/test.tsv': '0\t3\t1\n4\t7\t1\n',
    });
    const args = ['dataset', 'import', 'judged', 'texts', '--metric', 'l2'];
    const without = await bench(...args);
    assert.equal(without.code, 2);
    assert.match(without.stderr, /FOLDER\/texts holds texts, .*\nhint: give --vectors and --quer/);
    const vectors = ['--vectors', 'rows.npy', '--queries', 'queries.npy'];
    const { stdout } = await bench(...args, ...vectors);
    assert.match(stdout, /^judged: 200 x 3 f32, l2\n2 queries\n/);
    const run = ['run', '--suite', 'smoke', '--dataset', 'judged', '--target', 'exact'];
    const ended = await bench(...run, '--in-process', '--out', 'run', ...shortRun, '--quiet');
    assert.equal(ended.code, 0, ended.stderr);
    const { cells } = runSchema.parse(
      JSON.parse(readFileSync(join(folder, 'run', 'run.json'), 'utf8')),
    );
    // Query 0 is row 3 and query 4 row 7, each judged to be the one that is relevant.
    assert.equal(cells[0]?.streams[0]?.operations.search?.quality?.ndcgAt10, 1);
  }));
