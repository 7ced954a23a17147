import { parentPort } from 'node:worker_threads';
import type { Adapter, Hits, Prepared, SearchRequest, VectorOperations } from '../adapter.js';
import { realClock } from '../clock.js';
import { BenchError, failureOf } from '../errors.js';
import { deriveSeed, seededRandom } from '../random.js';
import { openStore } from '../run/open-store.js';
import { vectorOf } from '../vectors.js';
import type {
  AssignedLoad,
  AssignedPhase,
  MainMessage,
  StreamAssignment,
  WorkerAssignment,
  WorkerMessage,
  WorkerReport,
  WorkerResources,
} from './assignment.js';
import { ClientWatch } from './client-watch.js';
import { runClosed } from './closed.js';
import { runOpen } from './open.js';
import { Pacer } from './pacer.js';
import { bodyOrder, cycleOrder } from './query-order.js';
import { StreamRecorder } from './recorder.js';
import { takeRequest } from './request-budget.js';
import { type RateSegment, Schedule } from './schedule.js';
import { MeasureWindow } from './window.js';

// Bodies beyond this are not prepared; the cell's coverage says so.
const bodyBudgetBytes = 512 * 1024 * 1024;

/** A stream with its bodies encoded and its sender chosen: nothing is left to do but to send. */
interface ReadyStream {
  readonly assignment: StreamAssignment;
  readonly bodies: readonly Prepared[];
  /** Which of them is sent when. */
  readonly order: Int32Array;
  /** The number of the batch of the dataset that each body holds. */
  readonly batches: readonly number[];
  readonly send: (prepared: Prepared) => Promise<Hits>;
}

function prepareStream(
  task: WorkerAssignment,
  assignment: StreamAssignment,
  vectors: VectorOperations,
): ReadyStream {
  const { queries } = task;
  const { batch, k, params, filter, payload } = assignment;
  const bytes = batch * queries.dimensions * 4;
  const wanted = assignment.order ?? cycleOrder(Math.ceil(queries.rows / batch), task);
  const most = Math.max(1, Math.floor(bodyBudgetBytes / bytes));
  const { holds: batches, order } = bodyOrder(wanted, most);
  const requestsOf = (number: number): SearchRequest[] =>
    Array.from({ length: batch }, (_, item) => {
      const row = (number * batch + item) % queries.rows;
      const vector = vectorOf(queries, row);
      return { vector, row, k, params, ...(filter && { filter }), ...(payload && { payload }) };
    });
  if (batch === 1) {
    const bodies = batches.map((n) => vectors.prepareSearch(requestsOf(n)[0] as SearchRequest));
    return { assignment, bodies, batches, order, send: (body) => vectors.search(body) };
  }
  const { prepareSearchBatch, searchBatch } = vectors;
  if (prepareSearchBatch === undefined || searchBatch === undefined) {
    throw new BenchError('UNSUPPORTED', 'this store cannot search in batches');
  }
  const bodies = batches.map((n) => prepareSearchBatch.call(vectors, requestsOf(n)));
  const send = (body: Prepared): Promise<Hits> => searchBatch.call(vectors, body);
  return { assignment, bodies, batches, order, send };
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

// The window that is being measured, to be cut when the run is stopped.
let current: MeasureWindow | undefined;

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
  // Where no stream waits for a full pass, the window ends when its time is over.
  if (task.streams.every(({ order }) => order !== undefined)) window.pass(startNs);
  current = window;
  const loads = streams.map((stream) => drive(task, stream, { goNs, window }));
  const done = Promise.all(loads.map((load) => load.done));
  const spareNs = (): number => loads.reduce((sum, { pacer }) => sum + (pacer?.spareNs ?? 0), 0);
  const resources = await watchWindow(new ClientWatch(spareNs), window, done);
  await done;
  current = undefined;
  const { isCut } = window;
  return { isCut, streams: loads.map(({ recorder }) => recorder.report()), resources };
}

/** When the cell begins, and its window. */
interface Stage {
  readonly goNs: number;
  readonly window: MeasureWindow;
}

