import { createRequire } from 'node:module';
import { z } from 'zod';
import { codeOf } from '../../errors.js';
import type { Contestant, Found, Measurement } from '../contest.js';
import type { HttpTask } from './http-task.js';
import { runLoop } from './node-program.js';

/** What autocannon gives, as far as it is used. */
const autocannonResultSchema = z.object({
  start: z.string(),
  finish: z.string(),
  errors: z.number(),
  timeouts: z.number(),
  mismatches: z.number(),
  non2xx: z.number(),
  requests: z.object({ total: z.number() }),
  latency: z.object({ p50: z.number(), p99: z.number() }),
});
const printedSchema = z.object({ cpuUs: z.number(), result: autocannonResultSchema });

/** What autocannon gives, as far as it is used. */
export type AutocannonResult = z.infer<typeof autocannonResultSchema>;

/** autocannon, by its own interface, in a process of its own. */
export function autocannon({ url, conditions, signal }: HttpTask): Contestant {
  const task = { told: { url }, conditions, signal };
  return {
    name: 'autocannon',
    title: 'autocannon',
    definitions: [
      'autocannon cuts its latencies to whole milliseconds',
      'the processor time of autocannon holds the opening and closing of its connections',
    ],
    find: async () => findAutocannon(),
    measure: async () =>
      autocannonMeasurement(await runLoop('autocannon-loop', task, printedSchema)),
  };
}

function findAutocannon(): Found {
  try {
    const found = createRequire(import.meta.url)('autocannon/package.json') as { version: string };
    return { version: found.version };
  } catch (error) {
    if (codeOf(error) !== 'MODULE_NOT_FOUND') throw error;
    return { missing: 'npm install autocannon' };
  }
}

/** The figures of autocannon's result and of the processor time that it took. */
export function autocannonMeasurement(printed: {
  readonly cpuUs: number;
  readonly result: AutocannonResult;
}): Measurement {
  const { cpuUs, result } = printed;
  const { start, finish, requests, latency, errors, mismatches, non2xx, timeouts } = result;
  const { total } = requests;
  const lastedS = (Date.parse(finish) - Date.parse(start)) / 1000;
  const failed = errors + mismatches + non2xx;
  const kinds = `${timeouts} timed out, ${errors - timeouts} of the connection, ${non2xx} not 2xx`;
  return {
    requests: total,
    requestsPerS: lastedS > 0 ? total / lastedS : 0,
    msP50: latency.p50,
    msP99: latency.p99,
    ...(total === 0 ? {} : { clientCpuUs: cpuUs / total }),
    errors: failed,
    ...(failed === 0 ? {} : { firstError: kinds }),
  };
}
