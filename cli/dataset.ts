import type { Command } from 'commander';
import { formatNumber } from '../core/units.js';
import { loadAll } from './registry.js';
import { formatTable } from './table.js';

/** `bench dataset`: the data that suites run on. */
export function datasetCommand(program: Command): void {
  const dataset = program.command('dataset').description('look at the datasets');
  dataset
    .command('list')
    .description('list the datasets with size, metric and licence')
    .option('--json', 'print an array of objects')
    .addHelpText('after', '\nExample:\n  $ bench dataset list')
    .action(async (options: { json?: boolean }) => {
      const entries = await loadAll('datasets');
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
      process.stdout.write(formatTable(columns, rows));
    });
}