/** A stream that is being driven. */
interface Driven {
  readonly recorder: StreamRecorder;
  readonly done: Promise<void>;
  readonly pacer?: Pacer;
}

function drive(task: WorkerAssignment, stream: ReadyStream, stage: Stage): Driven {
  const { assignment } = stream;
  const { load } = assignment;
  const { window } = stage;
  const recorder = new StreamRecorder(
    {
      name: assignment.name,
      kind: load.kind,
      k: assignment.k,
      batch: assignment.batch,
      queries: task.queries.rows,
      batches: stream.batches,
      maxJudged: task.maxJudged,
      seed: deriveSeed(task.seed, `answers/${assignment.name}/${task.worker}`),
      isSkewed: assignment.order !== undefined,
      keepOutcomes: load.kind === 'open' && load.phases.length > 1,
    },
    window,
  );
  const common = {
    clock: realClock,
    order: stream.order,
    send: senderOf(stream, task),
    recorder,
    window,
    timeoutNs: task.timing.timeoutNs,
  };
  if (load.kind === 'closed') {
    return { recorder, done: runClosed({ ...common, concurrency: load.concurrency }) };
  }
  const pacer = new Pacer(realClock, load.pacer);
  const random = seededRandom(deriveSeed(task.seed, `arrivals/${assignment.name}/${task.worker}`));
  const { worker, workers } = task;
  const segments = segmentsOf(load.phases, stage);
  const schedule = new Schedule({ segments, arrivals: load.arrivals, worker, workers, random });
  const { maxInFlight } = load;
  return { recorder, pacer, done: runOpen({ ...common, pacer, schedule, maxInFlight }) };
}

/** Sends a body by its number; where requests are counted, each is before it is sent. */
function senderOf(
  { send, bodies }: ReadyStream,
  { budget }: WorkerAssignment,
): (body: number) => Promise<Hits> {
  if (budget === undefined) return (body) => send(bodies[body]);
  return (body) => {
    takeRequest(budget);
    return send(bodies[body]);
  };
}

/** The warm-up at the rate of the first phase, then the phases from the opening of the window. */
function segmentsOf(phases: readonly AssignedPhase[], { goNs, window }: Stage): RateSegment[] {
  const segments = [{ beginNs: goNs, perS: phases[0]?.perS ?? 1 }];
  let beginNs = window.startNs;
  for (const { perS, durationNs } of phases) {
    segments.push({ beginNs, perS });
    beginNs += durationNs;
  }
  return segments;
}

/** Watches the client from the opening of the window to its end, and tells main when it ends. */
async function watchWindow(
  watch: ClientWatch,
  window: MeasureWindow,
  done: Promise<unknown>,
): Promise<WorkerResources> {
  await Promise.race([realClock.sleepUntil(window.startNs), done]);
  watch.begin();
  await Promise.race([window.ending.then(() => realClock.sleepUntil(window.endNs)), done]);
  const resources = watch.end();
  say({ kind: 'over' });
  return resources;
}

function inFlightOf(load: AssignedLoad): number {
  return load.kind === 'closed' ? load.concurrency : load.maxInFlight;
}

async function work(task: WorkerAssignment): Promise<void> {
  const module = (await import(task.source.adapterUrl)) as { default: Adapter };
  const abort = new AbortController();
  const store = await openStore(module.default, task.source, {
    namespace: task.namespace,
    connections: task.streams.reduce((sum, { load }) => sum + inFlightOf(load), 0),
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
  const buffers = report.streams.flatMap(({ answers, outcomes }) => [
    answers.buffer as ArrayBuffer,
    ...(outcomes === undefined ? [] : [outcomes.buffer as ArrayBuffer]),
  ]);
  say({ kind: 'report', report }, buffers);
}

// The worker lives for the whole run: its code is compiled when the second cell begins.
parentPort?.on('message', (message: MainMessage) => {
  if (message.kind === 'go') {
    go(message.startNs);
    return;
  }
  if (message.kind === 'stop') {
    current?.cut(realClock.now());
    return;
  }
  work(message.task).catch((error: unknown) => {
    say({ kind: 'failed', failure: failureOf(error) });
  });
});
