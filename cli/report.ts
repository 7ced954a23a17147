import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { writeWhole } from '../core/files.js';
import { readRun } from '../core/run/store.js';
import { callerFolder } from './caller.js';
import { load } from './registry.js';

interface ReportOptions {
  readonly format: string;
  readonly out?: string;
}

/** `bench report`: writes a report of stored runs. */
export function reportCommand(program: Command): void {
  program
    .command('report')
    .description('write a report of one or more stored runs')
    .argument('<run...>', 'run folders, or their run.json files')
    .option('--format <name>', 'html or json', 'html')
    .option(
      '--out <file>',
      'where to write; - is the terminal; report.<format> in the first folder',
    )
    .addHelpText('after', '\nExample:\n  $ bench report reports/out/my-run --out review.html')
    .action(async (runs: string[], options: ReportOptions) => {
      const report = await load('reports', options.format);
      const paths = runs.map((run) => resolve(callerFolder(), run));
      const bytes = await report.render(await Promise.all(paths.map(readRun)));
      if (options.out === '-') {
        process.stdout.write(bytes);
        return;
      }
      const first = paths[0] as string;
      const folder = first.endsWith('.json') ? dirname(first) : first;
      const file =
        options.out === undefined
          ? join(folder, `report.${report.extension}`)
          : resolve(callerFolder(), options.out);
      await writeWhole(file, bytes);
      process.stdout.write(`${file}\n`);
    });
}
