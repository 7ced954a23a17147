import { Worker } from 'node:worker_threads';
import { nowNs } from '../clock.js';
import { BenchError, codeOf, type ErrorCode, exitCodeOf } from '../errors.js';
import { readCpuUs } from '../measure/process.js';
import { nsPerS } from '../units.js';
import type { WorkerAssignment, WorkerMessage, WorkerReport } from './assignment.js';

/** The workers of one cell. */
export interface CellTask {
  readonly assignments: readonly WorkerAssignment[];
  /** The store's processes on this machine, whose processor time is read around the window. */
  readonly serverPids: readonly number[];
  readonly signal: AbortSignal;
}

/** What all workers of a cell saw, and what the store's processes cost meanwhile. */
export interface CellOutcome {
  readonly reports: readonly WorkerReport[];
  /** From the beginning of the window until the last answer; absent where it was not measured. */
  readonly serverCpuUs?: number;
}

// Starting, connecting and encoding bodies; far more than they take, so that nothing hangs.
const readyWithinS = 120;

/**
 * Starts the workers, lets them go at the same moment, and gathers what they saw.
 *
 * @throws BenchError of the worker's own code when one fails, TIMEOUT when one does not end in
 *   time, INTERRUPTED when the signal is given
 */
export async function runCell(task: CellTask): Promise<CellOutcome> {
  const crew = task.assignments.map((assignment) => new LoadWorker(assignment));
  const stop = (): void => {
    for (const worker of crew) worker.fail(new BenchError('INTERRUPTED', 'the run was stopped'));
  };
  task.signal.addEventListener('abort', stop, { once: true });
  try {
    if (task.signal.aborted) stop();
    await within(readyWithinS, 'get ready', Promise.all(crew.map((worker) => worker.ready)));
    const goNs = nowNs() + 5_000_000;
    for (const worker of crew) worker.go(goNs);
    return await gather(task, crew, goNs);
  } finally {
    task.signal.removeEventListener('abort', stop);
    await Promise.all(crew.map((worker) => worker.end()));
  }
}

async function gather(
  task: CellTask,
  crew: readonly LoadWorker[],
  goNs: number,
): Promise<CellOutcome> {
  const timing = (task.assignments[0] as WorkerAssignment).timing;
  let cpuBeforeUs: number | undefined;
  const untilWindowMs = (goNs + timing.warmUpNs - nowNs()) / 1e6;
  const timer = setTimeout(() => {
    cpuBeforeUs = readCpuUs(task.serverPids);
  }, untilWindowMs);
  const limitS = (timing.warmUpNs + timing.maxDurationNs + 2 * timing.timeoutNs) / nsPerS + 30;
  try {
    const reports = Promise.all(crew.map((worker) => worker.report));
    const seen = await within(limitS, 'end its window', reports);
    const cpuAfterUs = readCpuUs(task.serverPids);
    if (cpuBeforeUs === undefined || cpuAfterUs === undefined) return { reports: seen };
    return { reports: seen, serverCpuUs: cpuAfterUs - cpuBeforeUs };
  } finally {
    clearTimeout(timer);
  }
}

async function within<T>(limitS: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new BenchError('TIMEOUT', `a load worker did not ${what} within ${limitS} s`));
    }, limitS * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** One worker thread, from its start until its report. */
class LoadWorker {
  readonly ready: Promise<void>;
  readonly report: Promise<WorkerReport>;
  readonly #thread: Worker;
  #reject: (error: unknown) => void = () => undefined;

  constructor(assignment: WorkerAssignment) {
    this.#thread = new Worker(new URL('./worker.js', import.meta.url), { workerData: assignment });
    let resolveReady: () => void = () => undefined;
    let resolveReport: (report: WorkerReport) => void = () => undefined;
    const failed = new Promise<never>((_, reject) => {
      this.#reject = reject;
    });
    failed.catch(() => undefined);
    const ready = new Promise<void>((resolve) => {
      resolveReady = resolve;
    });
    const report = new Promise<WorkerReport>((resolve) => {
      resolveReport = resolve;
    });
    this.ready = Promise.race([ready, failed]);
    this.report = Promise.race([report, failed]);
    this.ready.catch(() => undefined);
    this.report.catch(() => undefined);
    this.#thread.on('message', (message: WorkerMessage) => {
      if (message.kind === 'ready') resolveReady();
      else if (message.kind === 'report') resolveReport(message.report);
      else this.#reject(workerError(message.code, message.message));
    });
    this.#thread.on('error', (error) => this.#reject(workerError(codeOf(error), error.message)));
    this.#thread.on('exit', () =>
      this.#reject(workerError('ERROR', 'a load worker ended without its report')),
    );
  }

  go(startNs: number): void {
    this.#thread.postMessage({ kind: 'go', startNs });
  }

  fail(error: unknown): void {
    this.#reject(error);
  }

  async end(): Promise<void> {
    await this.#thread.terminate();
  }
}

function workerError(code: string, message: string): Error {
  if (code in exitCodeOf) return new BenchError(code as ErrorCode, message);
  return new BenchError('STORE_FAILED', `a load worker failed: ${code}: ${message}`);
}
