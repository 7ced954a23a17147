import { z } from 'zod';
import { loadSchema } from './cell.js';
import { count, fraction, id, parameters, seconds } from './primitives.js';

const trialSchema = z
  .looseObject({
    cell: id,
    kind: z.enum(['probe', 'ramp', 'bisect', 'confirm']),
    rateQps: z.number().positive().optional().describe('what was offered; absent for a probe'),
    achievedQps: z.number().min(0),
    verdict: z.enum(['passed', 'failed', 'client']),
    why: z.array(z.string()).describe('of each condition that was not met, a sentence'),
    measured: z
      .record(z.string(), z.number())
      .describe('by condition of the SLO: milliseconds, fractions, queries a second'),
    saturated: z.boolean(),
    requests: count,
    durationS: seconds,
  })
  .describe('one rate offered for a while; client: the client could not offer it');

const tunedSchema = z
  .looseObject({
    names: z.array(z.string()),
    settings: count.describe('how many there were to choose from'),
    tried: z.array(
      z.looseObject({
        search: parameters,
        recall: fraction.optional(),
        throughputQps: z.number().min(0),
        passed: z.boolean(),
        cell: id,
      }),
    ),
  })
  .describe('search parameters that were chosen: the fastest whose quality passed');

/** The highest rate at which one setting meets an SLO (methodology rule 32). */
export const capacitySchema = z.looseObject({
  target: z.string(),
  build: id,
  family: z.string(),
  params: parameters,
  search: parameters,
  stream: z.string(),
  load: loadSchema.describe('how requests came, but for their rate'),
  slo: z.string(),
  conditions: z.array(
    z.looseObject({
      metric: z.string(),
      operator: z.enum(['<=', '>=']),
      limit: z.number().describe('milliseconds, a fraction, or queries a second'),
    }),
  ),
  ending: z.enum([
    'confirmed',
    'unconfirmed',
    'out-of-time',
    'nothing-passes',
    'no-limit',
    'client-limit',
  ]),
  confirmedQps: z.number().positive().optional().describe('the answer: a long trial passed at it'),
  bracket: z
    .looseObject({
      passedQps: z.number().positive().optional(),
      failedQps: z.number().positive().optional(),
    })
    .describe('the highest rate that passed, the lowest that failed'),
  kneeQps: z
    .number()
    .positive()
    .optional()
    .describe('the highest rate that the store kept up with, below every one that it did not'),
  confirmation: id.optional().describe('the cell of the long trial that passed'),
  trials: z.array(trialSchema),
  tuned: tunedSchema.optional(),
  cpuSPerMillion: seconds
    .optional()
    .describe('processor time of the store for a million queries, in the confirmation'),
  costPerMillion: z
    .looseObject({ byHour: z.number(), byUse: z.number(), byRequest: z.number() })
    .partial()
    .optional()
    .describe('of a million queries at the confirmed rate, in the currency of the prices'),
  budgetS: seconds,
  tookS: seconds,
  sureness: z.string().describe('what the answer rests on, and what would make it surer'),
});
