import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { loadSuite } from '../../cli/registry.js';
import { packageRoot } from '../../core/paths.js';
import { runSchema } from '../../core/result.js';
import { suiteSchema } from '../../core/suite.js';
import { callBench } from './bench-call.js';
import { runBench, withFolder } from './bench-process.js';
import { complaintOf, tinySuite, writeFiles } from './own-files.js';

const hint = 'hint: correct the file; bench schema suite prints what it may hold';

/** The same suite as data. */
const asData = {
  title: 'Mine',
  dataset: 'siftsmall',
  targets: ['null'],
  indexes: [{ family: 'flat' }],
  streams: [{ operation: 'search', k: 10, load: [{ kind: 'closed', concurrency: [1, 2] }] }],
  measure: { warmUpS: 0.02, durationS: 0.05, repeats: 1 },
};

/** What loading a suite file of some content says. */
function said(name: string, content: string | Buffer): Promise<string> {
  return withFolder((folder) => {
    writeFiles(folder, { [name]: content });
    return complaintOf(loadSuite(join(folder, name)), folder);
  });
}

test('a suite file runs to its end and names its results, and --resume goes on with it', () =>
  withFolder(async (folder) => {
    writeFiles(folder, { 'suites/my-suite.yaml': tinySuite });
    const args = ['run', '--suite', 'suites/my-suite.yaml', '--out', 'run', '--quiet'];
    const { code, stderr } = await runBench(args, { folder });
    assert.equal(stderr, '');
    assert.equal(code, 0);
    const text = readFileSync(join(folder, 'run', 'run.json'), 'utf8');
    const { suite, runId, cells } = runSchema.parse(JSON.parse(text));
    assert.deepEqual({ ...suite }, { ...asData, name: 'my-suite' });
    assert.match(runId, /-my-suite-[0-9a-f]{4}$/);
    // One index, two loads, one repeat.
    assert.equal(cells.length, 2);
    for (const more of [['--suite', './suites/my-suite.yaml'], []]) {
      const resumed = await callBench(['run', '--resume', 'run', ...more], { folder });
      assert.equal(resumed.code, 0, resumed.stderr);
    }
  }));

for (const [file, content] of [
  ['my-suite.yaml', tinySuite],
  ['my-suite.json', JSON.stringify({ $schema: './suite.schema.json', ...asData }, null, '\t')],
  ['my-suite.mjs', `export default ${JSON.stringify(asData)};`],
] as const) {
  test(`the suite ${file} is the one that it says, under the name of its file`, () =>
    withFolder(async (folder) => {
      writeFiles(folder, { [file]: content });
      const { name, suite } = await loadSuite(join(folder, file));
      assert.deepEqual({ name, suite }, { name: 'my-suite', suite: asData });
      const args = ['run', '--suite', file, '--dry-run'];
      const { code, stdout } = await callBench(args, { folder });
      assert.equal(code, 0);
      assert.match(stdout, /^Mine\nsiftsmall: .*; 1 indexes, 2 cells; /);
    }));
}

test('--set and --target change an own suite as they do others', () =>
  withFolder(async (folder) => {
    writeFiles(folder, { 'mine.yaml': tinySuite });
    const own = ['run', '--suite', 'mine.yaml', '--dry-run'];
    const set = await callBench([...own, '--set', 'measure.repeats=3'], { folder });
    assert.match(set.stdout, /1 indexes, 6 cells/);
    const both = ['--target', 'null', '--target', 'exact'];
    assert.match((await callBench([...own, ...both], { folder })).stdout, /2 indexes, 4 cells/);
    const bad = await callBench([...own, '--set', 'measure.repeats=0'], { folder });
    assert.match(bad.stderr, /^error BAD_SUITE: suite mine: measure.repeats: Too small/);
  }));

