import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packageRoot } from '../core/paths.js';
import { tidyFile, tidyTree } from '../scripts/tidy.js';

/** The rules that a file breaks, each named once. */
function broken(path: string, text: string): string[] {
  return [...new Set(tidyFile(path, text).map(({ rule }) => rule))];
}

const documented = '/** What it is. */\n';
const filler = (count: number) => 'x();\n'.repeat(count);

test('this repository keeps all rules', () => {
  const findings = tidyTree(packageRoot());
  const lines = findings.map((each) => `${each.path}:${each.line} ${each.rule} ${each.message}`);
  assert.deepEqual(lines, []);
});

test('a finding names the file and the line, counted from 1', () => {
  const [finding] = tidyFile('core/a.ts', 'x();\nx() as any;\n');
  assert.deepEqual([finding?.path, finding?.line, finding?.rule], ['core/a.ts', 2, 'any']);
});

test('core imports only core', () => {
  assert.deepEqual(broken('core/load/a.ts', "import { b } from '../stats/b.js';"), []);
  for (const room of ['adapters', 'suites', 'datasets', 'reports', 'cli', 'scripts', 'test']) {
    assert.deepEqual(broken('core/a.ts', `import { b } from '../${room}/b.js';`), ['import']);
  }
});

test('the rooms of entries import core and themselves', () => {
  for (const room of ['adapters', 'suites', 'datasets', 'reports']) {
    const own = "import type { A } from '../core/a.js';\nimport { c } from './c.js';";
    assert.deepEqual(broken(`${room}/a.ts`, own), []);
    assert.deepEqual(broken(`${room}/a.ts`, "import { b } from '../cli/b.js';"), ['import']);
  }
  assert.deepEqual(broken('suites/a.ts', "import b from '../datasets/b.js';"), ['import']);
});

test('an import is seen in each of its forms', () => {
  const target = "'../cli/b.js'";
  for (const form of [
    `import ${target};`,
    `import type { B } from ${target};`,
    `${documented}export { b } from ${target};`,
    `export * from ${target};`,
    `await import(${target});`,
    `type B = import(${target}).B;`,
  ]) {
    assert.deepEqual(broken('core/a.ts', form), ['import'], form);
  }
});

test('only the registry reaches the entries, and only dynamically', () => {
  const dynamic = "await import('../adapters/exact.js');";
  assert.deepEqual(broken('cli/registry.ts', dynamic), []);
  assert.deepEqual(broken('cli/run.ts', dynamic), ['import']);
  const fixed = "import exact from '../adapters/exact.js';";
  assert.deepEqual(broken('cli/registry.ts', fixed), ['import']);
});

test('scripts are imported by scripts and tests only', () => {
  const tidy = "import { a } from '../scripts/tidy.js';";
  assert.deepEqual(broken('test/a.test.ts', tidy), []);
  assert.deepEqual(broken('scripts/a.ts', "import { a } from './tidy/a.js';"), []);
  assert.deepEqual(broken('cli/a.ts', tidy), ['import']);
});

test('the client of a store is imported by adapters only', () => {
  for (const name of ['ioredis', 'pg', '@qdrant/js-client-rest', 'mongodb', 'chromadb']) {
    const text = `const client = await import('${name}');`;
    assert.deepEqual(broken('adapters/a.ts', text), []);
    assert.deepEqual(broken('core/a.ts', text), ['store-client']);
  }
  assert.deepEqual(broken('core/a.ts', "import { z } from 'pgvector-like';"), []);
});

test('a function has at most 60 lines', () => {
  const body = (lines: number) => `function a() {\n${filler(lines - 2)}}\n`;
  assert.deepEqual(broken('core/a.ts', body(60)), []);
  assert.deepEqual(broken('core/a.ts', body(61)), ['function-length']);
  assert.deepEqual(broken('core/a.ts', `describe('a', () => {\n${filler(80)}});\n`), []);
});

