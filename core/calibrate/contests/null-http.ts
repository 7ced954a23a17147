import { z } from 'zod';
import { askedK, benchContestant, oneQuery, openBench } from '../bench.js';
import type { Contest, ContestInput, OpenContest } from '../contest.js';
import { autocannon } from '../tools/autocannon.js';
import type { HttpTask } from '../tools/http-task.js';
import { bareUndici } from '../tools/undici.js';
import { wrk } from '../tools/wrk.js';

const handleSchema = z.object({ origin: z.string() });

/** The null store behind HTTP: what bench's client costs beside others that speak HTTP. */
export const nullHttpContest: Contest = {
  name: 'null-http',
  title: 'the null store behind HTTP, one GET again and again',
  target: 'null-http',
  startsServer: true,
  against: 'undici',
  open,
};

async function open(input: ContestInput): Promise<OpenContest> {
  const { conditions, signal } = input;
  const side = await openBench(await input.loadTarget('null-http'), input, oneQuery());
  try {
    const { origin } = handleSchema.parse(side.live.handle);
    const task: HttpTask = { url: `${origin}/search?row=0&k=${askedK}`, conditions, signal };
    await warmServer(task);
    return {
      server: `null-http, ${side.live.info.version}`,
      contestants: [benchContestant(side, input), bareUndici(task), autocannon(task), wrk(task)],
      close: side.close,
    };
  } catch (error) {
    await side.close();
    throw error;
  }
}

/** Lets the server's code be compiled, so that the first of the first round meets it as others. */
async function warmServer(task: HttpTask): Promise<void> {
  const { connections, warmUpS, durationS } = task.conditions;
  const conditions = { connections, warmUpS: 0, durationS: Math.min(warmUpS, durationS) };
  await bareUndici({ ...task, conditions }).measure();
}
