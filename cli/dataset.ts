import type { Command } from 'commander';
import type { DatasetEntry } from '../core/dataset.js';
import { describeRules } from '../core/plan/describe-rules.js';
import { formatNumber } from '../core/units.js';
import { datasetImportCommand } from './dataset-import.js';
import { datasetInspectCommand } from './dataset-inspect.js';
import { datasetPullCommand } from './dataset-pull.js';
import { loadDatasets, type Named } from './registry.js';
import { formatTable } from './table.js';

/** `bench dataset`: the data that suites run on. */
export function datasetCommand(program: Command): void {
  const dataset = program.command('dataset').description('look at the datasets');
  dataset
    .command('list')
    .description('list the datasets that are here, with size, metric and licence')
    .option('--json', 'print an array of objects')
    .addHelpText('after', '\nExample:\n  $ bench dataset list')
    .action(async (options: { json?: boolean }) => {
      const entries = await loadDatasets();
      if (options.json === true) {
        const rows = entries.map(({ name, entry }) => {
          const { load: _, ...facts } = entry;
          return { name, ...facts };
        });
        process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
        return;
      }
      const columns = [
        { title: 'name' },
        { title: 'rows', right: true },
        { title: 'dimensions', right: true },
        { title: 'queries', right: true },
        { title: 'metric' },
        { title: 'licence' },
      ];
      const rows = entries.map(({ name, entry }) => [
        name,
        formatNumber(entry.rows),
        String(entry.dimensions),
        formatNumber(entry.queries),
        entry.metric,
        entry.licence,
      ]);
      process.stdout.write(formatTable(columns, rows) + describeParameters(entries));
    });
  datasetInspectCommand(dataset);
  datasetImportCommand(dataset);
  datasetPullCommand(dataset);
}

/** What may be given after a name, of the entries that take something. */
function describeParameters(entries: readonly Named<DatasetEntry>[]): string {
  const lines = entries.flatMap(({ name, entry: { parameters } }) =>
    parameters === undefined ? [] : [`${name}: ${describeRules(parameters)}`],
  );
  if (lines.length === 0) return '';
  const heading = 'Of any size with parameters behind the name, as gaussian:rows=10000,seed=7';
  return `\n${heading}; ranges (and defaults):\n${lines.join('\n')}\n`;
}
