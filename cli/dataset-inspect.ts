import type { Command } from 'commander';
import { inspectDataset } from '../core/inspect/inspect.js';
import { loadDatasetEntry } from './dataset-sources.js';
import { formatInspection } from './inspection-table.js';
import { terminalProgress } from './progress.js';
import { wholeNumber } from './whole-number.js';

interface InspectCommandOptions {
  readonly sample: number;
  readonly json?: boolean;
}

const examples = `
Examples:
  $ bench dataset inspect siftsmall
  $ bench dataset inspect clustered:rows=20000,spread=0.5 --sample 200 --json`;

/** Adds `bench dataset inspect`: what a dataset is like, before anything runs on it. */
export function datasetInspectCommand(dataset: Command): void {
  dataset
    .command('inspect')
    .description('show norms, duplicates, intrinsic dimension, contrast, ties, and the queries')
    .argument('<name>', 'bench dataset list shows the names')
    .option(
      '--sample <n>',
      'rows and queries whose neighbours are looked for',
      wholeNumber(10, 100_000),
      1000,
    )
    .option('--json', 'print an object')
    .addHelpText('after', examples)
    .action(async (name: string, options: InspectCommandOptions) => {
      const entry = await loadDatasetEntry(name);
      const progress = terminalProgress(process.stderr);
      progress.phase(`load ${name}`);
      const { sample, json } = options;
      const inspection = await inspectDataset(await entry.load(name), {
        sample,
        seed: 1,
        progress,
      });
      const text = json === true ? `${JSON.stringify(inspection, null, 2)}\n` : undefined;
      process.stdout.write(text ?? formatInspection(inspection));
    });
}
