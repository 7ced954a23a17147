import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { readServices } from '../cli/compose-file.js';
import type { Adapter, IndexSupport } from '../core/adapter.js';
import { exitCodeOf, messageOf } from '../core/errors.js';
import { operations } from '../core/host/protocol.js';
import { metrics } from '../core/metrics.js';
import { packageName } from '../core/optional-package.js';
import { packageRoot } from '../core/paths.js';
import { formatNumber } from '../core/units.js';
import { readVectors } from '../datasets/own/files.js';
import { importTable } from '../scripts/tidy.js';
import { callBench } from './cli/bench-call.js';
import { runBench, withFolder } from './cli/bench-process.js';

const root = packageRoot();
const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
const documents = ['README.md', ...pages.map((name) => `docs/${name}`)];

function read(document: string): string {
  return readFileSync(join(root, document), 'utf8');
}

/** The arguments of every `$ bench ...` and `$ npm run bench -- ...` of a document. */
function commandsOf(document: string): string[][] {
  const lines = [...read(document).matchAll(/^ {4}\$ (?:npm run bench --|bench) ?(.*)$/gm)];
  return lines.map(([, args = '']) =>
    args.split(' ').map((word) => word.replace(/^"(.*)"$/, '$1')),
  );
}

/**
 * The files that a document shows whole: fenced, with the name as a comment in the first line, or,
 * where a file has no comments, in a line of its own before it.
 */
function filesOf(document: string): [name: string, text: string][] {
  const page = read(document);
  const commented = page.matchAll(/^```\w+\n((?:#|\/\/) (?<name>\S+\.\w+)\n.*?)^```$/gms);
  const announced = page.matchAll(/^`(?<name>[\w-]+\.\w+)`:\n\n```\w+\n(.*?)^```$/gms);
  return [
    ...[...commented].map(([, text = '', name = '']): [string, string] => [name, text]),
    ...[...announced].map(([, name = '', text = '']): [string, string] => [name, text]),
  ];
}

/** What a reader would bring: vectors of the bundled data, under the names that the pages use. */
const brought = {
  'base.npy': 'scifact/corpus_minilm384.f16.npy',
  'queries.npy': 'scifact/queries_minilm384.f16.npy',
  'rows.fvecs': 'siftsmall/siftsmall_base.fvecs',
};

/** The folder of a reader: its files, and those that a document shows. */
function folderFor(document: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-docs-'));
  for (const [name, path] of Object.entries(brought)) {
    symlinkSync(join(root, 'datasets', 'bundled', path), join(folder, name));
  }
  for (const [name, text] of filesOf(document)) writeFileSync(join(folder, name), text);
  return folder;
}

const isFull = process.env.BENCH_DOCS_FULL === '1';
/** As a person does, or, where commands are shortened anyway, without a process for each. */
const bench = isFull ? runBench : callBench;
const short = [
  ...['--set', 'measure.durationS=0.1'],
  ...['--set', 'measure.warmUpS=0.05'],
  // Engines that train with every core would wait for each other beside other tests.
  ...['--set', 'measure.buildThreads=1'],
  ...['--set', 'measure.sampleHz=0'],
  ...['--repeats', '1'],
];

/**
 * A run gets an output folder of its own, and unless all is to be run as written, is shortened.
 * What takes its time is then planned only: searches for a capacity, pairs, the suites of bench,
 * unless a later command needs what they leave.
 */
function asRun(args: readonly string[], name: string): string[] {
  const takesTime = ['run', 'capacity'].includes(args[0] ?? '');
  if (!takesTime || args.includes('--resume') || args.includes('--dry-run')) return [...args];
  const out = args.includes('--out') ? [] : ['--out', name];
  if (isFull) return [...args, ...out];
  const isNeeded = args.includes('--out') && args[0] === 'run' && !args.includes('--aa');
  return isNeeded ? [...args, ...short] : [...args, '--dry-run'];
}

const hasNetwork = process.env.BENCH_DOCS_NETWORK === '1';

type Check = (folder: string, env: Readonly<Record<string, string>>) => Promise<void>;

/** How far a command that needs the network can be tried without it; undefined for any other. */
function offlineCheck([first, second, ...rest]: readonly string[]): Check | undefined {
  if (first === 'up') return async () => areServices([second ?? '', ...rest]);
  if (first === 'doctor' && second === '--install') return () => areInstallable(rest);
  if (first !== 'dataset' || second !== 'pull' || rest.length === 0) return undefined;
  return async (folder, env) => {
    const args = ['dataset', 'pull', ...rest.filter((word) => word !== '--yes')];
    const { code, stderr } = await bench(args, { folder, env });
    // Nothing is asked of anybody before a person, or --yes, agrees.
    assert.match(stderr, /^ {2}from {5}https:.*^error BAD_ARGUMENT: .* needs --yes/ms);
    assert.equal(code, 2);
  };
}

