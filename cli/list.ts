import type { Command } from 'commander';
import { BenchError } from '../core/errors.js';
import { suggestion } from '../core/nearest.js';
import { loadAll, loadDatasets, type Noun } from './registry.js';
import { formatTable } from './table.js';

const kinds: Readonly<Record<string, Noun>> = {
  suites: 'suites',
  targets: 'adapters',
  datasets: 'datasets',
  reports: 'reports',
};

/** `bench list`: what there is to run, on what, with which data. */
export function listCommand(program: Command): void {
  program
    .command('list')
    .description('list suites, targets, datasets and reports')
    .argument('[kind]', 'suites, targets, datasets or reports; all without it')
    .option('--json', 'print an array of objects with kind, name and title')
    .addHelpText('after', '\nExamples:\n  $ bench list\n  $ bench list suites --json')
    .action(async (kind: string | undefined, options: { json?: boolean }) => {
      const entries = await entriesOf(kind);
      if (options.json === true) {
        process.stdout.write(`${JSON.stringify(entries, null, 2)}\n`);
        return;
      }
      const rows = entries.map((entry) => [entry.kind, entry.name, entry.title]);
      const columns = [{ title: 'kind' }, { title: 'name' }, { title: 'what it is' }];
      process.stdout.write(formatTable(columns, rows));
    });
}

interface Entry {
  readonly kind: string;
  readonly name: string;
  readonly title: string;
}

async function entriesOf(kind: string | undefined): Promise<Entry[]> {
  if (kind !== undefined && kinds[kind] === undefined) {
    const near = suggestion(kind, Object.keys(kinds));
    throw new BenchError('UNKNOWN_NAME', `there is no kind ${kind}; ${near}`);
  }
  const wanted = kind === undefined ? Object.keys(kinds) : [kind];
  const all = await Promise.all(
    wanted.map(async (name) => {
      const noun = kinds[name] as Noun;
      const entries = noun === 'datasets' ? await loadDatasets() : await loadAll(noun);
      return entries.map(({ name: own, entry }) => ({ kind: name, name: own, title: entry.title }));
    }),
  );
  return all.flat();
}
