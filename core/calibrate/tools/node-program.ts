import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { BenchError } from '../../errors.js';
import type { Conditions, Measurement } from '../contest.js';
import { runProgram } from '../program.js';
import { limitNs } from './limit.js';

/** Under which conditions a program of this project sends. */
export const loopConditionsSchema = z.object({
  connections: z.number().int().min(1),
  warmUpS: z.number().min(0),
  durationS: z.number().positive(),
});

/** Under which conditions a program of this project sends. */
export type LoopConditions = z.infer<typeof loopConditionsSchema>;

/** What a program that speaks HTTP is told. */
export const httpLoopSchema = loopConditionsSchema.extend({ url: z.string() });

const printedSchema = z.object({
  requests: z.number(),
  requestsPerS: z.number(),
  msP50: z.number().optional(),
  msP99: z.number().optional(),
  clientCpuUs: z.number().optional(),
  errors: z.number(),
  firstError: z.string().optional(),
});

/** What the program of a bare loop prints. */
export type LoopPrinted = z.infer<typeof printedSchema>;

/** What a program is told beside the conditions, and when it is stopped. */
export interface ProgramTask {
  readonly told: Readonly<Record<string, unknown>>;
  readonly conditions: Conditions;
  readonly signal: AbortSignal;
}

/**
 * Runs a program of this project in a process of Node of its own, so that its processor time is its
 * own, and gives what it printed. What it is told may be secret, so it is typed to it: arguments
 * are seen by everybody on the machine.
 *
 * @param name of the file in `core/calibrate/programs/`
 * @param schema of the one JSON document that it prints
 * @throws BenchError as runProgram, and STORE_FAILED when it prints something else
 */
export async function runLoop<T>(
  name: string,
  { told, conditions, signal }: ProgramTask,
  schema: z.ZodType<T>,
): Promise<T> {
  const { stdout } = await runProgram({
    file: process.execPath,
    args: [fileURLToPath(new URL(`../programs/${name}.js`, import.meta.url))],
    input: JSON.stringify({ ...told, ...conditions }),
    limitNs: limitNs(conditions.warmUpS + conditions.durationS),
    signal,
  });
  const parsed = schema.safeParse(jsonOf(stdout));
  if (parsed.success) return parsed.data;
  throw new BenchError('STORE_FAILED', `${name} printed something else than its figures`, {
    cause: parsed.error,
  });
}

/** Runs the program of a bare loop. @throws BenchError as {@link runLoop} */
export async function runBareLoop(name: string, task: ProgramTask): Promise<Measurement> {
  const printed = await runLoop(name, task, printedSchema);
  const { msP50, msP99, clientCpuUs, firstError, ...rest } = printed;
  return {
    ...rest,
    ...(msP50 === undefined ? {} : { msP50 }),
    ...(msP99 === undefined ? {} : { msP99 }),
    ...(clientCpuUs === undefined ? {} : { clientCpuUs }),
    ...(firstError === undefined ? {} : { firstError }),
  };
}

/** What this process, a program, was told. @throws ZodError when it is something else */
export async function toldTask<T>(schema: z.ZodType<T>): Promise<T> {
  return schema.parse(JSON.parse(await text(process.stdin)));
}

/** Undefined for a text that is none, which no schema here takes. */
function jsonOf(printed: string): unknown {
  try {
    return JSON.parse(printed);
  } catch {
    return undefined;
  }
}
