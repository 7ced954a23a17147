import { type ExecFileException, execFile } from 'node:child_process';
import { BenchError, codeOf, messageOf } from '../errors.js';
import { readKernelFile } from '../resources/kernel-file.js';
import { nsPerMs } from '../units.js';

/** A program that is run to its end. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  /** It is killed when it has not ended by then. */
  readonly limitNs: number;
  readonly signal: AbortSignal;
  /** Exit codes that are no failure; 0 alone when not given. */
  readonly goodCodes?: readonly number[];
  /** What is typed to it; nothing when not given. */
  readonly input?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a program that ended has left. */
export interface Ended {
  readonly stdout: string;
  /**
   * Its processor time from start to end, user and system, in steps of 10 ms each; absent where
   * the system does not tell.
   */
  readonly cpuUs?: number;
}

const mostOutputBytes = 16 * 1024 * 1024;
/** Linux counts processor time in hundredths of a second for programs. */
const usPerTick = 10_000;

/**
 * Runs a program to its end; one at a time, for its processor time is told by what the children of
 * this process have used.
 *
 * @throws BenchError NO_PACKAGE when there is no such program, STORE_FAILED when its exit code is
 *   not a good one, TIMEOUT when it does not end in time, INTERRUPTED by the signal
 */
export async function runProgram(program: Program): Promise<Ended> {
  const beforeUs = childrenCpuUs();
  const stdout = await execute(program);
  const afterUs = childrenCpuUs();
  if (beforeUs === undefined || afterUs === undefined) return { stdout };
  return { stdout, cpuUs: afterUs - beforeUs };
}

function execute(program: Program): Promise<string> {
  const { file, args, limitNs, signal, goodCodes = [0], input, env } = program;
  const options = {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: Math.ceil(limitNs / nsPerMs),
    killSignal: 'SIGKILL',
    maxBuffer: mostOutputBytes,
    signal,
  } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null || goodCodes.some((good) => good === error.code)) resolve(stdout);
      else reject(reasonOf(error, { file, said: stderr || stdout, signal }));
    });
    // One that ends before it has read all is judged by its exit code.
    child.stdin?.on('error', () => undefined);
    // What waits for more input is not waited for.
    child.stdin?.end(input);
  });
}

function reasonOf(
  error: ExecFileException,
  { file, said, signal }: { file: string; said: string; signal: AbortSignal },
): BenchError {
  if (signal.aborted) return new BenchError('INTERRUPTED', `${file} was stopped`);
  if (codeOf(error) === 'ENOENT') {
    return new BenchError('NO_PACKAGE', `${file} is not on the PATH`, { cause: error });
  }
  if (error.killed === true) {
    return new BenchError('TIMEOUT', `${file} did not end in its time`, { cause: error });
  }
  const last = said.trim().split('\n').slice(-3).join(' / ') || messageOf(error);
  return new BenchError('STORE_FAILED', `${file} failed: ${last}`, { cause: error });
}

/**
 * Processor time of the children of this process that have ended, in microseconds.
 *
 * @see proc_pid_stat(5), fields 16 and 17
 */
function childrenCpuUs(): number | undefined {
  const stat = readKernelFile('/proc/self/stat');
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * usPerTick;
}
