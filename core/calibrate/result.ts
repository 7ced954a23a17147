import { z } from 'zod';
import type { CitedCalibration } from '../result/calibration.js';
import { count, note, seconds } from '../result/primitives.js';
import { runSchema } from '../result.js';

/** The name and version of the record of a calibration. */
export const calibrationSchemaName = 'bench.calibration/1';

/** What is measured of every contestant in every round. */
export const figureNames = ['requestsPerS', 'msP50', 'msP99', 'clientCpuUs'] as const;
/** One of the figures of a contestant. */
export type FigureName = (typeof figureNames)[number];

const figureSchema = z
  .looseObject({ median: z.number().min(0), values: z.array(z.number().min(0)) })
  .describe('one value a round, in their order; of the rounds that gave one');

const ratioSchema = z
  .looseObject({
    ratio: z.number().positive(),
    low: z.number().positive().optional(),
    high: z.number().positive().optional(),
    confidence: z.number().optional(),
    pairs: count.min(1),
  })
  .describe(
    'bench over this tool: the geometric mean of the rounds, by the paired t-test of their logs; ' +
      'without low and high where one round says nothing of the spread',
  );

const contestantSchema = z.looseObject({
  name: z.string(),
  title: z.string(),
  version: z.string().optional(),
  missing: z.string().optional().describe('how to get what is not installed'),
  definitions: z.array(z.string()).describe('where its figures are not what those of bench are'),
  figures: z.partialRecord(z.enum(figureNames), figureSchema),
  ratios: z.partialRecord(z.enum(figureNames), ratioSchema).describe('of bench to this tool'),
});

/** Bench beside native tools on one server. */
export const contestSchema = z.looseObject({
  name: z.string(),
  title: z.string(),
  at: z.string(),
  server: z.string(),
  against: z.string().describe('the contestant whose ratio later runs cite'),
  connections: count.min(1),
  rounds: count.min(1),
  warmUpS: seconds,
  durationS: seconds,
  seed: z.number().int(),
  orders: z.array(z.array(z.string())).describe('who came after whom, round by round'),
  contestants: z.array(contestantSchema),
  warnings: z.array(note),
});

/** What `bench calibrate` keeps of a machine. */
export const calibrationSchema = z.looseObject({
  schema: z.literal(calibrationSchemaName),
  at: z.string(),
  tool: runSchema.shape.tool,
  environment: runSchema.shape.environment,
  contests: z.array(contestSchema),
});

/** What is kept of a machine. */
export type Calibration = z.infer<typeof calibrationSchema>;
/** One contest that was held. */
export type ContestResult = z.infer<typeof contestSchema>;
/** One who took part, or could not. */
export type ContestantResult = z.infer<typeof contestantSchema>;
/** Bench over a tool. */
export type Ratio = z.infer<typeof ratioSchema>;

/** What later runs cite: of each contest how bench carries beside the one that matters. */
export function citedCalibrations({ contests }: Pick<Calibration, 'contests'>): CitedCalibration[] {
  return contests.flatMap((contest) => {
    const { name, at, against, connections, rounds, contestants, warnings } = contest;
    const found = contestants.find((contestant) => contestant.name === against);
    const throughput = found?.ratios.requestsPerS;
    if (found === undefined || throughput === undefined) return [];
    const { ratio, low, high } = throughput;
    const interval = low === undefined || high === undefined ? {} : { low, high };
    return [
      {
        at,
        contest: name,
        against,
        againstTitle: found.title,
        connections,
        rounds,
        throughputRatio: ratio,
        ...interval,
        ...(warnings.length > 0 && { warnings: warnings.map(({ code }) => code) }),
      },
    ];
  });
}

/** As a person reads it: `bench carries 0.93 (0.91-0.95) of a bare undici loop`. */
export function describeCalibration(cited: CitedCalibration): string {
  const { throughputRatio, low, high, againstTitle, warnings = [] } = cited;
  const carries = `bench carries ${formatRatio({ ratio: throughputRatio, low, high })}`;
  const disturbed = warnings.length === 0 ? '' : `, disturbed by ${warnings.join(', ')}`;
  return `${carries} of ${againstTitle}${disturbed}`;
}

/** A ratio with its interval, where there is one: `0.93 (0.91-0.95)`. */
export function formatRatio(given: {
  readonly ratio: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}): string {
  const { ratio, low, high } = given;
  const text = ratio.toFixed(2);
  if (low === undefined || high === undefined) return text;
  return `${text} (${low.toFixed(2)}-${high.toFixed(2)})`;
}
