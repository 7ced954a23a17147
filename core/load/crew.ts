import { Worker } from 'node:worker_threads';
import { nowNs } from '../clock.js';
import { BenchError, codeOf, type ErrorCode, exitCodeOf } from '../errors.js';
import { readCpuUs } from '../measure/process.js';
import { nsPerS } from '../units.js';
import type { WorkerAssignment, WorkerMessage, WorkerReport } from './assignment.js';

/** The assignments of one cell. */
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
// The first cell of a worker warms up for longer: its code is compiled while it runs.
const rehearsalNs = 1_000_000_000;

/**
 * The load workers of a run. They live from cell to cell, so that the client's code is compiled
 * once; one that failed is replaced.
 */
export class LoadCrew {
  #idle: LoadWorker[] = [];

  /**
   * Lets the workers of one cell go at the same moment, and gathers what they saw.
   *
   * @throws BenchError of the worker's own code when one fails, TIMEOUT when one does not end in
   *   time, INTERRUPTED when the signal is given
   */
  async run(task: CellTask): Promise<CellOutcome> {
    const workers = task.assignments.map(() => this.#idle.pop() ?? new LoadWorker());
    const stop = (): void => {
      for (const worker of workers)
        worker.fail(new BenchError('INTERRUPTED', 'the run was stopped'));
    };
    task.signal.addEventListener('abort', stop, { once: true });
    try {
      const outcome = await measure(rehearsed(task, workers), workers);
      this.#idle.push(...workers);
      return outcome;
    } catch (error) {
      await Promise.all(workers.map((worker) => worker.end()));
      throw error;
    } finally {
      task.signal.removeEventListener('abort', stop);
    }
  }

  /** Ends all workers. */
  async close(): Promise<void> {
    const workers = this.#idle;
    this.#idle = [];
    await Promise.all(workers.map((worker) => worker.end()));
  }
}

function rehearsed(task: CellTask, workers: readonly LoadWorker[]): CellTask {
  if (workers.every(({ cells }) => cells > 0)) return task;
  const assignments = task.assignments.map((assignment) => {
    const { timing } = assignment;
    const extraNs = Math.min(rehearsalNs, timing.durationNs);
    return { ...assignment, timing: { ...timing, warmUpNs: timing.warmUpNs + extraNs } };
  });
  return { ...task, assignments };
}

async function measure(task: CellTask, workers: readonly LoadWorker[]): Promise<CellOutcome> {
  const ready = workers.map((worker, index) =>
    worker.begin(task.assignments[index] as WorkerAssignment),
  );
  task.signal.throwIfAborted();
  await within(readyWithinS, 'get ready', Promise.all(ready));
  const goNs = nowNs() + 5_000_000;
  for (const worker of workers) worker.go(goNs);
  return gather(task, workers, goNs);
}

async function gather(
  task: CellTask,
  workers: readonly LoadWorker[],
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
    const reports = Promise.all(workers.map((worker) => worker.report()));
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

/** What a worker has yet to say of the cell that it works on. */
interface Expected {
  readonly ready: () => void;
  readonly report: (report: WorkerReport) => void;
  readonly fail: (error: unknown) => void;
}

/** One worker thread, from its start until its end; it works on one cell after the other. */
class LoadWorker {
  /** Cells that it has reported on. */
  cells = 0;
  readonly #thread = new Worker(new URL('./worker.js', import.meta.url));
  #expected: Expected | undefined;
  #report: Promise<WorkerReport> = new Promise(() => undefined);

  constructor() {
    this.#thread.on('message', (message: WorkerMessage) => this.#take(message));
    this.#thread.on('error', (error) => this.fail(workerError(codeOf(error), error.message)));
    this.#thread.on('exit', () => {
      this.fail(workerError('ERROR', 'a load worker ended without its report'));
    });
  }

  /** Gives it a cell. Resolves when it is connected and all its bodies are encoded. */
  begin(task: WorkerAssignment): Promise<void> {
    const ready = new Promise<void>((resolveReady, rejectReady) => {
      this.#report = new Promise<WorkerReport>((resolve, reject) => {
        const fail = (error: unknown): void => {
          rejectReady(error);
          reject(error);
        };
        this.#expected = { ready: resolveReady, report: resolve, fail };
      });
    });
    // Who waits for one of them hears of it; the other must not count as unheard.
    ready.catch(() => undefined);
    this.#report.catch(() => undefined);
    this.#thread.postMessage({ kind: 'assignment', task });
    return ready;
  }

  /** What it saw of the cell; rejects with why it saw nothing. */
  report(): Promise<WorkerReport> {
    return this.#report;
  }

  go(startNs: number): void {
    this.#thread.postMessage({ kind: 'go', startNs });
  }

  fail(error: unknown): void {
    this.#expected?.fail(error);
  }

  async end(): Promise<void> {
    await this.#thread.terminate();
  }

  #take(message: WorkerMessage): void {
    if (message.kind === 'ready') this.#expected?.ready();
    else if (message.kind === 'failed') this.fail(workerError(message.code, message.message));
    else {
      this.cells += 1;
      this.#expected?.report(message.report);
    }
  }
}

function workerError(code: string, message: string): Error {
  if (code in exitCodeOf) return new BenchError(code as ErrorCode, message);
  return new BenchError('STORE_FAILED', `a load worker failed: ${code}: ${message}`);
}
