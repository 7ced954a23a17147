import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { packageRoot } from '../../core/paths.js';
import { runSchema } from '../../core/result.js';
import { shortRun } from '../cli/bench-process.js';
import { tinySuite, writeFiles } from '../cli/own-files.js';

// A project that bench is installed into: the files that npm would pack, copied, with the packages
// that they need beside them. What scripts/check-package.mjs does with the registry of npm.
const project = mkdtempSync(join(tmpdir(), 'bench-installed-'));
const modules = join(project, 'node_modules');
const installed = join(modules, 'storebench');
const setUpRecord = join('dist', 'set-up.json');

before(() => {
  const root = packageRoot();
  for (const path of packedPaths()) {
    mkdirSync(dirname(join(installed, path)), { recursive: true });
    cpSync(join(root, path), join(installed, path));
  }
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
});

after(() => rmSync(project, { recursive: true }));

/** What npm would pack: it goes by names, so files that are empty tell it too, at once. */
function packedPaths(): string[] {
  const root = packageRoot();
  const { files: patterns } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    files: string[];
  };
  const named = patterns.filter((pattern) => !pattern.startsWith('!'));
  const places = named.map((pattern) => pattern.replace(/\/\*\.\w+$/, ''));
  const inFolders = places.flatMap((place) => {
    if (!lstatSync(join(root, place)).isDirectory()) return [place];
    return filesBelow(join(root, place)).map((name) => join(place, name));
  });
  const atTop = readdirSync(root).filter((name) => lstatSync(join(root, name)).isFile());
  const decides = /(^|\/)(package\.json|\.\w+ignore)$/;
  const contents = [...atTop, ...inFolders].map((path): [string, string] => {
    return [path, decides.test(path) ? readFileSync(join(root, path), 'utf8') : ''];
  });
  const names = join(project, 'names');
  writeFiles(names, Object.fromEntries(contents));
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=silent'];
  const printed = execFileSync('npm', args, { cwd: names, encoding: 'utf8' });
  const [packed] = JSON.parse(printed) as [{ files: { path: string }[] }];
  return packed.files.map(({ path }) => path);
}

/** Starts bench as the command of the installed package is started, without Python. */
function startBench(folder: string, args: readonly string[]) {
  const { INIT_CWD: _, ...rest } = process.env;
  const env = { ...rest, BENCH_SKIP_PYTHON: '1', XDG_CACHE_HOME: join(project, 'cache') };
  const program = join(installed, 'scripts', 'start.mjs');
  const options = { cwd: folder, env, encoding: 'utf8', timeout: 120_000 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], options);
  return { code: status, stdout, stderr };
}

function filesBelow(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true }).map(String);
  return names.filter((name) => !lstatSync(join(folder, name)).isDirectory()).sort();
}

/** The adapter that docs/add-an-adapter.md shows, with what the page leaves to the reader. */
function shownAdapter(): string {
  const page = readFileSync(join(packageRoot(), 'docs', 'add-an-adapter.md'), 'utf8');
  const [, shown = ''] = /^```js\n(\/\/ mine\.js\n.*?)^```$/ms.exec(page) ?? [];
  return `import { BenchError } from 'storebench';\n${shown}`;
}

test('an installed package runs an own adapter and writes below the folder it is called in', () => {
  const before = filesBelow(installed).filter((name) => name !== setUpRecord);
  const inner = join(project, 'work', 'inner');
  writeFiles(inner, { 'mine.mjs': shownAdapter() });
  const args = ['run', '--suite', 'smoke', '--target', 'mine.mjs', ...shortRun, '--quiet'];
  const { code, stderr } = startBench(inner, args);
  assert.deepEqual([code, stderr], [0, '']);
  const [name = ''] = readdirSync(join(inner, 'bench-runs'));
  assert.ok(existsSync(join(inner, 'bench-runs', name, 'report.html')));
  const text = readFileSync(join(inner, 'bench-runs', name, 'run.json'), 'utf8');
  const run = runSchema.parse(JSON.parse(text));
  assert.deepEqual([run.status, run.suite.name], ['complete', 'smoke']);
  assert.deepEqual(
    run.targets.map((target) => target.name),
    ['mine'],
  );
  assert.ok(run.cells.every(({ streams }) => streams[0]?.operations.search?.recall?.mean === 1));
  // What set-up notes is the one thing that is written into the package.
  assert.deepEqual(filesBelow(installed).sort(), [...before, setUpRecord].sort());
  // Computed truth is kept where an update of the package does not remove it.
  const kept = filesBelow(join(project, 'cache', 'storebench'));
  assert.ok(kept.some((file) => file.startsWith('truth-')));
});

test('an own adapter imports BenchError from the package that runs it', () => {
  const refusal = "throw new BenchError('STORE_FAILED', 'mine: not today', { hint: 'tomorrow' });";
  const probe = `adapter.probe = async () => { ${refusal} };\n`;
  writeFiles(project, {
    'own/mine.yaml': tinySuite.replace("'null'", './broken.mjs'),
    'own/broken.mjs': shownAdapter().replace('export default', `${probe}export default`),
  });
  const args = ['run', '--suite', 'mine.yaml'];
  const { code, stderr } = startBench(join(project, 'own'), args);
  assert.match(stderr, /error STORE_FAILED: mine: not today\nhint: tomorrow\n$/);
  assert.equal(code, 3);
});

test('where nothing can be noted in the package, it starts all the same', () => {
  const folder = join(project, 'read-only');
  cpSync(join(packageRoot(), 'scripts'), join(folder, 'scripts'), { recursive: true });
  // A file where the folder of the record would be: nobody can write there, root neither.
  writeFiles(folder, { 'requirements.txt': '', dist: '' });
  const env = { ...process.env, BENCH_SKIP_PYTHON: '1' };
  const program = join(folder, 'scripts', 'setup.mjs');
  const { status, stderr } = spawnSync(process.execPath, [program], { env, encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
});
