import { Worker } from 'node:worker_threads';
import { nowNs } from '../clock.js';
import {
  BenchError,
  type ErrorCode,
  exitCodeOf,
  type Failure,
  failureOf,
  messageOf,
} from '../errors.js';
import { within } from '../time-limit.js';
import { nsPerS } from '../units.js';
import type { WorkerAssignment, WorkerMessage, WorkerReport } from './assignment.js';
import { isSpent, type spentCode, spentError } from './request-budget.js';
import { type WatchedProcesses, type WindowCounters, WindowWatch } from './window-watch.js';

/** The assignments of one cell. */
export interface CellTask {
  readonly assignments: readonly WorkerAssignment[];
  readonly processes: WatchedProcesses;
  readonly signal: AbortSignal;
}

/** What the workers of a cell saw, and what the window cost. */
export interface CellOutcome {
  /** Of the workers that reported; at least one. */
  readonly reports: readonly WorkerReport[];
  readonly counters?: WindowCounters;
  /** Why it ended before its time: the run is over, or a worker failed. */
  readonly ended?: {
    readonly code: 'INTERRUPTED' | typeof spentCode | 'WORKER_FAILED';
    readonly message: string;
  };
}

// Starting, connecting and encoding bodies; far more than they take, so that nothing hangs.
const readyWithinNs = 120 * nsPerS;
// The first cell of a worker warms up for longer: its code is compiled while it runs.
const rehearsalNs = 1_000_000_000;
const stopped = 'the run was stopped';
const graceNs = 30 * nsPerS;
// How long before a window the store's processes are looked for.
const findAheadNs = 50_000_000;
// What a stopped worker may take to await its answers and to report.
const stopWithinMs = 3000;

/**
 * The load workers of a run. They live from cell to cell, so that the client's code is compiled
 * once; one that failed is replaced.
 */
export class LoadCrew {
  #idle: LoadWorker[] = [];

  /**
   * Lets the workers of one cell go at the same moment, and gathers what they saw. When the signal
   * is given, or one of them fails, the others end at once and say what they saw until then.
   *
   * @throws BenchError of the worker's own code when no worker reports, TIMEOUT when one does not
   *   end in time; INTERRUPTED when the signal is given, REQUESTS_SPENT when nothing more may be
   *   sent, both before anything was measured
   */
  async run(task: CellTask): Promise<CellOutcome> {
    // One may have ended since its last cell.
    this.#idle = this.#idle.filter(({ isAlive }) => isAlive);
    const workers = task.assignments.map(() => this.#idle.pop() ?? new LoadWorker());
    const stop = (): void => {
      for (const worker of workers) worker.interrupt();
    };
    task.signal.addEventListener('abort', stop, { once: true });
    try {
      return await measure(rehearsed(task, workers), workers);
    } finally {
      task.signal.removeEventListener('abort', stop);
      await this.#takeBack(workers);
    }
  }

  async #takeBack(workers: readonly LoadWorker[]): Promise<void> {
    for (const worker of workers) {
      if (worker.isIdle) this.#idle.push(worker);
      else await worker.end();
    }
  }

  /** Ends all workers. */
  async close(): Promise<void> {
    const workers = this.#idle;
    this.#idle = [];
    await Promise.all(workers.map((worker) => worker.end()));
  }
}

/** How much longer the first cell of a worker warms up, by its window; both in nanoseconds. */
export function rehearsalOf(durationNs: number): number {
  return Math.min(rehearsalNs, durationNs);
}

function rehearsed(task: CellTask, workers: readonly LoadWorker[]): CellTask {
  if (workers.every(({ cells }) => cells > 0)) return task;
  const assignments = task.assignments.map((assignment) => {
    const { timing } = assignment;
    const warmUpNs = timing.warmUpNs + rehearsalOf(timing.durationNs);
    return { ...assignment, timing: { ...timing, warmUpNs } };
  });
  return { ...task, assignments };
}

async function measure(task: CellTask, workers: readonly LoadWorker[]): Promise<CellOutcome> {
  const ready = workers.map((worker, index) =>
    worker.begin(task.assignments[index] as WorkerAssignment),
  );
  task.signal.throwIfAborted();
  await within(readyWithinNs, 'a load worker did not get ready', Promise.all(ready));
  const goNs = nowNs() + 5_000_000;
  for (const worker of workers) worker.go(goNs);
  return gather(task, workers, goNs);
}

async function gather(
  task: CellTask,
  workers: readonly LoadWorker[],
  goNs: number,
): Promise<CellOutcome> {
  const { timing } = task.assignments[0] as WorkerAssignment;
  const watch = new WindowWatch(task.processes);
  const beginNs = goNs + timing.warmUpNs;
  const finding = setTimeout(() => watch.find(), (beginNs - findAheadNs - nowNs()) / 1e6);
  const beginning = setTimeout(() => watch.begin(), (beginNs - nowNs()) / 1e6);
  void Promise.all(workers.map((worker) => worker.over)).then(() => watch.end());
  const limitNs = timing.warmUpNs + timing.maxDurationNs + 2 * timing.timeoutNs + graceNs;
  try {
    const heard = await within(limitNs, 'a load worker did not end', Promise.all(hear(workers)));
    const reports = heard.flatMap((one) => (one.report === undefined ? [] : [one.report]));
    const failed = heard.find(({ report }) => report === undefined);
    if (reports.length === 0) throw failed?.error;
    watch.end();
    const counters = watch.counters();
    const ended = endOf(task, reports, failed?.error);
    return {
      reports,
      ...(counters === undefined ? {} : { counters }),
      ...(ended === undefined ? {} : { ended }),
    };
  } finally {
    clearTimeout(finding);
    clearTimeout(beginning);
  }
}