test('a file has at most 400 lines, 250 in adapters, 500 in tests', () => {
  for (const [path, limit] of [
    ['core/a.ts', 400],
    ['adapters/a.ts', 250],
    ['adapters/redis/a.ts', 250],
    ['test/a.test.ts', 500],
  ] as const) {
    assert.deepEqual(broken(path, filler(limit)), []);
    assert.deepEqual(broken(path, filler(limit + 1)), ['file-length']);
  }
});

test('a line has at most 100 columns', () => {
  assert.deepEqual(broken('core/a.ts', `'${'é'.repeat(97)}';\n`), []);
  assert.deepEqual(broken('core/a.ts', `'${'é'.repeat(98)}';\n`), ['line-length']);
});

test('a function takes at most three parameters, this not counted', () => {
  assert.deepEqual(broken('core/a.ts', 'function f(this: X, a: 1, b: 2, c: 3) {}'), []);
  assert.deepEqual(broken('core/a.ts', 'function f(a: 1, b: 2, c: 3, d: 4) {}'), ['parameters']);
  const method = 'interface A { f(a: 1, b: 2, c: 3, d: 4): void }';
  assert.deepEqual(broken('core/a.ts', method), ['parameters']);
});

test('a function has at most ten paths', () => {
  const ifs = (count: number) => `function f() { ${'if (a) b();\n'.repeat(count)} }`;
  assert.deepEqual(broken('core/a.ts', ifs(9)), []);
  assert.deepEqual(broken('core/a.ts', ifs(10)), ['complexity']);
});

test('each kind of branch is one path more', () => {
  // Ten with the nine ifs; the branch makes it eleven.
  for (const branch of [
    'a ? b : c;',
    'a && b;',
    'a || b;',
    'a ?? b;',
    'a ??= b;',
    'for (;;) a();',
    'for (const a of b) a();',
    'while (a) b();',
    'do { a(); } while (b);',
    'switch (a) { case 1: default: }',
    'try { a(); } catch {}',
  ]) {
    const text = `function f() { ${'if (a) b();\n'.repeat(9)} ${branch} }`;
    assert.deepEqual(broken('core/a.ts', text), ['complexity'], branch);
  }
  const nested = `function f() { ${'if (a) b();\n'.repeat(9)} g(() => a && b); }`;
  assert.deepEqual(broken('core/a.ts', nested), []);
});

test('files are named in kebab-case', () => {
  for (const name of ['cell-runner.ts', 'a.test.ts', 'setup.mjs', 'float16.ts']) {
    assert.deepEqual(broken(`scripts/${name}`, ''), [], name);
  }
  for (const name of ['cellRunner.ts', 'Cell.ts', 'cell_runner.ts', 'a.spec.ts']) {
    assert.deepEqual(broken(`scripts/${name}`, ''), ['file-name'], name);
  }
});

test('folders say what is in them', () => {
  assert.deepEqual(broken('core/stats/a.ts', ''), []);
  for (const folder of ['utils', 'common', 'lib', 'helpers']) {
    assert.deepEqual(broken(`core/${folder}/a.ts`, ''), ['folder-name']);
  }
});

test('interfaces have no I in front', () => {
  assert.deepEqual(broken('core/a.ts', 'interface Index {}\ninterface IVFIndex {}'), []);
  assert.deepEqual(broken('core/a.ts', 'interface IStore {}'), ['type-name']);
});

test('exported types have no words that say nothing', () => {
  for (const name of ['Database', 'Utility', 'Implied']) {
    assert.deepEqual(broken('core/a.ts', `${documented}export interface ${name} {}`), []);
  }
  for (const name of ['StoreImpl', 'StoreManager', 'LoadHelper', 'TimeUtil', 'BaseStore']) {
    for (const form of [`interface ${name} {}`, `class ${name} {}`, `type ${name} = 1;`]) {
      assert.deepEqual(broken('core/a.ts', `${documented}export ${form}`), ['type-name']);
    }
  }
});

