import type { Command } from 'commander';
import { z } from 'zod';
import { BenchError } from '../core/errors.js';
import { suggestion } from '../core/nearest.js';
import { runSchema } from '../core/result.js';
import { selftestSchema } from '../core/selftest/result.js';

const schemas = { run: runSchema, selftest: selftestSchema };

/** `bench schema`: the JSON Schema of what bench stores, made from what validates it. */
export function schemaCommand(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of a stored document')
    .argument('<name>', 'run or selftest')
    .addHelpText('after', '\nExample:\n  $ bench schema run > run.schema.json')
    .action((name: string) => {
      const schema = schemas[name as keyof typeof schemas];
      if (schema === undefined) {
        const near = suggestion(name, Object.keys(schemas));
        throw new BenchError('UNKNOWN_NAME', `there is no schema ${name}; ${near}`);
      }
      process.stdout.write(`${JSON.stringify(z.toJSONSchema(schema), null, 2)}\n`);
    });
}