/** Whether servers that are started by name are there to be started. */
function areServices(names: readonly string[]): void {
  const services = readServices().map(({ name }) => name);
  for (const name of names) assert.ok(services.includes(name), name);
}

async function areInstallable(names: readonly string[]): Promise<void> {
  assert.ok(names.length > 0);
  for (const name of names) assert.ok((await adapterOf(name)).install !== undefined, name);
}

for (const document of documents) {
  // The commands of one document share the caller's folder, as they do for a reader.
  const folder = folderFor(document);
  const env = { BENCH_DATASETS: join(folder, 'datasets') };
  after(() => rmSync(folder, { recursive: true }));
  for (const [index, args] of commandsOf(document).entries()) {
    // Its short form has a test of its own.
    if (['selftest', 'calibrate'].includes(args[0] ?? '') && !isFull) continue;
    const line = `bench ${args.join(' ')}`;
    test(`${document} shows a command that works: ${line}`, async (context: TestContext) => {
      const check = hasNetwork ? undefined : offlineCheck(args);
      if (check !== undefined) {
        context.diagnostic(`not run whole without BENCH_DOCS_NETWORK=1: ${line}`);
        return check(folder, env);
      }
      // What is found beside other tests is not what a machine is to be known by.
      const isKept = args[0] === 'calibrate' || args.includes('--aa');
      const own = isKept ? { XDG_CACHE_HOME: join(folder, 'cache') } : {};
      const around = { folder, env: { ...env, ...own } };
      const { code, stderr } = await bench(asRun(args, `run-${index}`), around);
      assert.equal(code, 0, stderr);
    });
  }

  test(`${document} links to files that are there`, () => {
    const links = [...read(document).matchAll(/\]\(([^)#\s]+)/g)].map(([, link = '']) => link);
    for (const link of links.filter((each) => !each.includes('://'))) {
      const path = join(root, dirname(document), link);
      assert.ok(existsSync(path), `${document} links to ${link}`);
    }
  });
}

/** The cells of the table between `<!-- name -->` and `<!-- /name -->`, its head left out. */
function tableOf(document: string, name: string): string[][] {
  const [, inner = ''] = new RegExp(`<!-- ${name} -->\n(.*?)<!-- /${name} -->`, 's').exec(
    read(document),
  ) ?? [undefined, ''];
  const rows = inner.trim().split('\n').slice(2);
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

const code = (name: string): string => `\`${name}\``;

async function listed(kind: string): Promise<{ name: string; title: string }[]> {
  const args = ['list', kind, '--json'];
  const { stdout } = await withFolder((folder) => bench(args, { folder }));
  return JSON.parse(stdout) as { name: string; title: string }[];
}

async function adapterOf(name: string): Promise<Adapter> {
  const module = (await import(`../adapters/${name}.js`)) as { default: Adapter };
  return module.default;
}

test('the README lists the suites that bench list shows', async () => {
  const expected = (await listed('suites')).map(({ name, title }) => [code(name), title]);
  assert.deepEqual(tableOf('README.md', 'suites'), expected);
});

test('the README lists the packages that come on demand', async () => {
  const adapters = (await listed('targets')).map(async ({ name }) => {
    const { npm = [], python = [] } = (await adapterOf(name)).install ?? {};
    const ofPlatform = new RegExp(`-${process.platform}-${process.arch}.*`);
    const names = [
      ...npm.map((spec) => packageName(spec).replace(ofPlatform, '-PLATFORM')),
      ...python.map((spec) => spec.replace(/==.*/, '')),
    ];
    return names.length === 0 ? [] : [[code(name), names.map(code).join(', ')]];
  });
  const expected = (await Promise.all(adapters)).flat();
  const shown = tableOf('README.md', 'packages').map(([name, packages]) => [name, packages]);
  assert.deepEqual(shown, expected);
});

test('docs/bring-your-data.md lists the endings of files of vectors that are read', async () => {
  const failed = await readVectors('vectors.unknown').catch((thrown: unknown) => thrown);
  const [, known = ''] = /none of (.*)$/m.exec(messageOf(failed)) ?? [];
  const shown = tableOf('docs/bring-your-data.md', 'endings').flatMap(([endings = '']) =>
    [...endings.matchAll(/`([^`]+)`/g)].map(([, ending]) => ending),
  );
  assert.deepEqual(shown, known.split(', '));
});

function parametersOf(rules: IndexSupport['params']): string {
  return Object.entries(rules)
    .map(([name, { needs }]) => code(name) + (needs === undefined ? '' : ` (needs ${code(needs)})`))
    .join(', ');
}

test('the README lists the families of FAISS with their parameters', async () => {
  const { indexes = [] } = await adapterOf('faiss');
  const expected = indexes.map(({ family, params, search }) => {
    return [code(family), parametersOf(params), parametersOf(search)];
  });
  assert.deepEqual(tableOf('README.md', 'families'), expected);
});

test('the README lists the datasets with their sizes and licences', async () => {
  const args = ['dataset', 'list', '--json'];
  const { stdout } = await withFolder((folder) => bench(args, { folder }));
  const entries = JSON.parse(stdout) as Record<string, string | number>[];
  // Those that a person imported or pulled are listed, too.
  const own = entries.filter(({ name }) => existsSync(join(root, 'datasets', `${name}.ts`)));
  const expected = own.map(({ name, rows, dimensions, queries, metric, licence }) => [
    ...[code(`${name}`), formatNumber(Number(rows)), `${dimensions}`],
    ...[`${queries}`, `${metric}`, `${licence}`],
  ]);
  assert.deepEqual(tableOf('README.md', 'datasets'), expected);
});

test('the README lists the options of bench run', async () => {
  const { stdout } = await withFolder((folder) => bench(['run', '--help'], { folder }));
  const [, options = ''] = stdout.split('Options:');
  const names = [...options.matchAll(/^ {2}(--\S+(?: <\S+>)?) /gm)].map(([, name = '']) => name);
  assert.deepEqual(
    tableOf('README.md', 'options').map(([option]) => option),
    names.map(code),
  );
});

test('the README lists every error code with its exit code', () => {
  const rows = tableOf('README.md', 'exit-codes').flatMap(([exit, , codes = '']) =>
    [...codes.matchAll(/`(\w+)`/g)].map(([, name]) => [name, Number(exit)]),
  );
  assert.deepEqual(Object.fromEntries(rows), exitCodeOf);
});

test('docs/architecture.md shows the table of imports that the sources are held to', () => {
  const folders = (names: readonly string[]) => names.map((name) => code(`${name}/`)).join(', ');
  const expected = Object.entries(importTable).map(([from, to]) => [folders([from]), folders(to)]);
  assert.deepEqual(tableOf('docs/architecture.md', 'imports'), expected);
});

test('docs/architecture.md lists the operations of the engine-host protocol', () => {
  const rows = tableOf('docs/architecture.md', 'operations');
  const named = rows.map(([number, name = '']) => [name.replaceAll('`', ''), Number(number)]);
  assert.deepEqual(Object.fromEntries(named), operations);
});

test('docs/methodology.md lists every metric with unit, kind and meaning', () => {
  const expected = Object.entries(metrics).map(([name, { unit, kind, meaning }]) => {
    return [code(name), unit, kind, meaning];
  });
  assert.deepEqual(tableOf('docs/methodology.md', 'metrics'), expected);
});

test('docs/methodology.md lists every code of a warning or of an invalid cell', () => {
  const files = ['run.ts', ...readdirSync(join(root, 'core', 'run')).map((name) => `run/${name}`)];
  const given = files.flatMap((file) =>
    [...read(join('core', file)).matchAll(/code: '([A-Z_]+)'/g)].map(([, name]) => name),
  );
  // Reasons why a cell or a run came to its end, told in the section on windows.
  const reasons = ['NO_ANSWER', 'STORE_LOST', 'INTERRUPTED'];
  const codes = new Set(given.filter((name) => !reasons.includes(name ?? '')));
  const rows = ['warnings', 'invalid'].flatMap((table) =>
    tableOf('docs/methodology.md', table).map(([name = '']) => name.slice(1, -1)),
  );
  assert.deepEqual(rows.sort(), [...codes, 'WORKER_FAILED'].sort());
});

test('docs/methodology.md names a source for every reference in it', () => {
  const [text = '', sources = ''] = read('docs/methodology.md').split('## Sources');
  const references = [...text.matchAll(/\[([^\]]+)\]\(#sources\)/g)].map(([, name = '']) => name);
  assert.ok(references.length > 10);
  for (const reference of references) {
    for (const name of reference.split(/\s+and\s+|\s+et\s+al\./).filter((part) => part !== '')) {
      assert.ok(sources.includes(name.trim()), `no source for ${name}`);
    }
  }
});
