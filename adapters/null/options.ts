import { z } from 'zod';
import type { Parameters } from '../../core/adapter.js';
import { answerKinds } from './answers.js';

const milliseconds = z.number().min(0).max(60_000);

/** The options that a null store has wherever it works. */
export const serviceShape = {
  law: z
    .enum(['none', 'constant', 'lognormal', 'bimodal'])
    .default('none')
    .describe('how long an answer takes; none answers at once'),
  medianMs: milliseconds.default(1),
  sigma: z.number().min(0).max(3).default(0.5).describe('of the logs, lognormal'),
  slowMs: milliseconds.default(10).describe('the slower mode, bimodal'),
  slowFraction: z.number().min(0).max(1).default(0.01).describe('how often it is slow, bimodal'),
  seed: z.number().int().default(1),
  concurrency: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('requests that are served at once; others wait in the order of arrival'),
  stalls: z
    .array(z.strictObject({ atMs: z.number().min(0), forMs: milliseconds }))
    .default([])
    .describe(
      'counted from the first search: what is in service then ends no earlier than they do',
    ),
  answers: z.enum(answerKinds).default('true').describe('how answers differ from the truth'),
  errorFraction: z.number().min(0).max(1).default(0).describe('of the requests, evenly spread'),
};

const serviceSchema = z.strictObject(serviceShape);

/** How a null store serves its requests. */
export type ServiceOptions = z.infer<typeof serviceSchema>;

/** The options as settings of a store: stalls as a text, what is not set left out. */
export function settingsOf(options: ServiceOptions): Parameters {
  const { stalls, concurrency, ...settings } = options;
  const texts = stalls.map(({ atMs, forMs }) => `${forMs} ms at ${atMs} ms`);
  return {
    ...settings,
    ...(concurrency !== undefined && { concurrency }),
    ...(texts.length > 0 && { stalls: texts.join(', ') }),
  };
}
