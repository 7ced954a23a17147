import assert from 'node:assert/strict';
import type { Hits } from '../../../core/adapter.js';
import type { StreamReport } from '../../../core/load/assignment.js';
import { runClosed } from '../../../core/load/closed.js';
import type { Flight } from '../../../core/load/flight.js';
import { runOpen } from '../../../core/load/open.js';
import { Pacer, type PacerKind } from '../../../core/load/pacer.js';
import { StreamRecorder } from '../../../core/load/recorder.js';
import { type RateSegment, Schedule } from '../../../core/load/schedule.js';
import { MeasureWindow } from '../../../core/load/window.js';
import { decodeHistogram } from '../../../core/measure/histogram.js';
import { seededRandom } from '../../../core/random.js';
import { type ClockFaults, VirtualClock } from './virtual-clock.js';

export const ms = 1_000_000;

/** A store in virtual time, and the window in which it is measured; times in milliseconds. */
export interface BareScene {
  /** Gives the delay of the nth request, counted from 0; Infinity never answers. */
  readonly delayMs: (request: number, body: number, nowNs: number) => number;
  /** Makes the nth request fail when its delay is over. */
  readonly error?: (request: number, nowNs: number) => Error | undefined;
  /** Makes `send` of the nth request throw instead of giving a promise. */
  readonly thrown?: (request: number) => Error | undefined;
  /** The store answers in the same turn of the loop, which it keeps busy for the delay. */
  readonly inTurn?: boolean;
  readonly bodies?: number;
  /** Which body is sent when; in turn when not given. */
  readonly order?: readonly number[];
  readonly batch?: number;
  readonly queries?: number;
  readonly warmUpMs?: number;
  readonly durationMs: number;
  readonly maxMs?: number;
  readonly timeoutMs?: number;
  readonly k?: number;
  readonly engineNs?: number;
  /** When the run is stopped. */
  readonly stopMs?: number;
}

/** What a closed load in virtual time is. */
export interface Scene extends BareScene {
  readonly concurrency?: number;
}

/** What an open load in virtual time is; without `maxMs` its window is never stretched. */
export interface OpenScene extends BareScene {
  /** Requests a second over all workers, in the warm-up too. */
  readonly perS: number;
  /** Rates that follow the first, each from so long after the window's beginning. */
  readonly later?: readonly { readonly fromMs: number; readonly perS: number }[];
  readonly arrivals?: 'constant' | 'poisson';
  readonly seed?: number;
  readonly maxInFlight?: number;
  readonly pacer?: PacerKind;
  readonly keepOutcomes?: boolean;
}

/** A request that ended, whenever it did; a failed one has a code. */
export interface Ended extends Flight {
  readonly code?: string;
}

/** How a load in virtual time ended. */
export interface Played {
  readonly report: StreamReport;
  readonly window: MeasureWindow;
  /** Requests sent, in the warm-up and after the window too. */
  readonly sent: number;
  readonly endedNs: number;
  /** All requests that were sent, in the order in which they ended, to the nanosecond. */
  readonly flights: readonly Ended[];
  /** Those that were not, by intended time and when they were given up. */
  readonly dropped: readonly { readonly intendedNs: number; readonly nowNs: number }[];
}

/** Where several workers meet. */
export interface Stage {
  readonly clock: VirtualClock;
  readonly passedAtNs: Float64Array;
  readonly worker: number;
}

/** Begins a closed load; it goes on as the clock is run. */
export async function begin(scene: Scene, stage: Stage): Promise<Played> {
  const { clock } = stage;
  const { load, played } = setUp(scene, stage, { kind: 'closed' });
  await runClosed({ clock, concurrency: scene.concurrency ?? 1, ...load });
  return { ...played(), endedNs: clock.now() };
}

/** Begins an open load; it goes on as the clock is run. */
export async function beginOpen(scene: OpenScene, stage: Stage): Promise<Played> {
  const { clock, worker, passedAtNs } = stage;
  const { arrivals = 'constant', maxInFlight = 64, keepOutcomes = false, seed = 1 } = scene;
  const bare = { maxMs: scene.durationMs, ...scene };
  const { load, played } = setUp(bare, stage, { kind: 'open', keepOutcomes });
  const schedule = new Schedule({
    segments: segmentsOf(scene),
    arrivals,
    worker,
    workers: passedAtNs.length,
    random: seededRandom(seed + worker),
  });
  const pacer = new Pacer(clock, scene.pacer ?? 'sleep');
  await runOpen({ clock, pacer, schedule, maxInFlight, ...load });
  return { ...played(), endedNs: clock.now() };
}

function segmentsOf({ perS, later = [], warmUpMs = 0 }: OpenScene): RateSegment[] {
  const following = later.map(({ fromMs, perS }) => ({ beginNs: (warmUpMs + fromMs) * ms, perS }));
  return [{ beginNs: 0, perS }, ...following];
}

