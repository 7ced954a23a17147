import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { BenchError, messageOf } from '../errors.js';
import { readKernelFile } from '../resources/kernel-file.js';

/** Where the threads of a process may run. */
export interface Affinity {
  readonly pid: number;
  /** When it began, so that its successor under the same number is not taken for it. */
  readonly startTicks: string;
  /** Lists of cores as the kernel writes them (`0-3,8`), by id of the thread. */
  readonly listByThread: ReadonlyMap<number, string>;
}

/**
 * Where the threads of a process may run.
 *
 * @returns undefined where the process is gone, or this is not Linux
 * @see proc_pid_status(5) and proc_pid_stat(5), Linux manual pages
 */
export function readAffinity(pid: number): Affinity | undefined {
  const stat = readKernelFile(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startTicks = fields?.[19];
  if (startTicks === undefined || fields?.[0] === 'Z') return undefined;
  const listByThread = new Map<number, string>();
  for (const thread of threadsOf(pid)) {
    const status = readKernelFile(`/proc/${pid}/task/${thread}/status`) ?? '';
    const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1];
    if (list !== undefined) listByThread.set(thread, list);
  }
  return { pid, startTicks, listByThread };
}

function threadsOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    // It ended just now.
    return [];
  }
}

/**
 * Lets all threads of a process run on these cores only; nothing where the process is gone.
 *
 * @param program that sets affinities, as util-linux's `taskset`
 * @throws BenchError UNSUPPORTED when the program is missing, or may not
 */
export async function pinProcess(
  affinity: Affinity,
  cores: readonly number[],
  program: string,
): Promise<void> {
  await pinAll(affinity, formatCores(cores), program);
}

/**
 * Lets every thread of a process run where it might; threads that began since, where its first
 * thread might. Nothing where the process is gone.
 *
 * @param program that sets affinities, as util-linux's `taskset`
 * @throws BenchError UNSUPPORTED when the program is missing, or may not
 */
export async function restoreAffinity(earlier: Affinity, program: string): Promise<void> {
  const { pid, listByThread } = earlier;
  const own = listByThread.get(pid);
  if (own === undefined || isAsBefore(earlier)) return;
  await pinAll(earlier, own, program);
  for (const [thread, list] of listByThread) {
    if (list === own) continue;
    const failure = await runTaskset(program, ['-c', '-p', list, `${thread}`]);
    if (failure !== undefined && readAffinity(pid)?.listByThread.has(thread)) throw failure;
  }
}

function isAsBefore({ pid, listByThread }: Affinity): boolean {
  const now = readAffinity(pid)?.listByThread ?? [];
  const own = listByThread.get(pid);
  return [...now].every(([thread, list]) => list === (listByThread.get(thread) ?? own));
}

const attempts = 3;

/** Threads come and go while they are gone through, so it is done until all of them are there. */
async function pinAll(affinity: Affinity, list: string, program: string): Promise<void> {
  const { pid, startTicks } = affinity;
  let failure: BenchError | undefined;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (readAffinity(pid)?.startTicks !== startTicks) return;
    failure = await runTaskset(program, ['-a', '-c', '-p', list, `${pid}`]);
    const now = readAffinity(pid)?.listByThread ?? [];
    if ([...now].every(([, each]) => each === list)) return;
  }
  if (failure !== undefined) throw failure;
}

async function runTaskset(program: string, args: string[]): Promise<BenchError | undefined> {
  try {
    await promisify(execFile)(program, args);
    return undefined;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const said = error instanceof Error && 'stderr' in error ? `${error.stderr}`.trim() : '';
    const detail = isMissing ? 'there is no such program' : said || messageOf(error);
    return new BenchError(
      'UNSUPPORTED',
      `giving cores by ${program} ${args.join(' ')}: ${detail}`,
      {
        hint: isMissing
          ? 'install util-linux (apt-get install util-linux), or leave --isolate out'
          : 'run as the user who owns the processes, or leave --isolate out',
        cause: error,
      },
    );
  }
}

/** As the kernel writes it, so that both can be compared. */
function formatCores(cores: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const core of cores) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === core - 1) last[1] = core;
    else ranges.push([core, core]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}
