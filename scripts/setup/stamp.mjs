import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const sourceFolders = [
  'core',
  'adapters',
  'suites',
  'datasets',
  'reports',
  'cli',
  'scripts',
  'test',
];
// Folders within them that hold data or results, some of them large.
const dataFolders = new Set(['node_modules', 'bundled', 'out', '__pycache__']);
const outputEndings = ['.js', '.js.map', '.d.ts', '.wasm'];

/** The source that is compiled to WebAssembly, relative to the package. */
export const kernelSource = 'core/measure/kernel/scan.ts';

/** What comes of it, likewise. */
export const kernelOutput = 'dist/core/measure/kernel/scan.wasm';

/** The SHA-256 of a text or of bytes, as hexadecimal digits. */
export function hashOf(content) {
  return createHash('sha256').update(content).digest('hex');
}

/** Whether the stamp in a file is this one. */
export function isStamped(file, stamp) {
  return existsSync(file) && readFileSync(file, 'utf8') === stamp;
}

/** Puts a stamp in a file. */
export function putStamp(file, stamp) {
  writeFileSync(file, stamp);
}

/**
 * A stamp of everything that the compiler reads, from names, sizes and times alone.
 *
 * @param {string} root the folder of the package
 */
export function sourcesStamp(root) {
  const files = sourceFolders.flatMap((folder) => filesUnder(join(root, folder), isSource));
  files.push(join(root, 'tsconfig.json'), join(root, 'package-lock.json'));
  const lines = files.map((file) => {
    const { size, mtimeMs } = statSync(file);
    return `${relative(root, file)} ${size} ${mtimeMs}`;
  });
  return hashOf(lines.sort().join('\n'));
}

/**
 * Removes from `dist` what was compiled from sources that are gone. Running processes keep the
 * files that they may still load.
 *
 * @param {string} root the folder of the package
 */
export function removeStale(root) {
  const dist = join(root, 'dist');
  for (const file of filesUnder(dist, isOutput)) {
    const ending = outputEndings.find((each) => file.endsWith(each));
    const source = join(root, `${relative(dist, file).slice(0, -ending.length)}.ts`);
    if (!existsSync(source)) rmSync(file);
  }
}

/**
 * The compiled files that are missing.
 *
 * @param {string} root the folder of the package
 */
export function missingOutputs(root) {
  return sourceFolders
    .flatMap((folder) => filesUnder(join(root, folder), isSource))
    .filter((file) => !file.endsWith('.d.ts'))
    .map((file) => join(root, outputOf(relative(root, file))))
    .filter((file) => !existsSync(file));
}

function outputOf(source) {
  return source === kernelSource ? kernelOutput : join('dist', `${source.slice(0, -3)}.js`);
}

function isSource(name) {
  return name.endsWith('.ts');
}

function isOutput(name) {
  return outputEndings.some((ending) => name.endsWith(ending));
}

function filesUnder(folder, wanted) {
  if (!existsSync(folder)) return [];
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || dataFolders.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesUnder(path, wanted));
    else if (wanted(entry.name)) found.push(path);
  }
  return found;
}
