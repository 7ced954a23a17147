import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Adapter } from '../core/adapter.js';
import type { DatasetEntry } from '../core/dataset.js';
import { BenchError } from '../core/errors.js';
import { suggestion } from '../core/nearest.js';
import type { Target } from '../core/plan.js';
import type { Report } from '../core/report.js';
import type { Suite } from '../core/suite.js';

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
  if (!names.includes(name)) {
    const what = singular[noun];
    throw new BenchError(
      'UNKNOWN_NAME',
      `there is no ${what} ${name}; ${suggestion(name, names)}`,
      {
        hint: `bench list ${noun === 'adapters' ? 'targets' : noun} shows what there is`,
      },
    );
  }
  return pathToFileURL(join(folderOf(noun), `${name}.js`)).href;
}

/** Loads an entry. @throws BenchError UNKNOWN_NAME with the nearest name */
export async function load<N extends Noun>(noun: N, name: string): Promise<Nouns[N]> {
  const module = (await import(urlOf(noun, name))) as { default: Nouns[N] };
  return module.default;
}

/** Every entry of a folder with its name. */
export async function loadAll<N extends Noun>(
  noun: N,
): Promise<{ readonly name: string; readonly entry: Nouns[N] }[]> {
  return Promise.all(namesOf(noun).map(async (name) => ({ name, entry: await load(noun, name) })));
}

/** A target by its adapter's name, with the adapter's default options. */
export async function loadTarget(name: string): Promise<Target> {
  const adapter = await load('adapters', name);
  const checked = await adapter.options['~standard'].validate({});
  if (checked.issues !== undefined) {
    const lines = checked.issues.map(({ path = [], message }) => `${path.join('.')}: ${message}`);
    throw new BenchError('BAD_TARGET', `target ${name}: ${lines.join('; ')}`);
  }
  return {
    name,
    adapterName: name,
    adapter,
    adapterUrl: urlOf('adapters', name),
    options: checked.value,
  };
}
