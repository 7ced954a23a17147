#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { BenchError } from '../core/errors.js';
import { describeTool } from './caller.js';

const program = new Command('bench')
  .description('Load testing and benchmarks for vector and NoSQL stores')
  .version(describeTool().version)
  .showHelpAfterError('(bench --help shows the commands and options)')
  .configureOutput({
    outputError: (text, write) => write(text.replace(/^error: /, 'error BAD_ARGUMENT: ')),
  })
  .exitOverride()
  .addHelpText('after', '\nExamples:\n  $ bench run --suite ivfpq\n  $ bench list');

/** What each command is made by, loaded where it is asked for: most start without the others. */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  run: async () => (await import('./run.js')).runCommand,
  capacity: async () => (await import('./capacity.js')).capacityCommand,
  list: async () => (await import('./list.js')).listCommand,
  report: async () => (await import('./report.js')).reportCommand,
  dataset: async () => (await import('./dataset.js')).datasetCommand,
  doctor: async () => (await import('./doctor.js')).doctorCommand,
  schema: async () => (await import('./schema.js')).schemaCommand,
  calibrate: async () => (await import('./calibrate.js')).calibrateCommand,
  selftest: async () => (await import('./selftest.js')).selftestCommand,
  up: async () => (await import('./up.js')).upCommand,
  down: async () => (await import('./down.js')).downCommand,
  status: async () => (await import('./status.js')).statusCommand,
  clean: async () => (await import('./clean.js')).cleanCommand,
};
const asked = process.argv[2] ?? '';
const wanted = Object.hasOwn(commands, asked) ? [asked] : Object.keys(commands);
for (const name of wanted) (await commands[name]?.())?.(program);
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
