import { BenchError } from '../../errors.js';
import type { Contestant, Found, Measurement } from '../contest.js';
import { type Ended, runProgram } from '../program.js';
import type { HttpTask } from './http-task.js';
import { limitNs } from './limit.js';

const missing = 'apt-get install wrk, or brew install wrk';
const versionLimitS = 5;

/** wrk, with one thread, as bench has one load worker. */
export function wrk(task: HttpTask): Contestant {
  const { warmUpS, durationS } = task.conditions;
  return {
    name: 'wrk',
    title: 'wrk',
    definitions: [
      'wrk reports percentiles of its own, measures for whole seconds, and has no compiling to do',
      'the processor time of wrk is that of its whole process, in steps of 10 ms',
    ],
    find: () => findWrk(task.signal),
    measure: async () => {
      await send(task, warmUpS);
      return wrkMeasurement(await send(task, durationS));
    },
  };
}

async function findWrk(signal: AbortSignal): Promise<Found> {
  try {
    const { stdout } = await runProgram({
      file: 'wrk',
      args: ['-v'],
      limitNs: limitNs(versionLimitS),
      signal,
      // After its version it says how it is used, and ends as after a mistake.
      goodCodes: [0, 1],
    });
    return { version: wrkVersion(stdout) };
  } catch (error) {
    if (error instanceof BenchError && error.code === 'NO_PACKAGE') return { missing };
    throw error;
  }
}

/** The version in what `wrk -v` prints; its first line where it looks otherwise. */
export function wrkVersion(stdout: string): string {
  const [first = ''] = stdout.split('\n');
  return /^wrk (?:debian\/)?(\d\S*)/.exec(first)?.[1] ?? first;
}

/** Its seconds are whole ones: no fewer than were asked for. */
function send({ url, conditions, signal }: HttpTask, seconds: number): Promise<Ended> {
  const { connections } = conditions;
  const wholeS = Math.max(Math.ceil(seconds), 1);
  const options = ['-t1', `-c${connections}`, `-d${wholeS}s`, '--timeout', '10s', '--latency'];
  return runProgram({
    file: 'wrk',
    // The one header that the others send and it leaves out.
    args: [...options, '-H', 'Connection: keep-alive', url],
    limitNs: limitNs(wholeS),
    signal,
  });
}

/**
 * The figures of what wrk prints.
 *
 * @throws BenchError STORE_FAILED when it printed something else
 */
export function wrkMeasurement({ stdout, cpuUs }: Ended): Measurement {
  const requests = Number(/^\s*(\d+) requests in /m.exec(stdout)?.[1]);
  const requestsPerS = Number(/^Requests\/sec:\s+([\d.]+)/m.exec(stdout)?.[1]);
  const msP50 = percentileMs(stdout, 50);
  const msP99 = percentileMs(stdout, 99);
  if (![requests, requestsPerS, msP50, msP99].every(Number.isFinite)) {
    throw new BenchError('STORE_FAILED', `wrk printed something else than figures: ${stdout}`);
  }
  const { errors, firstError } = errorsOf(stdout);
  return {
    requests,
    requestsPerS,
    msP50,
    msP99,
    ...(cpuUs === undefined || requests === 0 ? {} : { clientCpuUs: cpuUs / requests }),
    errors,
    ...(firstError === undefined ? {} : { firstError }),
  };
}

const msPer: Readonly<Record<string, number>> = { us: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 };

function percentileMs(stdout: string, percent: number): number {
  const line = new RegExp(`^\\s*${percent}%\\s+([\\d.]+)(us|ms|s|m|h)$`, 'm').exec(stdout);
  return Number(line?.[1]) * (msPer[line?.[2] ?? ''] ?? Number.NaN);
}

function errorsOf(stdout: string): { readonly errors: number; readonly firstError?: string } {
  const lines = [/^\s*Socket errors: .*$/m, /^\s*Non-2xx or 3xx responses: .*$/m].flatMap(
    (pattern) => pattern.exec(stdout)?.[0].trim() ?? [],
  );
  const counts = lines.flatMap((line) =>
    [...line.slice(line.indexOf(':')).matchAll(/\d+/g)].map(([digits]) => Number(digits)),
  );
  const errors = counts.reduce((sum, count) => sum + count, 0);
  return errors === 0 ? { errors } : { errors, firstError: lines.join('; ') };
}
