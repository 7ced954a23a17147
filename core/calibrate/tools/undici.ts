import { createRequire } from 'node:module';
import type { Contestant } from '../contest.js';
import type { HttpTask } from './http-task.js';
import { runBareLoop } from './node-program.js';

/** The client of bench, undici, in the smallest loop that times its requests. */
export function bareUndici({ url, conditions, signal }: HttpTask): Contestant {
  return {
    name: 'undici',
    title: 'a bare undici loop',
    definitions: [],
    find: async () => {
      const found = createRequire(import.meta.url)('undici/package.json') as { version: string };
      return { version: found.version };
    },
    measure: () => runBareLoop('undici-loop', { told: { url }, conditions, signal }),
  };
}
