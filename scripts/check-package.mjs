// Checks the package as a person gets it: packs it, installs the file into an empty folder, and
// starts it there. It needs the registry of npm, so it is no part of the tests.
import { spawn } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const limitMs = 600_000;
// What the first start may leave within the package: which Python it found or made.
const setUpRecord = join('storebench', 'dist', 'set-up.json');
const short = ['--set', 'measure.durationS=0.1', '--repeats', '1', '--quiet'];

/** What a person would not have: the variables of an npm that runs this script. */
function cleanEnvironment() {
  const names = Object.keys(process.env).filter((name) => !/^(npm_|INIT_CWD$)/i.test(name));
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

function demand(holds, what) {
  if (!holds) throw new Error(what);
}

/** Runs a program to its end; its output is printed where it fails. */
async function runProgram(folder, command, args) {
  say(`$ ${[command, ...args].join(' ')}`);
  const startMs = performance.now();
  const child = spawn(command, args, {
    cwd: folder,
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitMs,
  });
  const pieces = { stdout: [], stderr: [] };
  for (const name of ['stdout', 'stderr'])
    child[name].on('data', (bytes) => pieces[name].push(bytes));
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const [stdout, stderr] = ['stdout', 'stderr'].map((name) =>
    Buffer.concat(pieces[name]).toString(),
  );
  say(`  exit code ${code} after ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
  demand(code === 0, `${command} ${args[0]} failed:\n${stdout}${stderr}`);
  return stdout;
}

/** Every file below a folder with its size and time. */
function filesUnder(folder) {
  const names = readdirSync(folder, { recursive: true }).map(String);
  const files = names.map((name) => [name, lstatSync(join(folder, name))]);
  const plain = files.filter(([, found]) => !found.isDirectory());
  return new Map(plain.map(([name, { size, mtimeMs }]) => [name, `${size} bytes, ${mtimeMs}`]));
}

async function pack(work) {
  await runProgram(root, 'npm', ['pack', '--silent', '--pack-destination', work]);
  const file = readdirSync(work).find((name) => name.endsWith('.tgz'));
  demand(file !== undefined, 'npm pack wrote no file');
  return join(work, file);
}

function checkContent(files) {
  const own = [...files.keys()].filter((name) => name.startsWith(`storebench/`));
  say(`  ${own.length} files of its own, ${files.size} with what it needs`);
  const stray = own.filter((name) => /(^|\/)test\/|\.tsbuildinfo$/.test(name));
  demand(stray.length === 0, `not for the package: ${stray.join(', ')}`);
  for (const name of [
    'LICENSE',
    'README.md',
    'requirements.txt',
    'docker-compose.bench.yml',
    'adapters/python-host/main.py',
  ]) {
    demand(files.has(join('storebench', name)), `the package lacks ${name}`);
  }
}

/** A run in a folder below the one of the installation writes there and nowhere else. */
async function checkRun(folder, args) {
  const runs = join(folder, 'bench-runs');
  const before = existsSync(runs) ? readdirSync(runs) : [];
  await runProgram(folder, 'npx', ['--no', 'bench', 'run', ...args, ...short]);
  const made = readdirSync(runs).filter((name) => !before.includes(name));
  demand(made.length === 1, `one run should be in ${runs}, there are ${made.length}`);
  for (const name of ['run.json', 'report.html', 'journal.ndjson']) {
    demand(existsSync(join(runs, made[0], name)), `the run lacks ${name}`);
  }
}

/** A file that a page of the docs shows whole. */
function fileOf(page, name) {
  const text = readFileSync(join(root, 'docs', page), 'utf8');
  const [, content] =
    new RegExp(`^\`\`\`\\w+\\n((?:#|//) ${name}\\n.*?)^\`\`\`$`, 'ms').exec(text) ?? [];
  demand(content !== undefined, `docs/${page} does not show ${name}`);
  return content;
}

async function checkOwnAdapter(folder) {
  const shown = fileOf('add-an-adapter.md', 'mine.js');
  const uses = "import { BenchError } from 'storebench';\nif (!BenchError) throw new Error();\n";
  writeFileSync(join(folder, 'mine.mjs'), `// @ts-check\n${uses}${shown}`);
  await checkRun(folder, ['--suite', 'smoke', '--target', 'mine.mjs']);
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--allowJs', '--noEmit'];
  const target = ['--module', 'nodenext', '--target', 'es2023'];
  await runProgram(folder, process.execPath, [compiler, ...strict, ...target, 'mine.mjs']);
}

function checkUntouched(before, after) {
  const changed = [...after].filter(([name, state]) => before.get(name) !== state);
  const stray = changed.map(([name]) => name).filter((name) => name !== setUpRecord);
  demand(stray.length === 0, `written into node_modules: ${stray.join(', ')}`);
  const gone = [...before.keys()].filter((name) => !after.has(name));
  demand(gone.length === 0, `removed from node_modules: ${gone.join(', ')}`);
}

async function main(work) {
  const file = await pack(work);
  const person = join(work, 'person');
  const inner = join(person, 'inner');
  mkdirSync(inner, { recursive: true });
  writeFileSync(join(person, 'package.json'), '{ "private": true }\n');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  await runProgram(person, 'npm', ['install', '--ignore-scripts=false', ...quiet, file]);
  const modules = join(person, 'node_modules');
  const before = filesUnder(modules);
  checkContent(before);
  const listed = await runProgram(person, 'npx', ['--no', 'bench', 'list']);
  demand(/^suites +smoke /m.test(listed), `bench list does not show the suite smoke:\n${listed}`);
  await checkRun(person, ['--suite', 'smoke']);
  await checkRun(inner, ['--suite', 'smoke']);
  await checkOwnAdapter(inner);
  checkUntouched(before, filesUnder(modules));
  const left = readdirSync(person).sort().join(' ');
  const expected = 'bench-runs inner node_modules package-lock.json package.json';
  demand(left === expected, `the folder should hold ${expected}, it holds ${left}`);
}

const work = mkdtempSync(join(tmpdir(), 'bench-package-'));
try {
  await main(work);
  say('the package installs and starts');
} catch (thrown) {
  process.stderr.write(`error: ${thrown.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