// Lines and columns were counted by hand.
test('all mistakes of a YAML suite are told at once, each with its line and column', async () => {
  const text = `title: ''
dataset: siftsmall
targets: []
indexes:
  - famly: flat
    params: { nlist: [1, null], m: , x: {} }
streams:
  - operation: serch
    k: 0
    load:
      - { kind: opne, concurrency: 1 }
      - { concurrency: 1 }
      - { kind: closed, concurency: 1 }
measure:
  warmUpS: long
  repeats: 1
  repeats: 2
mesure: 1
`;
  const lines = [
    '1:8: title: Too small: expected string to have >=1 characters, got ""',
    '3:10: targets: Too small: expected array to have >=1 items, got []',
    '5:5: indexes[0].family must be given',
    '5:5: indexes[0].famly is not known; did you mean family?',
    '6:26: indexes[0].params.nlist[1]: expected number or string or boolean, got null',
    '6:36: indexes[0].params.m: expected number or string or boolean or array, got null',
    '6:41: indexes[0].params.x: expected number or string or boolean or array, got {}',
    '8:16: streams[0].operation: Invalid input: expected "search", got "serch"',
    '9:8: streams[0].k: Too small: expected number to be >=1, got 0',
    '11:17: streams[0].load[0].kind: "opne" is not known; did you mean open?',
    '12:9: streams[0].load[1].kind must be given, one of: closed, open, ramp, spike',
    '13:9: streams[0].load[2].concurrency must be given',
    '13:25: streams[0].load[2].concurency is not known; did you mean concurrency?',
    '15:3: measure.durationS must be given',
    '15:12: measure.warmUpS: Invalid input: expected number, received string, got "long"',
    '17:3: repeats is given twice',
    '18:1: mesure is not known; did you mean measure?',
  ];
  const expected = lines.map((line) => `suite FOLDER/mine.yml:${line}`).join('\n');
  assert.equal(await said('mine.yml', text), `error BAD_SUITE: ${expected}\n${hint}`);
});

test('mistakes of a JSON suite have places too, and end bench with exit code 2', () =>
  withFolder(async (folder) => {
    const { title: _, ...rest } = asData;
    const measure = { ...asData.measure, repeats: 'three' };
    writeFiles(folder, { 'mine.json': JSON.stringify({ ...rest, measure, gate: 1 }, null, 2) });
    const { code, stdout, stderr } = await callBench(['run', '--suite', 'mine.json'], { folder });
    assert.deepEqual([code, stdout], [2, '']);
    const number = 'expected number, received string';
    const lines = [
      'error BAD_SUITE: suite ./mine.json:1:1: title must be given',
      `suite ./mine.json:29:16: measure.repeats: Invalid input: ${number}, got "three"`,
      'suite ./mine.json:31:3: gate is not known; did you mean gates?',
      hint,
    ];
    assert.equal(stderr, `${lines.join('\n')}\n`);
  }));

test('a file that is no suite at all says what it is', async () => {
  const keys = 'title, dataset, targets, indexes, payload, streams, measure, gates, on';
  const file = 'error BAD_SUITE: suite FOLDER/mine.yaml';
  const is = (what: string) => `${file}:1:1: it must be a map of ${keys}; it is ${what}\n${hint}`;
  assert.equal(await said('mine.yaml', '- a\n- b\n'), is('a list'));
  assert.equal(await said('mine.yaml', 'just words\n'), is('a string'));
  assert.equal(await said('mine.yaml', '12\n'), is('a number'));
  assert.equal(await said('mine.yaml', '# nothing but this\n'), is('empty'));
  assert.equal(await said('mine.yaml', ' \n'), `${file}: it is empty\n${hint}`);
  const notText = Buffer.from([0x74, 0xff, 0xfe, 0x0a]);
  assert.equal(await said('mine.yaml', notText), `${file}: it is not text in UTF-8\n${hint}`);
  const large = `# ${'x'.repeat(1024 * 1024)}`;
  const size = 'it must have at most 1,048,576 bytes, it has 1,048,578';
  assert.equal(await said('mine.yaml', large), `${file}: ${size}\n${hint}`);
});

