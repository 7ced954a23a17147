import type { Command } from 'commander';
import { z } from 'zod';
import { calibrationSchema } from '../core/calibrate/result.js';
import { BenchError } from '../core/errors.js';
import { suggestion } from '../core/nearest.js';
import { runSchema } from '../core/result.js';
import { selftestSchema } from '../core/selftest/result.js';
import { suiteFileSchema } from './own-suite.js';
import { targetsFileSchema } from './own-targets.js';
import { pricesFileSchema } from './prices.js';

const schemas = {
  run: runSchema,
  selftest: selftestSchema,
  calibration: calibrationSchema,
  suite: suiteFileSchema,
  targets: targetsFileSchema,
  prices: pricesFileSchema,
};

/** `bench schema`: the JSON Schema of what bench reads and stores, made from what validates it. */
export function schemaCommand(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of a file that you write or of a stored document')
    .argument('<name>', 'run, selftest, calibration, suite, targets or prices')
    .addHelpText('after', '\nExample:\n  $ bench schema suite > suite.schema.json')
    .action((name: string) => {
      const schema = Object.hasOwn(schemas, name) && schemas[name as keyof typeof schemas];
      if (schema === false) {
        const near = suggestion(name, Object.keys(schemas));
        throw new BenchError('UNKNOWN_NAME', `there is no schema ${name}; ${near}`);
      }
      process.stdout.write(`${JSON.stringify(z.toJSONSchema(schema), null, 2)}\n`);
    });
}