test('every export has a doc comment', () => {
  for (const form of [
    'export function f() {}',
    'export const a = 1;',
    'export interface A {}',
    'export type A = 1;',
    'export class A {}',
    'export default { title: 1 };',
  ]) {
    assert.deepEqual(broken('core/a.ts', `${documented}${form}`), [], form);
    assert.deepEqual(broken('core/a.ts', form), ['doc-comment'], form);
    assert.deepEqual(broken('core/a.ts', `// Not a doc comment.\n${form}`), ['doc-comment'], form);
  }
});

test('the doc comment may stand at the declaration or at one of several signatures', () => {
  assert.deepEqual(broken('core/a.ts', `${documented}const a = 1;\nexport default a;`), []);
  assert.deepEqual(broken('core/a.ts', `${documented}const a = 1;\nexport { a };`), []);
  assert.deepEqual(broken('core/a.ts', 'const a = 1;\nexport { a };'), ['doc-comment']);
  const overloads = 'export function f(a: 1): 1;\nexport function f(a: 2): 2;';
  assert.deepEqual(broken('core/a.ts', documented + overloads), []);
});

test('exports from elsewhere and those of tests need no doc comment', () => {
  assert.deepEqual(broken('core/a.ts', "export { b } from './b.js';\nexport * from './c.js';"), []);
  assert.deepEqual(broken('test/fixtures/a.ts', 'export const a = 1;'), []);
});

test('there is no any', () => {
  assert.deepEqual(broken('core/a.ts', "const any: unknown = 'any'; // any"), []);
  assert.deepEqual(broken('test/a.test.ts', 'const a = b as any;'), ['any']);
  assert.deepEqual(broken('core/a.ts', 'const a: any[] = [];'), ['any']);
});

test('no comment silences the compiler or announces work', () => {
  assert.deepEqual(broken('core/a.ts', "const a = 'TODO @ts-ignore';"), []);
  for (const comment of ['// TODO: later', '/* FIXME */', '// @ts-ignore', '// @ts-nocheck']) {
    assert.deepEqual(broken('core/a.ts', `${comment}\nx();`), ['comment'], comment);
    assert.deepEqual(broken('core/a.ts', `x(); ${comment}\n`), ['comment'], comment);
  }
});

test('time and randomness come from core/clock.ts and core/random.ts', () => {
  for (const use of ['Date.now()', 'performance.now()', 'Math.random()', 'new Date()']) {
    assert.deepEqual(broken('core/run.ts', `f(${use});`), ['clock'], use);
    for (const path of ['core/clock.ts', 'core/random.ts', 'test/a.test.ts', 'scripts/a.ts']) {
      assert.deepEqual(broken(path, `f(${use});`), [], use);
    }
  }
  assert.deepEqual(broken('core/run.ts', 'f(Math.round(1), new Date(startMs), clock.now());'), []);
});

test('no test is left out', () => {
  assert.deepEqual(broken('test/a.test.ts', "test('a', async () => list.skip(1));"), []);
  for (const form of [
    "test.skip('a', f);",
    "test.only('a', f);",
    "it.todo('a');",
    "test('a', (t) => t.skip());",
    "test('a', { skip: true }, f);",
    "describe('a', { only: true }, f);",
  ]) {
    assert.deepEqual(broken('test/a.test.ts', form), ['left-out-test'], form);
  }
});

test('Python has at most 100 columns and 60 lines a function', () => {
  const body = (lines: number) => `def f(\n    a,\n):\n${'    a()\n'.repeat(lines - 3)}\n\nx = 1\n`;
  assert.deepEqual(broken('adapters/python-host/some_host.py', body(60)), []);
  assert.deepEqual(broken('adapters/python-host/some_host.py', body(61)), ['function-length']);
  assert.deepEqual(broken('adapters/python-host/a.py', `x = '${'a'.repeat(94)}'\n`), []);
  assert.deepEqual(broken('adapters/python-host/a.py', `x = '${'a'.repeat(95)}'\n`), [
    'line-length',
  ]);
  assert.deepEqual(broken('adapters/python-host/a.py', 'x = 1  # TODO\n'), ['comment']);
});
