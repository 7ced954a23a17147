import { fileURLToPath } from 'node:url';
import type { HostLaunch } from '../client.js';
import type { HostedEngine } from '../hosted-store.js';

const startLimitMs = 60_000;

/** An adapter that is to work in an engine host of Node. */
export interface NodeHosted {
  /** The target's name, for messages. */
  readonly name: string;
  /** Where the host imports the adapter from. */
  readonly adapterUrl: string;
  /** The target's options, as the adapter's own check left them; they go through JSON. */
  readonly options: unknown;
}

/** The variable that a host finds its task in; a command line could be read by other users. */
export const taskVariable = 'BENCH_HOST_TASK';

/** What a Node engine host is told when it is started. */
export interface HostTask {
  readonly adapterUrl: string;
  readonly options: unknown;
  readonly namespace: string;
  readonly timeoutNs: number;
}

/** The engine of an adapter file, in a host that loads the same file. */
export function nodeEngine({ name, adapterUrl, options }: NodeHosted): HostedEngine {
  return {
    name,
    launch: async ({ threads, context }): Promise<Omit<HostLaunch, 'signal'>> => {
      const namespace = context?.namespace ?? 'bench_probe';
      const timeoutNs = context?.timeoutNs ?? 1e10;
      const task: HostTask = { adapterUrl, options, namespace, timeoutNs };
      return {
        engine: name,
        command: process.execPath,
        args: [fileURLToPath(new URL('./program.js', import.meta.url))],
        env: {
          [taskVariable]: JSON.stringify(task),
          // What engines hand to the pool of Node, and what they start themselves.
          UV_THREADPOOL_SIZE: String(Math.max(threads, 4)),
          OMP_NUM_THREADS: String(threads),
          RAYON_NUM_THREADS: String(threads),
        },
        startLimitMs,
      };
    },
    needsTraining: () => undefined,
  };
}
