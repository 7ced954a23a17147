import { createRequire } from 'node:module';
import { z } from 'zod';
import type { Contestant } from '../contest.js';
import type { HttpTask } from './http-task.js';
import { runLoop } from './node-program.js';

const printedSchema = z.object({
  requests: z.number(),
  requestsPerS: z.number(),
  msP50: z.number().optional(),
  msP99: z.number().optional(),
  clientCpuUs: z.number().optional(),
  errors: z.number(),
  firstError: z.string().optional(),
});

/** What the program of the bare loop prints. */
export type LoopPrinted = z.infer<typeof printedSchema>;

/** The client of bench, undici, in the smallest loop that times its requests. */
export function bareUndici(task: HttpTask): Contestant {
  return {
    name: 'undici',
    title: 'a bare undici loop',
    definitions: [],
    find: async () => {
      const found = createRequire(import.meta.url)('undici/package.json') as { version: string };
      return { version: found.version };
    },
    measure: async () => {
      const printed = await runLoop('undici-loop', task, printedSchema);
      return withoutAbsent(printed);
    },
  };
}

function withoutAbsent({ msP50, msP99, clientCpuUs, firstError, ...rest }: LoopPrinted) {
  return {
    ...rest,
    ...(msP50 === undefined ? {} : { msP50 }),
    ...(msP99 === undefined ? {} : { msP99 }),
    ...(clientCpuUs === undefined ? {} : { clientCpuUs }),
    ...(firstError === undefined ? {} : { firstError }),
  };
}
