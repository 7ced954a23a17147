import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Adapter } from '../core/adapter.js';
import type { DatasetEntry } from '../core/dataset.js';
import { BenchError } from '../core/errors.js';
import type { QueryLog } from '../core/load/query-order.js';
import { suggestion } from '../core/nearest.js';
import type { Target } from '../core/plan.js';
import type { Report } from '../core/report.js';
import type { Suite } from '../core/suite.js';
import { adapterUnder } from '../core/variant.js';
import { loadOwnAdapter, type NamedAdapter } from './own-adapter.js';
import { isOwnFile } from './own-file.js';
import { loadOwnSuite, type NamedSuite, nameOfOwnSuite } from './own-suite.js';
import { parseTargetName } from './target-name.js';

/** What each folder's files export by default. */
export interface Nouns {
  readonly suites: Suite;
  readonly adapters: Adapter;
  readonly datasets: DatasetEntry;
  readonly reports: Report;
}

/** A folder that is its own registry: a file at its top is an entry. */
export type Noun = keyof Nouns;

const singular = { suites: 'suite', adapters: 'target', datasets: 'dataset', reports: 'report' };

function folderOf(noun: Noun): string {
  return fileURLToPath(new URL(`../${noun}/`, import.meta.url));
}

/** The names of a folder's entries, sorted. */
export function namesOf(noun: Noun): string[] {
  return readdirSync(folderOf(noun), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
    .map((entry) => entry.name.slice(0, -'.js'.length))
    .sort();
}

/** Where an entry is imported from. @throws BenchError UNKNOWN_NAME with the nearest name */
export function urlOf(noun: Noun, name: string): string {
  const names = namesOf(noun);
  if (!names.includes(name)) throw unknownName(noun, name, names);
  return pathToFileURL(join(folderOf(noun), `${name}.js`)).href;
}

/** What is said of a name that none of an entry is. @param names those that there are */
export function unknownName(noun: Noun, name: string, names: readonly string[]): BenchError {
  const what = `there is no ${singular[noun]} ${name}; ${suggestion(name, names)}`;
  const hint = `bench list ${noun === 'adapters' ? 'targets' : noun} shows what there is`;
  return new BenchError('UNKNOWN_NAME', what, { hint });
}

/** Loads an entry. @throws BenchError UNKNOWN_NAME with the nearest name */
export async function load<N extends Noun>(noun: N, name: string): Promise<Nouns[N]> {
  const module = (await import(urlOf(noun, name))) as { default: Nouns[N] };
  return module.default;
}

/** An entry and its name. */
export interface Named<T> {
  readonly name: string;
  readonly entry: T;
}

/** Every entry of a folder with its name. */
export async function loadAll<N extends Noun>(noun: N): Promise<Named<Nouns[N]>[]> {
  return Promise.all(namesOf(noun).map(async (name) => ({ name, entry: await load(noun, name) })));
}

/**
 * A dataset by its name: one that comes with bench, that was imported, or that was pulled.
 *
 * @throws BenchError UNKNOWN_NAME with the nearest name
 */
export async function loadDataset(name: string): Promise<DatasetEntry> {
  const names = namesOf('datasets');
  if (names.includes(name)) return load('datasets', name);
  const { ownEntry, ownNames } = await import('../datasets/own/entry.js');
  const { pulledEntry } = await import('../datasets/own/pulled.js');
  const found = ownEntry(name) ?? (await pulledEntry(name));
  if (found !== undefined) return found;
  throw unknownName('datasets', name, [...names, ...(await ownNames())]);
}

/** Every dataset that is here: those that come with bench, were imported, or were pulled. */
export async function loadDatasets(): Promise<Named<DatasetEntry>[]> {
  const { ownEntries } = await import('../datasets/own/entry.js');
  const { pulledEntries } = await import('../datasets/own/pulled.js');
  const all = [loadAll('datasets'), ownEntries(), pulledEntries()];
  const found = new Map<string, Named<DatasetEntry>>();
  // Of two of a name the first is the one that is loaded by it.
  for (const named of (await Promise.all(all)).flat()) {
    if (!found.has(named.name)) found.set(named.name, named);
  }
  return [...found.values()];
}

/** A dataset that was imported. */
export type Imported = Awaited<ReturnType<Awaited<ReturnType<typeof datasetImporter>>>>;

/** What makes a dataset of a person's own files. */
export async function datasetImporter() {
  const { importDataset } = await import('../datasets/own/import.js');
  return importDataset;
}

/** What reads a query log: its path, and how many queries the dataset has. */
export type QueryLogReader = (path: string, queries: number) => Promise<QueryLog>;

/** The reader of query logs, which lies with those of data. */
export async function queryLogReader(): Promise<QueryLogReader> {
  const { readQueryLog } = await import('../datasets/formats/query-log.js');
  return readQueryLog;
}

/** A suite by its name, or by the path of a file of one's own. */
export async function loadSuite(given: string): Promise<NamedSuite> {
  if (isOwnFile(given)) return loadOwnSuite(given);
  return { name: given, suite: await load('suites', given) };
}

/** The name under which results know a suite. */
export function nameOfSuite(given: string): string {
  return isOwnFile(given) ? nameOfOwnSuite(given) : given;
}

/** An adapter by its name, or by the path of a file of one's own. */
export async function loadAdapter(given: string): Promise<NamedAdapter> {
  if (isOwnFile(given)) return loadOwnAdapter(given, namesOf('adapters'));
  const adapter = await load('adapters', given);
  return { name: given, adapter, adapterUrl: urlOf('adapters', given) };
}

/** A target by its adapter's name or by the path of one's own, with what the name says of it. */
export async function loadTarget(given: string): Promise<Target> {
  const { base, suffix, options } = parseTargetName(given);
  const loaded = await loadAdapter(base);
  const { adapter, adapterUrl } = loaded;
  const name = `${loaded.name}${suffix}`;
  const checked = await adapter.options['~standard'].validate(options);
  if (checked.issues !== undefined) {
    const lines = checked.issues.map(({ path = [], message }) => `${path.join('.')}: ${message}`);
    throw new BenchError('BAD_TARGET', `target ${name}: ${lines.join('; ')}`, {
      hint: 'give it settings in a file: bench run --targets FILE; docs/targets.md says how',
    });
  }
  const { value } = checked;
  const under = adapterUnder(adapter, value);
  return { name, adapterName: loaded.name, adapter: under, adapterUrl, options: value };
}
