import { monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks';
import { parentPort } from 'node:worker_threads';
import type { Adapter, Hits, Prepared, SearchRequest, VectorOperations } from '../adapter.js';
import { realClock } from '../clock.js';
import { BenchError, codeOf, messageOf } from '../errors.js';
import { deriveSeed } from '../random.js';
import { nsPerMs } from '../units.js';
import type {
  MainMessage,
  StreamAssignment,
  WorkerAssignment,
  WorkerMessage,
  WorkerReport,
  WorkerResources,
} from './assignment.js';
import { runClosed } from './closed.js';
import { StreamRecorder } from './recorder.js';
import { MeasureWindow } from './window.js';

// Bodies beyond this are not prepared; the cell's coverage says so.
const bodyBudgetBytes = 512 * 1024 * 1024;

/** A stream with its bodies encoded and its sender chosen: nothing is left to do but to send. */
interface ReadyStream {
  readonly assignment: StreamAssignment;
  readonly bodies: readonly Prepared[];
  /** The number of the batch of the dataset that each body holds. */
  readonly batches: readonly number[];
  readonly send: (prepared: Prepared) => Promise<Hits>;
}

function prepareStream(
  task: WorkerAssignment,
  assignment: StreamAssignment,
  vectors: VectorOperations,
): ReadyStream {
  const { queries, worker, workers } = task;
  const { batch } = assignment;
  const bytes = batch * queries.dimensions * 4;
  const all = Math.ceil(queries.rows / batch);
  const batches: number[] = [];
  for (let number = worker % all; number < all; number += workers) {
    if ((batches.length + 1) * bytes > bodyBudgetBytes && batches.length > 0) break;
    batches.push(number);
  }
  const requestsOf = (number: number): SearchRequest[] =>
    Array.from({ length: batch }, (_, item) => {
      const row = (number * batch + item) % queries.rows;
      const from = row * queries.dimensions;
      const vector = queries.data.subarray(from, from + queries.dimensions);
      return { vector, row, k: assignment.k, params: assignment.params };
    });
  if (batch === 1) {
    const bodies = batches.map((n) => vectors.prepareSearch(requestsOf(n)[0] as SearchRequest));
    return { assignment, bodies, batches, send: (body) => vectors.search(body) };
  }
  const { prepareSearchBatch, searchBatch } = vectors;
  if (prepareSearchBatch === undefined || searchBatch === undefined) {
    throw new BenchError('UNSUPPORTED', 'this store cannot search in batches');
  }
  const bodies = batches.map((n) => prepareSearchBatch.call(vectors, requestsOf(n)));
  return { assignment, bodies, batches, send: (body) => searchBatch.call(vectors, body) };
}

/** Watches what the client itself costs between `begin` and `end`. */
class ClientWatch {
  readonly #loopDelay = monitorEventLoopDelay({ resolution: 10 });
  readonly #observer: PerformanceObserver;
  #gcPauseMsMax = 0;
  #cpu = process.cpuUsage();
  #utilization = performance.eventLoopUtilization();

  constructor() {
    this.#observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        this.#gcPauseMsMax = Math.max(this.#gcPauseMsMax, duration);
      }
    });
  }

  begin(): void {
    this.#observer.observe({ entryTypes: ['gc'] });
    this.#loopDelay.enable();
    this.#cpu = process.cpuUsage();
    this.#utilization = performance.eventLoopUtilization();
  }

  end(): WorkerResources {
    const cpu = process.cpuUsage(this.#cpu);
    const { utilization } = performance.eventLoopUtilization(this.#utilization);
    this.#loopDelay.disable();
    this.#observer.disconnect();
    // The monitor's values hold its own interval of 10 ms.
    const delayMs = this.#loopDelay.percentile(99) / nsPerMs - 10;
    return {
      cpuUs: cpu.user + cpu.system,
      eventLoopUtilization: Math.min(Math.max(utilization, 0), 1),
      loopDelayMsP99: Math.max(delayMs, 0),
      gcPauseMsMax: this.#gcPauseMsMax,
    };
  }
}

function say(message: WorkerMessage, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

// Resolves the wait for the moment to begin; one cell is worked on at a time.
let go: (startNs: number) => void = () => undefined;

function waitForGo(): Promise<number> {
  return new Promise((resolve) => {
    go = resolve;
  });
}

async function measure(
  task: WorkerAssignment,
  streams: readonly ReadyStream[],
  goNs: number,
): Promise<WorkerReport> {
  const { timing } = task;
  const startNs = goNs + timing.warmUpNs;
  const window = new MeasureWindow(
    { startNs, minEndNs: startNs + timing.durationNs, maxEndNs: startNs + timing.maxDurationNs },
    task.passedAtNs,
    task.worker,
  );
  const watch = new ClientWatch();
  const loads = streams.map((stream) => {
    const { assignment } = stream;
    const recorder = new StreamRecorder(
      {
        name: assignment.name,
        kind: assignment.load.kind,
        k: assignment.k,
        batch: assignment.batch,
        queries: task.queries.rows,
        batches: stream.batches,
        maxJudged: task.maxJudged,
        seed: deriveSeed(task.seed, `answers/${assignment.name}/${task.worker}`),
      },
      window,
    );
    const done = runClosed({
      clock: realClock,
      concurrency: assignment.load.concurrency,
      bodies: stream.bodies.length,
      send: (body) => stream.send(stream.bodies[body]),
      recorder,
      window,
      timeoutNs: timing.timeoutNs,
    });
    return { recorder, done };
  });
  const resources = watchWindow(watch, startNs, Promise.all(loads.map(({ done }) => done)));
  await Promise.all(loads.map(({ done }) => done));
  return { streams: loads.map(({ recorder }) => recorder.report()), resources: await resources };
}

/** Begins to watch when the window opens; ends when the load has ended. */
async function watchWindow(
  watch: ClientWatch,
  startNs: number,
  ended: Promise<unknown>,
): Promise<WorkerResources> {
  await Promise.race([realClock.sleepUntil(startNs), ended]);
  watch.begin();
  await ended;
  return watch.end();
}

async function work(task: WorkerAssignment): Promise<void> {
  const module = (await import(task.adapterUrl)) as { default: Adapter };
  const abort = new AbortController();
  const store = await module.default.connect(task.options, {
    namespace: task.namespace,
    connections: task.streams.reduce((sum, { load }) => sum + load.concurrency, 0),
    timeoutNs: task.timing.timeoutNs,
    signal: abort.signal,
    log: () => undefined,
    truth: task.truth,
  });
  const { vectors } = store;
  if (vectors === undefined) throw new BenchError('UNSUPPORTED', 'this store holds no vectors');
  await vectors.open(task.handle);
  const streams = task.streams.map((stream) => prepareStream(task, stream, vectors));
  const started = waitForGo();
  say({ kind: 'ready' });
  const report = await measure(task, streams, await started);
  await store.close();
  say(
    { kind: 'report', report },
    report.streams.map(({ answers }) => answers.buffer as ArrayBuffer),
  );
}

// The worker lives for the whole run: its code is compiled when the second cell begins.
parentPort?.on('message', (message: MainMessage) => {
  if (message.kind === 'go') {
    go(message.startNs);
    return;
  }
  work(message.task).catch((error: unknown) => {
    say({ kind: 'failed', code: codeOf(error), message: messageOf(error) });
  });
});