function setUp(
  scene: BareScene,
  { clock, passedAtNs, worker }: Stage,
  recorded: { readonly kind: 'closed' | 'open'; readonly keepOutcomes?: boolean },
) {
  const { bodies = 4, batch = 1, warmUpMs = 0, durationMs, k = 1, timeoutMs = 10_000 } = scene;
  const queries = scene.queries ?? bodies * batch;
  const startNs = warmUpMs * ms;
  const endNs = startNs + durationMs * ms;
  const maxEndNs = startNs + (scene.maxMs ?? 100 * durationMs) * ms;
  const window = new MeasureWindow({ startNs, minEndNs: endNs, maxEndNs }, passedAtNs, worker);
  const batches = Array.from({ length: bodies }, (_, body) => body);
  const options = { name: 'search', k, batch, queries, batches, maxJudged: undefined, seed: 1 };
  const order = Int32Array.from(scene.order ?? batches);
  const isSkewed = scene.order !== undefined;
  const recorder = new StreamRecorder({ ...options, ...recorded, isSkewed }, window);
  if (isSkewed) window.pass(startNs);
  const watched = watch(recorder);
  const sender = senderOf(scene, clock);
  const { stopMs } = scene;
  if (stopMs !== undefined) void clock.sleep(stopMs * ms).then(() => window.cut(clock.now()));
  const timeoutNs = timeoutMs * ms;
  return {
    load: { order, recorder, window, timeoutNs, send: sender.send },
    played: () => ({ report: recorder.report(), window, sent: sender.sent, ...watched }),
  };
}

/** Keeps a copy of each request that a recorder is told of. */
function watch(recorder: StreamRecorder): Pick<Played, 'flights' | 'dropped'> {
  const flights: Ended[] = [];
  const dropped: Played['dropped'][number][] = [];
  const succeed = recorder.succeed.bind(recorder);
  const fail = recorder.fail.bind(recorder);
  const drop = recorder.drop.bind(recorder);
  recorder.succeed = (flight, hits) => {
    flights.push({ ...flight });
    succeed(flight, hits);
  };
  recorder.fail = (flight, code, message) => {
    flights.push({ ...flight, code });
    fail(flight, code, message);
  };
  recorder.drop = (intendedNs, nowNs) => {
    dropped.push({ intendedNs, nowNs });
    drop(intendedNs, nowNs);
  };
  return { flights, dropped };
}

/** The store: counts what it was sent, and answers or fails when the delay is over. */
function senderOf(scene: BareScene, clock: VirtualClock) {
  const { batch = 1, k = 1, engineNs } = scene;
  const answer = (request: number, body: number): Hits => {
    const error = scene.error?.(request, clock.now());
    if (error !== undefined) throw error;
    const ids = new Int32Array(batch * k).fill(body);
    return engineNs === undefined ? { ids } : { ids, engineNs };
  };
  const sender = {
    sent: 0,
    send: (body: number): Promise<Hits> => {
      const request = sender.sent;
      sender.sent += 1;
      const thrown = scene.thrown?.(request);
      if (thrown !== undefined) throw thrown;
      const delayNs = Math.round(scene.delayMs(request, body, clock.now()) * ms);
      if (delayNs === Number.POSITIVE_INFINITY) return new Promise(() => undefined);
      if (scene.inTurn !== true) return clock.sleep(delayNs).then(() => answer(request, body));
      clock.spend(delayNs);
      return Promise.resolve(answer(request, body));
    },
  };
  return sender;
}

/** Plays a closed load of one worker from beginning to end. */
export function play(scene: Scene): Promise<Played> {
  const clock = new VirtualClock();
  return clock.run(begin(scene, { clock, passedAtNs: new Float64Array(1), worker: 0 }));
}

/** Plays an open load of one worker from beginning to end. */
export function playOpen(scene: OpenScene, faults: ClockFaults = {}): Promise<Played> {
  const clock = new VirtualClock(faults);
  return clock.run(beginOpen(scene, { clock, passedAtNs: new Float64Array(1), worker: 0 }));
}

/** A store that works on one request after the other: the delay is the wait and the service. */
export function oneByOne(serviceMs: number): BareScene['delayMs'] {
  let freeNs = 0;
  return (_request, _body, nowNs) => {
    freeNs = Math.max(freeNs, nowNs) + serviceMs * ms;
    return (freeNs - nowNs) / ms;
  };
}

/** Count and percentiles of a histogram of a report, in milliseconds. */
export function timesOf(bytes: Uint8Array | undefined): {
  readonly count: number;
  readonly at: (percentile: number) => number;
  readonly maxMs: number;
} {
  if (bytes === undefined) throw new Error('there is no such histogram');
  const histogram = decodeHistogram(bytes);
  return {
    count: histogram.totalCount,
    at: (percentile) => histogram.getValueAtPercentile(percentile) / ms,
    maxMs: histogram.maxValue / ms,
  };
}

/** The first value of each record: which queries were answered, in the order of the answers. */
export function answeredQueries(report: StreamReport, k: number): number[] {
  const { answers } = report;
  return Array.from(
    { length: answers.length / (k + 1) },
    (_, record) => answers[record * (k + 1)],
  ).map((query) => query as number);
}

/** Of each request in milliseconds, by intended time: when it was sent, and when it ended. */
export function courseOf({ flights }: Played): { intended: number; sent: number; done: number }[] {
  return [...flights]
    .sort((a, b) => a.intendedNs - b.intendedNs)
    .map(({ intendedNs, sentNs, doneNs }) => ({
      intended: intendedNs / ms,
      sent: sentNs / ms,
      done: doneNs / ms,
    }));
}

/** HdrHistogram with 3 digits keeps a value to one part in a thousand. */
export function assertMs(found: number, expectedMs: number): void {
  assert.ok(Math.abs(found - expectedMs) <= expectedMs / 1000, `${found} ms, not ${expectedMs}`);
}
