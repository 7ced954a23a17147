import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { fileError, writeWhole } from '../core/files.js';
import { exitCodeOf } from '../core/selftest/check.js';
import { type Selftest, selftestSchema } from '../core/selftest/result.js';
import { selftest } from '../core/selftest/selftest.js';
import {
  cacheFolder,
  callerFolder,
  defaultRunsFolder,
  describeTool,
  newFolderName,
} from './caller.js';
import { terminalProgress } from './progress.js';
import { loadTarget } from './registry.js';
import { formatSelftest } from './selftest-table.js';

interface SelftestOptions {
  readonly short?: boolean;
  readonly json?: boolean;
  readonly out?: string;
}

/** `bench selftest`: shows that the harness measures right, on stores of known behaviour. */
export function selftestCommand(program: Command): void {
  program
    .command('selftest')
    .description('show that bench measures right, on stores that log their own times')
    .option('--short', 'some seconds in place of a minute')
    .option('--out <folder>', 'where selftest.json is written; a new folder below reports/out')
    .option('--json', 'print every figure as JSON')
    .addHelpText('after', '\nExamples:\n  $ bench selftest\n  $ bench selftest --short --json')
    .action(async (options: SelftestOptions) => {
      process.exitCode = await testItself(options);
    });
}

async function testItself(options: SelftestOptions): Promise<number> {
  const folder = folderOf(options);
  // Before anything is measured, so that a folder that will not do is told at once.
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw fileError(error, folder);
  });
  const found = await selftest({
    form: options.short === true ? 'short' : 'full',
    targets: { null: await loadTarget('null'), 'null-http': await loadTarget('null-http') },
    cacheFolder: cacheFolder(),
    command: ['bench', ...process.argv.slice(2)],
    tool: describeTool(),
    progress: terminalProgress(process.stderr),
    signal: new AbortController().signal,
  });
  const path = join(folder, 'selftest.json');
  await writeWhole(path, `${JSON.stringify(selftestSchema.parse(found))}\n`);
  print(found, path, options.json === true);
  return exitCodeOf(found.checks);
}

function folderOf({ out }: SelftestOptions): string {
  if (out !== undefined) return resolve(callerFolder(), out);
  return join(defaultRunsFolder(), newFolderName('selftest'));
}

function print(found: Selftest, path: string, asJson: boolean): void {
  if (asJson) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  else process.stdout.write(`${formatSelftest(found)}\n${path}\n`);
}
