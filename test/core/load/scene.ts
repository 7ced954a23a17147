import type { Hits } from '../../../core/adapter.js';
import type { StreamReport } from '../../../core/load/assignment.js';
import { runClosed } from '../../../core/load/closed.js';
import { StreamRecorder } from '../../../core/load/recorder.js';
import { MeasureWindow } from '../../../core/load/window.js';
import { decodeHistogram } from '../../../core/measure/histogram.js';
import { VirtualClock } from './virtual-clock.js';

export const ms = 1_000_000;

/** What a load in virtual time is; times in milliseconds. */
export interface Scene {
  /** Gives the delay of the nth request, counted from 0; Infinity never answers. */
  readonly delayMs: (request: number, body: number) => number;
  /** Makes the nth request fail when its delay is over. */
  readonly error?: (request: number, nowNs: number) => Error | undefined;
  readonly concurrency?: number;
  readonly bodies?: number;
  readonly batch?: number;
  readonly queries?: number;
  readonly warmUpMs?: number;
  readonly durationMs: number;
  readonly maxMs?: number;
  readonly timeoutMs?: number;
  readonly k?: number;
  readonly engineNs?: number;
}

/** How a load in virtual time ended. */
export interface Played {
  readonly report: StreamReport;
  readonly window: MeasureWindow;
  readonly sent: number;
  readonly endedNs: number;
}

/** Where several workers meet. */
export interface Stage {
  readonly clock: VirtualClock;
  readonly passedAtNs: Float64Array;
  readonly worker: number;
}

/** Begins a load; it goes on as the clock is run. */
export async function begin(scene: Scene, stage: Stage): Promise<Played> {
  const { clock } = stage;
  const { concurrency = 1, bodies = 4, batch = 1, warmUpMs = 0, durationMs, k = 1 } = scene;
  const queries = scene.queries ?? bodies * batch;
  const startNs = warmUpMs * ms;
  const endNs = startNs + durationMs * ms;
  const maxEndNs = startNs + (scene.maxMs ?? 100 * durationMs) * ms;
  const times = { startNs, minEndNs: endNs, maxEndNs };
  const window = new MeasureWindow(times, stage.passedAtNs, stage.worker);
  const batches = Array.from({ length: bodies }, (_, body) => body);
  const options = { name: 'search', kind: 'closed', k, batch, queries, batches } as const;
  const recorder = new StreamRecorder({ ...options, maxJudged: undefined, seed: 1 }, window);
  let sent = 0;
  const send = async (body: number): Promise<Hits> => {
    const request = sent;
    sent += 1;
    const delayMs = scene.delayMs(request, body);
    if (delayMs === Number.POSITIVE_INFINITY) return new Promise(() => undefined);
    await clock.sleep(delayMs * ms);
    const error = scene.error?.(request, clock.now());
    if (error !== undefined) throw error;
    const ids = new Int32Array(batch * k).fill(body);
    return scene.engineNs === undefined ? { ids } : { ids, engineNs: scene.engineNs };
  };
  const timeoutNs = (scene.timeoutMs ?? 10_000) * ms;
  await runClosed({ clock, concurrency, bodies, send, recorder, window, timeoutNs });
  return { report: recorder.report(), window, sent, endedNs: clock.now() };
}

/** Plays a load of one worker from beginning to end. */
export function play(scene: Scene): Promise<Played> {
  const clock = new VirtualClock();
  return clock.run(begin(scene, { clock, passedAtNs: new Float64Array(1), worker: 0 }));
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
