import { z } from 'zod';
import { count } from './primitives.js';

/** What `bench calibrate` found of this machine, in short: what a run cites. */
export const citedCalibrationSchema = z
  .looseObject({
    at: z.string(),
    contest: z.string(),
    against: z.string(),
    againstTitle: z.string(),
    connections: count.min(1),
    rounds: count.min(1),
    throughputRatio: z.number().positive(),
    low: z.number().positive().optional(),
    high: z.number().positive().optional(),
    warnings: z.array(z.string()).optional(),
  })
  .describe(
    'requests a second of bench over those of a native tool, measured on this machine before; ' +
      'without low and high where one round says nothing of the spread; ' +
      'warnings are codes of what disturbed it',
  );

/** What a run cites of the calibration of its machine. */
export type CitedCalibration = z.infer<typeof citedCalibrationSchema>;
