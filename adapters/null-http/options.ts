import { z } from 'zod';
import { serviceShape } from '../null/options.js';

/** The options of the null store behind HTTP. */
export const httpOptions = z.strictObject({
  ...serviceShape,
  logCapacity: z
    .number()
    .int()
    .min(0)
    .max(10_000_000)
    .default(0)
    .describe('requests whose times the server keeps'),
  log: z
    .instanceof(SharedArrayBuffer)
    .optional()
    .describe('of createServiceLog: takes the times of every request as its client sees them'),
});

/** How the server of a null store serves its requests, and how many it logs. */
export type HttpOptions = z.infer<typeof httpOptions>;
