import { z } from 'zod';
import { count, note, seconds } from '../result/primitives.js';
import { runSchema } from '../result.js';
import { stores } from './scenario.js';

/** The name and version of the document of a self-test. */
export const selftestSchemaName = 'bench.selftest/1';

/** One figure of the harness beside what it must be. */
export const checkSchema = z
  .looseObject({
    scenario: z.string(),
    figure: z.string(),
    unit: z.enum(['ms', 'requests', 'seconds', 'recall', 'times']),
    expected: z.number(),
    low: z.number().optional(),
    high: z.number().optional(),
    measured: z.number().optional(),
    difference: z.number().optional(),
    allowed: z.number().min(0),
    ok: z.boolean(),
  })
  .describe(
    'low and high where the log leaves a count open; low alone of what must be at least that; ' +
      'no measured value where the harness gave none',
  );

/** One known store under one known load. */
export const playedSchema = z.looseObject({
  name: z.string(),
  title: z.string(),
  store: z.enum(stores),
  load: z.string(),
  workers: z.number().int().min(1),
  pacer: z.enum(['sleep', 'spin']),
  durationS: seconds,
  requests: count.describe('in the log of the store, those of the warm-up too'),
  attempts: count.min(1).describe('the last one counts'),
  disturbed: z.array(checkSchema).describe('times that were off in the attempts before the last'),
  invalid: z.array(note).describe('why a run would not use the cell; its figures must hold anyway'),
});

/** What `bench selftest` writes: `selftest.json`. */
export const selftestSchema = z.looseObject({
  schema: z.literal(selftestSchemaName),
  form: z.enum(['full', 'short']),
  startedAt: z.string(),
  finishedAt: z.string(),
  command: z.array(z.string()),
  tool: runSchema.shape.tool,
  environment: runSchema.shape.environment,
  right: count,
  checked: count,
  scenarios: z.array(playedSchema),
  checks: z.array(checkSchema),
});

/** A self-test that is over. */
export type Selftest = z.infer<typeof selftestSchema>;
/** One figure of the harness beside what it must be. */
export type Check = z.infer<typeof checkSchema>;
/** One scenario that was played. */
export type PlayedScenario = z.infer<typeof playedSchema>;
