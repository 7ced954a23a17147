import { BenchError } from '../../errors.js';
import type { Conditions, Contestant, Found, Measurement } from '../contest.js';
import { type Ended, runProgram } from '../program.js';
import { held } from '../stores/key-values.js';
import { type RedisPlace, redisAddress } from '../stores/redis-client.js';
import { commandOf, findTool, type ToolCommand } from './command.js';
import { limitNs } from './limit.js';

const tool: ToolCommand = {
  name: 'redis-benchmark',
  variable: 'BENCH_REDIS_BENCHMARK',
  install: 'apt-get install redis-tools, or brew install redis',
};

/** What redis-benchmark asks, and how. */
export interface RedisTask {
  readonly place: RedisPlace;
  readonly keys: { readonly prefix: string };
  readonly conditions: Conditions;
  readonly signal: AbortSignal;
}

// So few that a slow server is through with them soon, so many that they tell a rate.
const firstRequests = 5000;

/** redis-benchmark, with one thread, as bench has one load worker. */
export function redisBenchmark(task: RedisTask): Contestant {
  const { warmUpS, durationS } = task.conditions;
  return {
    name: tool.name,
    title: tool.name,
    definitions: [
      'redis-benchmark is told a number of requests, which takes about the duration; it draws ' +
        'its keys',
      'the processor time of redis-benchmark is that of its whole process, in steps of 10 ms',
    ],
    find: () => findRedisBenchmark(task),
    measure: async () => {
      const first = await send(task, firstRequests);
      const warm = await send(task, requestsFor(warmUpS, first));
      return send(task, requestsFor(durationS, warm));
    },
  };
}

function requestsFor(seconds: number, { requestsPerS }: Measurement): number {
  return Math.max(Math.round(seconds * requestsPerS), firstRequests);
}

async function findRedisBenchmark({ place, signal }: RedisTask): Promise<Found> {
  const { password, tls } = redisAddress(place);
  // Arguments are seen by everybody on the machine.
  if (password !== undefined) return { missing: 'it takes a password as an argument only' };
  if (tls !== undefined) return { missing: 'it is compared without TLS only' };
  return findTool(tool, signal);
}

async function send(task: RedisTask, requests: number): Promise<Measurement> {
  const { place, keys, conditions, signal } = task;
  const { host, port, db } = redisAddress(place);
  const { file, args } = commandOf(tool);
  const { connections, warmUpS, durationS } = conditions;
  const ended = await runProgram({
    file,
    args: [
      ...[...args, '-h', host, '-p', String(port), '--dbnum', String(db)],
      ...['-c', String(connections), '-n', String(requests), '-r', String(held.rows)],
      ...['-q', '--csv', '--precision', '3', 'GET', `${keys.prefix}__rand_int__`],
    ],
    limitNs: limitNs(warmUpS + durationS),
    signal,
  });
  return redisBenchmarkMeasurement(ended, requests);
}

/**
 * The figures of the lines that redis-benchmark prints under `--csv`: names, then values.
 *
 * @throws BenchError STORE_FAILED when it printed something else
 */
export function redisBenchmarkMeasurement({ stdout, cpuUs }: Ended, requests: number): Measurement {
  const [names, values] = stdout
    .split('\n')
    .filter((line) => line.startsWith('"'))
    .map((line) => line.split(',').map((cell) => cell.replaceAll('"', '')));
  const figure = (name: string): number => Number(values?.[names?.indexOf(name) ?? -1]);
  const [requestsPerS, msP50, msP99] = [
    figure('rps'),
    figure('p50_latency_ms'),
    figure('p99_latency_ms'),
  ] as const;
  if (![requestsPerS, msP50, msP99].every(Number.isFinite)) {
    const what = `redis-benchmark printed something else than figures: ${stdout}`;
    throw new BenchError('STORE_FAILED', what);
  }
  return {
    requests,
    requestsPerS,
    msP50,
    msP99,
    ...(cpuUs === undefined ? {} : { clientCpuUs: cpuUs / requests }),
    errors: 0,
  };
}
