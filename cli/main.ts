#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { BenchError } from '../core/errors.js';
import { describeTool } from './caller.js';
import { datasetCommand } from './dataset.js';
import { doctorCommand } from './doctor.js';
import { listCommand } from './list.js';
import { reportCommand } from './report.js';
import { runCommand } from './run.js';
import { schemaCommand } from './schema.js';
import { selftestCommand } from './selftest.js';

const program = new Command('bench')
  .description('Load testing and benchmarks for vector and NoSQL stores')
  .version(describeTool().version)
  .showHelpAfterError('(bench --help shows the commands and options)')
  .configureOutput({
    outputError: (text, write) => write(text.replace(/^error: /, 'error BAD_ARGUMENT: ')),
  })
  .exitOverride()
  .addHelpText('after', '\nExamples:\n  $ bench run --suite ivfpq\n  $ bench list');

const commands = [
  runCommand,
  listCommand,
  reportCommand,
  datasetCommand,
  doctorCommand,
  schemaCommand,
  selftestCommand,
];
for (const command of commands) command(program);
for (const command of program.commands) {
  for (const own of [command, ...command.commands]) {
    own.exitOverride().copyInheritedSettings(program);
  }
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof BenchError) {
    process.stderr.write(`${error.format()}\n`);
    return error.exitCode;
  }
  const stack = error instanceof Error ? error.stack : String(error);
  process.stderr.write(`error BUG: ${stack}\nhint: this is a mistake in bench; please report it\n`);
  return 4;
}