/** What each worker has to say in the end. The first that fails stops the others. */
function hear(workers: readonly LoadWorker[]) {
  return workers.map((worker) =>
    worker.report().then(
      (report) => ({ report, error: undefined }),
      (error: unknown) => {
        for (const other of workers) if (other !== worker) other.stop();
        return { report: undefined, error };
      },
    ),
  );
}

/** @throws BenchError INTERRUPTED or REQUESTS_SPENT when no window had opened */
function endOf(
  task: CellTask,
  reports: readonly WorkerReport[],
  error: unknown,
): CellOutcome['ended'] {
  const reason = endingOf(task, reports);
  if (reason !== undefined) {
    const opened = reports.some(({ streams }) => streams.some(({ windowNs }) => windowNs > 0));
    if (!opened) throw reason;
    return { code: reason.code as 'INTERRUPTED' | typeof spentCode, message: reason.message };
  }
  if (error === undefined) return undefined;
  return { code: 'WORKER_FAILED', message: messageOf(error) };
}

/** Why the run is over. */
function endingOf(
  { signal, assignments }: CellTask,
  reports: readonly WorkerReport[],
): BenchError | undefined {
  if (signal.aborted && reports.some(({ isCut }) => isCut)) {
    return new BenchError('INTERRUPTED', stopped);
  }
  const budget = assignments[0]?.budget;
  return budget !== undefined && isSpent(budget) ? spentError(budget) : undefined;
}

/** What a worker has yet to say of the cell that it works on. */
interface Expected {
  readonly ready: () => void;
  readonly over: () => void;
  readonly report: (report: WorkerReport) => void;
  readonly fail: (error: unknown) => void;
}

/** One worker thread, from its start until its end; it works on one cell after the other. */
class LoadWorker {
  /** Cells that it has reported on. */
  cells = 0;
  isAlive = true;
  /** Nothing is expected of it, and it has not failed. */
  isIdle = true;
  /** Resolves when the window is over; never, when the worker fails before. */
  over: Promise<void> = Promise.resolve();
  readonly #thread = new Worker(new URL('./worker.js', import.meta.url));
  #expected: Expected | undefined;
  #report: Promise<WorkerReport> = new Promise(() => undefined);
  #isMeasuring = false;
  #stopTimer: NodeJS.Timeout | undefined;

  constructor() {
    this.#thread.on('message', (message: WorkerMessage) => this.#take(message));
    this.#thread.on('error', (error) => this.fail(workerError(failureOf(error))));
    this.#thread.on('exit', () => {
      this.isAlive = false;
      this.fail(workerError({ code: 'ERROR', message: 'a load worker ended without its report' }));
    });
  }

  /** Gives it a cell. Resolves when it is connected and all its bodies are encoded. */
  begin(task: WorkerAssignment): Promise<void> {
    this.isIdle = false;
    const ready = new Promise<void>((resolveReady, rejectReady) => {
      this.over = new Promise<void>((resolveOver) => {
        this.#report = new Promise<WorkerReport>((resolve, reject) => {
          const fail = (error: unknown): void => {
            rejectReady(error);
            reject(error);
          };
          this.#expected = { ready: resolveReady, over: resolveOver, report: resolve, fail };
        });
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
    this.#isMeasuring = true;
    this.#thread.postMessage({ kind: 'go', startNs });
  }

  /** Ends its window now; fails when it does not report soon. */
  stop(): void {
    if (this.isIdle || this.#stopTimer !== undefined) return;
    this.#thread.postMessage({ kind: 'stop' });
    this.#stopTimer = setTimeout(() => {
      this.fail(new BenchError('TIMEOUT', 'a load worker did not stop'));
    }, stopWithinMs);
  }

  /** Stops it, or fails at once when it has not begun to measure. */
  interrupt(): void {
    if (this.#isMeasuring) this.stop();
    else this.fail(new BenchError('INTERRUPTED', stopped));
  }

  fail(error: unknown): void {
    this.#settle();
    this.#expected?.fail(error);
  }

  #settle(): void {
    this.#isMeasuring = false;
    clearTimeout(this.#stopTimer);
    this.#stopTimer = undefined;
  }

  async end(): Promise<void> {
    await this.#thread.terminate();
  }

  #take(message: WorkerMessage): void {
    if (message.kind === 'ready') this.#expected?.ready();
    else if (message.kind === 'over') this.#expected?.over();
    else if (message.kind === 'failed') this.fail(workerError(message.failure));
    else {
      this.#settle();
      this.cells += 1;
      this.isIdle = true;
      this.#expected?.report(message.report);
    }
  }
}

function workerError({ code, message, hint }: Failure): Error {
  const details = hint === undefined ? {} : { hint };
  if (code in exitCodeOf) return new BenchError(code as ErrorCode, message, details);
  return new BenchError('STORE_FAILED', `a load worker failed: ${code}: ${message}`);
}