test('a file that is not there or cannot be a suite is told by its path', () =>
  withFolder(async (folder) => {
    mkdirSync(join(folder, 'folder.yaml'));
    const files = { 'notes.txt': '', 'My_Suite 2.yaml': '', [`${'a'.repeat(33)}.json`]: '' };
    writeFiles(folder, files);
    const of = (name: string) => complaintOf(loadSuite(join(folder, name)), folder);
    const begin = (name: string) => `error BAD_SUITE: suite FOLDER/${name}: `;
    assert.equal(
      await of('none.yaml'),
      `${begin('none.yaml')}there is no such file\nhint: bench list suites shows what there is`,
    );
    assert.equal(await of('folder.yaml'), `${begin('folder.yaml')}it is not a file`);
    assert.equal(
      await of('notes.txt'),
      `${begin('notes.txt')}its ending must be one of .yaml, .yml, .json, .js, .mjs, it is .txt`,
    );
    const rule = 'at most 32 of a-z, 0-9 and single dashes';
    assert.equal(
      await of('My_Suite 2.yaml'),
      `${begin('My_Suite 2.yaml')}results name it by its file, so My_Suite 2 must be ${rule}\n` +
        'hint: rename it, for example to my-suite-2.yaml',
    );
    assert.match(
      await of(`${'a'.repeat(33)}.json`),
      /hint: rename it, for example to a{32}\.json$/,
    );
  }));

test('a module that is no suite says why', async () => {
  const begin = 'error BAD_SUITE: suite FOLDER/mine.mjs';
  const correct = 'hint: correct the file';
  assert.equal(
    await said('mine.mjs', "const a = 1;\nthrow new Error('not today');\n"),
    `${begin}:2:7: loading it: not today\n${correct}`,
  );
  assert.equal(
    await said('mine.mjs', 'export const suite = {};\n'),
    `${begin}: it must have a default export, and has none\nhint: write: export default suite;`,
  );
  const odd = `export default { ...${JSON.stringify(asData)}, measure: () => 1, on: 1n };`;
  const type = 'a value of type bigint';
  const lines = [
    `${begin}: measure: Invalid input: expected object, received function, got a function`,
    `suite FOLDER/mine.mjs: on: Invalid input: expected record, received bigint, got ${type}`,
    hint,
  ];
  assert.equal(await said('mine.mjs', odd), lines.join('\n'));
});

test('every suite, in YAML too, matches the JSON Schema that bench schema suite prints', () =>
  withFolder(async (folder) => {
    const { code, stdout } = await callBench(['schema', 'suite'], { folder });
    assert.equal(code, 0);
    const document = JSON.parse(stdout) as Parameters<typeof z.fromJSONSchema>[0];
    const schema = z.fromJSONSchema(document);
    const files = readdirSync(join(packageRoot(), 'suites')).filter((name) => name.endsWith('.ts'));
    writeFiles(folder, { 'mine.yaml': tinySuite });
    const names = [...files.map((name) => name.slice(0, -3)), join(folder, 'mine.yaml')];
    for (const name of names) {
      const { suite } = await loadSuite(name);
      assert.equal(schema.safeParse(suite).success, true, name);
      assert.equal(schema.safeParse({ ...suite, $schema: './a.json' }).success, true, name);
      assert.equal(schema.safeParse({ ...suite, titel: 'a' }).success, false, name);
      assert.equal(schema.safeParse({ ...suite, measure: {} }).success, false, name);
    }
    // What an editor needs: every key, its meaning, and that there are no others.
    const printed = document as {
      properties: Record<string, { description?: string; items?: { properties: object } }>;
      additionalProperties: boolean;
      required: string[];
    };
    const keys = Object.keys(suiteSchema.shape);
    assert.deepEqual(Object.keys(printed.properties), [...keys, '$schema']);
    assert.equal(printed.additionalProperties, false);
    assert.deepEqual(printed.required, Object.keys(asData));
    assert.ok(printed.properties.$schema?.description?.includes('editors'));
  }));

test('the mistakes that docs/write-a-suite.md shows are those of two wrong words in it', () =>
  withFolder(async (folder) => {
    const page = readFileSync(join(packageRoot(), 'docs', 'write-a-suite.md'), 'utf8');
    const [, suite = ''] = /^```yaml\n(.*?)^```$/ms.exec(page) ?? [];
    const [, shown = ''] = /^```text\n(.*?)^```$/ms.exec(page) ?? [];
    const wrong = suite.replace('family', 'famly').replace('closed', 'opne');
    writeFiles(folder, { 'mine.yaml': wrong });
    const { stderr } = await callBench(['run', '--suite', './mine.yaml'], { folder });
    assert.equal(stderr, shown);
  }));
