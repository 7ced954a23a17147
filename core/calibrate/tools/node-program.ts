import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { BenchError } from '../../errors.js';
import { runProgram } from '../program.js';
import { type HttpTask, limitNs } from './http-task.js';

/** What a program of this project is told, as JSON in its one argument. */
export const loopTaskSchema = z.object({
  url: z.string(),
  connections: z.number().int().min(1),
  warmUpS: z.number().min(0),
  durationS: z.number().positive(),
});

/** What a program of this project is told. */
export type LoopTask = z.infer<typeof loopTaskSchema>;

/**
 * Runs a program of this project in a process of Node of its own, so that its processor time is its
 * own, and gives what it printed.
 *
 * @param name of the file in `core/calibrate/programs/`
 * @param schema of the one JSON document that it prints
 * @throws BenchError as runProgram, and STORE_FAILED when it prints something else
 */
export async function runLoop<T>(name: string, task: HttpTask, schema: z.ZodType<T>): Promise<T> {
  const { url, conditions, signal } = task;
  const program = fileURLToPath(new URL(`../programs/${name}.js`, import.meta.url));
  const told: LoopTask = { url, ...conditions };
  const { stdout } = await runProgram({
    file: process.execPath,
    args: [program, JSON.stringify(told)],
    limitNs: limitNs(conditions.warmUpS + conditions.durationS),
    signal,
  });
  const parsed = schema.safeParse(jsonOf(stdout));
  if (parsed.success) return parsed.data;
  throw new BenchError('STORE_FAILED', `${name} printed something else than its figures`, {
    cause: parsed.error,
  });
}

/** Undefined for a text that is none, which no schema here takes. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
