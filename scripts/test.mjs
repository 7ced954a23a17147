import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const compiled = join(root, 'dist');
// What needs real stores or a browser is asked for by name.
const onRequest = ['integration', 'browser'].map((name) => join(compiled, 'test', name));
// Whose files share a process when all are run: starting one takes longer than most of their tests.
const sharing = [
  ...['adapters', 'core', 'core/calibrate', 'core/capacity', 'core/download', 'core/host'],
  ...['core/inspect', 'core/load', 'core/measure', 'core/noise'],
  ...['core/selftest', 'core/server', 'core/stats', 'datasets/formats', 'datasets/own'],
  ...['datasets/synthetic', 'reports'],
].map((name) => join(compiled, 'test', name));
// One more than the smallest machine has cores: many tests wait, for a window or a process.
const concurrency = 3;
// The commands of the docs in full take ten minutes by themselves.
const fileTimeoutMs = 1_500_000;

/** The compiled test files that the arguments name; all that need nothing else where none do. */
function chosenFiles(args) {
  const named = args.filter((arg) => !arg.startsWith('-'));
  if (named.length > 0) return named.flatMap(compiledFiles);
  return filesUnder(join(compiled, 'test')).filter(
    (file) => !onRequest.some((folder) => file.startsWith(`${folder}/`)),
  );
}

function compiledFiles(argument) {
  const callers = resolve(process.env.INIT_CWD ?? process.cwd(), argument);
  const places = [callers, resolve(root, argument)].flatMap((path) => [
    path,
    join(compiled, relative(root, path).replace(/\.ts$/, '.js')),
  ]);
  const place = places.find((path) => path.startsWith(compiled) && existsSync(path));
  if (place === undefined) {
    process.stderr.write(`error BAD_ARGUMENT: no test file or folder ${argument}\n`);
    process.stderr.write('hint: name one below test/, as test/core/units.test.ts\n');
    process.exit(2);
  }
  return statSync(place).isDirectory() ? filesUnder(place) : [place];
}

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => join(folder, name))
    .sort();
}

/** The files to start: in place of those that share a process, one that imports them. */
function startedFiles(files, folder) {
  const groups = sharing.flatMap((shared, index) => {
    const members = files.filter((file) => dirname(file) === shared);
    if (members.length < 2) return [];
    const path = join(folder, `${index}.mjs`);
    writeFileSync(path, members.map((file) => `import '${pathToFileURL(file)}';\n`).join(''));
    return [{ path, members }];
  });
  const grouped = groups.flatMap(({ members }) => members);
  return [...groups.map(({ path }) => path), ...files.filter((file) => !grouped.includes(file))];
}

/** Runs the files, prints as it goes, and counts. */
async function runTests(files) {
  const start = performance.now();
  const counts = { tests: 0, pass: 0, fail: 0, cancelled: 0, skipped: 0 };
  const skipped = [];
  const storesNotTested = new Set();
  let somethingFailed = false;
  const events = run({ files, concurrency, timeout: fileTimeoutMs });
  events.on('test:diagnostic', ({ nesting, message }) => {
    const [name, value] = message.split(' ');
    if (nesting === 0 && name in counts) counts[name] = Number(value);
    const [, store] = /^not tested: ([a-z0-9-]+): /.exec(message) ?? [];
    if (store !== undefined) storesNotTested.add(store);
  });
  events.on('test:pass', ({ name, skip }) => skip !== undefined && skipped.push(name));
  events.on('test:fail', ({ todo }) => {
    if (todo === undefined) somethingFailed = true;
  });
  const printed = events.compose(new spec());
  printed.pipe(process.stdout, { end: false });
  await finished(printed);
  // A group whose own hook fails is not among the counted tests.
  const failed = Math.max(counts.fail + counts.cancelled, somethingFailed ? 1 : 0);
  const durationS = (performance.now() - start) / 1000;
  const stores = [...storesNotTested].sort();
  return { tests: counts.tests, passed: counts.pass, failed, skipped, durationS, stores };
}

/** The last line: contract tests say of each store that is not reached, by name, why. */
function storesLine(names) {
  const asked = process.env.BENCH_STORES ?? '';
  const why = asked === '' ? 'none asked for' : `asked for: ${asked}`;
  return `stores not tested: ${names.length === 0 ? why : `${names.join(', ')} (${why})`}`;
}

function summary({ tests, passed, failed, skipped, durationS }, fileCount) {
  return [
    '',
    `test files: ${fileCount}, tests: ${tests} in ${durationS.toFixed(1)} s`,
    `${passed} passed, ${failed} failed, ${skipped.length} skipped`,
    ...skipped.map((name) => `skipped: ${name}`),
  ];
}

async function main() {
  const files = chosenFiles(process.argv.slice(2));
  if (files.length === 0) {
    process.stderr.write('error BAD_ARGUMENT: no test files were found\nhint: npm run setup\n');
    process.exit(2);
  }
  const folder = mkdtempSync(join(tmpdir(), 'bench-tests-'));
  process.on('exit', () => rmSync(folder, { recursive: true }));
  const counts = await runTests(startedFiles(files, folder));
  const lines = [...summary(counts, files.length), storesLine(counts.stores)];
  process.stdout.write(`${lines.join('\n')}\n`);
  const countsFile = process.env.BENCH_TEST_COUNTS;
  if (countsFile) writeFileSync(countsFile, `${JSON.stringify(counts)}\n`);
  process.exitCode = counts.failed === 0 ? 0 : 1;
}

await main();
