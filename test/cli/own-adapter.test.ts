import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { loadTarget } from '../../cli/registry.js';
import { packageRoot } from '../../core/paths.js';
import { type Run, runSchema } from '../../core/result.js';
import { callBench } from './bench-call.js';
import { runBench, shortRun, withFolder } from './bench-process.js';
import { complaintOf, exactAdapter, tinySuite, writeFiles } from './own-files.js';

const hint = 'hint: docs/add-an-adapter.md says what an adapter holds';

function runIn(folder: string): Run {
  return runSchema.parse(JSON.parse(readFileSync(join(folder, 'run', 'run.json'), 'utf8')));
}

function recallOf({ streams }: Run['cells'][number]): number | undefined {
  return streams[0]?.operations.search?.recall?.mean;
}

/** What loading an adapter file of some content says. */
function said(content: string): Promise<string> {
  return withFolder((folder) => {
    writeFiles(folder, { 'mine.mjs': content });
    return complaintOf(loadTarget(join(folder, 'mine.mjs')), folder);
  });
}

test('an own adapter runs to its end in the load worker', () =>
  withFolder(async (folder) => {
    writeFiles(folder, { 'mine.mjs': exactAdapter() });
    const own = ['run', '--suite', 'smoke', '--target', './mine.mjs', '--in-process'];
    const args = [...own, ...shortRun, '--out', 'run', '--quiet'];
    const { code, stderr } = await callBench(args, { folder });
    assert.deepEqual([code, stderr], [0, '']);
    const { targets, cells, builds } = runIn(folder);
    assert.deepEqual(
      targets.map(({ name }) => name),
      ['mine'],
    );
    // Two batch sizes.
    assert.equal(cells.length, 2);
    for (const cell of cells) assert.equal(recallOf(cell), 1);
    // Only a process of its own has memory of its own.
    assert.equal(builds[0]?.memory.pssAnonBytes, undefined);
  }));

test('a suite names an adapter from its own folder, and a run goes on from another one', () =>
  withFolder(async (folder) => {
    const suite = tinySuite.replace("'null'", './stores/mine.mjs');
    writeFiles(folder, { 'a/mine.yaml': suite, 'a/stores/mine.mjs': exactAdapter(), 'b/x': '' });
    const args = ['run', '--suite', 'a/mine.yaml', '--out', 'run', '--quiet'];
    const begun = await runBench(args, { folder });
    assert.deepEqual([begun.code, begun.stderr], [0, '']);
    const { targets, cells, builds } = runIn(folder);
    assert.equal(targets[0]?.name, 'mine');
    // Two loads; it searches by brute force, so it finds everything.
    assert.equal(cells.length, 2);
    for (const cell of cells) assert.equal(recallOf(cell), 1);
    for (const { memory } of builds) assert.ok((memory.pssAnonBytes ?? 0) > 0);
    const elsewhere = { folder: join(folder, 'b') };
    const resumed = await callBench(['run', '--resume', '../run'], elsewhere);
    assert.equal(resumed.code, 0, resumed.stderr);
  }));

test('an adapter file that throws, lacks a package, or exports nothing says so', async () => {
  const begin = 'error BAD_TARGET: target FOLDER/mine.mjs';
  assert.equal(
    await said("\nthrow new TypeError('no licence');\n"),
    `${begin}:2:7: loading it: no licence\nhint: correct the file`,
  );
  assert.equal(
    await said('export default {;\n'),
    `${begin}: loading it: SyntaxError: Unexpected token ';'\n` +
      'hint: node --check FOLDER/mine.mjs shows where',
  );
  assert.equal(
    await said("import 'no-such-store';\n"),
    `${begin}: loading it: Cannot find package 'no-such-store' imported from FOLDER/mine.mjs\n` +
      'hint: install it where the file is: cd FOLDER && npm install no-such-store',
  );
  const own = await said("import { BenchError } from 'storebench';\nexport default BenchError;\n");
  assert.match(own, /hint: install it where the file is: cd FOLDER && npm install \//);
  assert.equal(
    await said('export const adapter = {};\n'),
    `${begin}: it must have a default export, and has none\nhint: write: export default adapter;`,
  );
  assert.equal(
    await said('export default () => ({});\n'),
    `${begin}: its default export must be an adapter, it is a function\n${hint}`,
  );
});

test('all that is missing or wrong in an adapter is told at once', async () => {
  const adapter = `export default {
    kind: 'embeded',
    transports: [],
    metrics: ['euclid'],
    options: {},
    inProcess: false,
    indexes: [{
      family: 'IVF Flat',
      title: 'lists',
      parms: {},
      params: { nlist: { type: 'int', meaning: 'how many', mini: 1 } },
      search: {},
      estimateBytes: 12,
    }],
    conect: async () => ({}),
  };`;
  const lines = [
    'title must be given',
    'kind: Invalid option: expected one of "embedded"|"server"|"cloud", got "embeded"',
    'transports: Too small: expected array to have >=1 items, got []',
    'inProcess: Invalid input: expected true, got false',
    'metrics[0]: Invalid option: expected one of "l2"|"ip"|"cosine", got "euclid"',
    'options: must be a Standard Schema 1, as those of zod are, got {}',
    'indexes[0].family: must be words with dashes, as ivf-flat, got "IVF Flat"',
    'indexes[0].params.nlist.type: Invalid option: expected one of ' +
      '"integer"|"number"|"boolean"|"choice"|"text", got "int"',
    'indexes[0].params.nlist.mini is not known; did you mean min?',
    'indexes[0].estimateBytes: must be a function, got 12',
    'indexes[0].parms is not known; did you mean params?',
    'connect must be given',
    'conect is not known; did you mean connect?',
  ];
  const expected = lines.map((line) => `target FOLDER/mine.mjs: ${line}`).join('\n');
  assert.equal(await said(adapter), `error BAD_TARGET: ${expected}\n${hint}`);
});

test('within a clone a file finds storebench without an installation', () => {
  const published = pathToFileURL(join(packageRoot(), 'dist', 'core', 'index.js')).href;
  assert.equal(import.meta.resolve('storebench'), published);
});

test('names that would not tell what was measured are refused', () =>
  withFolder(async (folder) => {
    const files = ['exact.mjs', 'a/mine.mjs', 'b/mine.js', 'My.mjs', 'mine.ts'];
    writeFiles(folder, Object.fromEntries(files.map((name) => [name, exactAdapter()])));
    const of = async (...targets: string[]) => {
      const named = targets.flatMap((target) => ['--target', target]);
      const args = ['run', '--suite', 'smoke', ...named, '--dry-run'];
      const { code, stderr } = await callBench(args, { folder });
      assert.equal(code, 2);
      return stderr.split('\n')[0];
    };
    const begin = 'error BAD_TARGET: target ./';
    assert.equal(await of('exact.mjs'), `${begin}exact.mjs: exact is a target of bench itself`);
    assert.match((await of('My.mjs')) ?? '', /results name it by its file, so My must be at most/);
    const ending = 'its ending must be one of .js, .mjs, it is .ts';
    assert.equal(await of('mine.ts'), `${begin}mine.ts: ${ending}`);
    const two = 'error BAD_ARGUMENT: two targets have the same name, ';
    assert.equal(await of('a/mine.mjs', './b/mine.js'), `${two}mine`);
    assert.equal(await of('null', 'null'), `${two}null`);
  }));
