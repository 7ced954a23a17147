import { fixedDurationS, phasesOf } from '../load/phases.js';
import type { Load } from '../result.js';
import type { Suite, SuiteLoad, SuiteStream } from '../suite.js';
import { type AskedOfPayload, checkPayload, type PayloadTypes, variantsOf } from './payload.js';
import { checkQueries, type PlannedQueries, plannedQueries, type QueryLogs } from './queries.js';

/** One stream at one load point. */
export interface PlannedStream extends AskedOfPayload {
  readonly name: string;
  readonly operation: 'search';
  readonly k: number;
  readonly load: Load;
  /** Absent for the even cycle. */
  readonly queries?: PlannedQueries;
}

/** Requests in flight of an open load that does not say. */
const defaultMaxInFlight = 64;
/** Ramps and spikes keep the times of every request: 24 bytes each. */
const mostOutcomes = 2_000_000;

/** Every combination of the load points of the streams of a suite. */
export function loadPoints(suite: Suite, logs: QueryLogs): (readonly PlannedStream[])[] {
  let all: PlannedStream[][] = [[]];
  suite.streams.forEach((stream, number) => {
    const queries = plannedQueries(stream, logs);
    const order = queries === undefined ? {} : { queries };
    const own = streamPoints(suite, stream, number).map((point) => ({ ...point, ...order }));
    all = all.flatMap((chosen) => own.map((point) => [...chosen, point]));
  });
  return all;
}

/** Seconds of the window of streams measured together, at least. */
export function windowS(streams: readonly PlannedStream[], suite: Suite): number {
  const { durationS } = suite.measure;
  const fixed = streams.flatMap(({ load }) => fixedDurationS(load, durationS) ?? []);
  return fixed.length > 0 ? Math.max(...fixed) : durationS;
}

/** What the streams of a suite are checked against. */
export interface StreamContext {
  /** Of the dataset. */
  readonly rows: number;
  readonly payload: PayloadTypes;
  readonly logs: QueryLogs;
}

/** A sentence for each mistake in the streams of a suite. */
export function checkStreams(suite: Suite, { rows, payload, logs }: StreamContext): string[] {
  const names = suite.streams.map(nameOfStream);
  return suite.streams.flatMap((stream, number) => {
    const place = `streams[${number}]`;
    const name = names[number] as string;
    const first = names.indexOf(name);
    return [
      ...(stream.k > rows ? [`${place}.k must be 1..${rows} (rows), got ${stream.k}`] : []),
      ...(first < number ? [`${place}.name ${name} is that of streams[${first}] too`] : []),
      ...checkQueries(stream, logs).map((mistake) => `${place}${mistake}`),
      ...checkPayload(stream, payload).map((mistake) => `${place}${mistake}`),
      ...stream.load.flatMap((load, index) => {
        const at = `${place}.load[${index}]`;
        return checkLoad(load, suite).map((mistake) => `${at}${mistake}`);
      }),
    ];
  });
}

function checkLoad(load: SuiteLoad, suite: Suite): string[] {
  if (load.kind === 'closed') return [];
  const { workers = 1 } = suite.measure;
  const mistakes: string[] = [];
  const { maxInFlight = defaultMaxInFlight } = load;
  if (maxInFlight < workers) {
    mistakes.push(`.maxInFlight must be at least ${workers} (measure.workers), got ${maxInFlight}`);
  }
  if (load.kind === 'open') return mistakes;
  if (load.kind === 'ramp' && load.toQps <= load.fromQps) {
    mistakes.push(`.toQps must be above ${load.fromQps} (fromQps), got ${load.toQps}`);
  }
  if (load.kind === 'spike' && load.burstQps <= load.baseQps) {
    mistakes.push(`.burstQps must be above ${load.baseQps} (baseQps), got ${load.burstQps}`);
  }
  if (suite.streams.length > 1) {
    mistakes.push(`.kind must be closed or open beside other streams, got ${load.kind}`);
  }
  const requests = requestsOf(load, suite);
  if (requests > mostOutcomes) {
    const most = `at most ${mostOutcomes} requests (every one is kept)`;
    mistakes.push(` must come to ${most}, got ${Math.round(requests)}`);
  }
  return mistakes;
}

/** Requests of a ramp or spike, each of one query. */
function requestsOf(load: SuiteLoad, suite: Suite): number {
  return pointsOf(load, suite, 1)
    .flatMap((point) => phasesOf(point, suite.measure.durationS))
    .reduce((sum, { rateQps, durationS }) => sum + rateQps * durationS, 0);
}

/** The name of a stream: its own, or that of its operation. */
export function nameOfStream({ name, operation }: SuiteStream, number: number): string {
  return name ?? (number === 0 ? operation : `${operation}-${number}`);
}

function streamPoints(suite: Suite, stream: SuiteStream, number: number): PlannedStream[] {
  const { operation, k, batch = 1 } = stream;
  const variants = variantsOf(stream).map(({ suffix, places: _, ...asked }) => {
    return { name: `${nameOfStream(stream, number)}${suffix}`, operation, k, ...asked };
  });
  return stream.load.flatMap((load) =>
    listOf(batch)
      .flatMap((itemsPerRequest) => pointsOf(load, suite, itemsPerRequest))
      .flatMap((point) => variants.map((variant) => ({ ...variant, load: point }))),
  );
}

function listOf(value: number | readonly number[]): readonly number[] {
  return typeof value === 'number' ? [value] : value;
}

/** A load with its lists resolved and its defaults filled in. */
function pointsOf(load: SuiteLoad, { measure }: Suite, itemsPerRequest: number): Load[] {
  const { workers = 1, durationS, pacer = 'sleep' } = measure;
  if (load.kind === 'closed') {
    return listOf(load.concurrency).map((concurrency) => ({
      kind: 'closed',
      concurrency,
      workers: Math.min(workers, concurrency),
      connections: concurrency,
      itemsPerRequest,
    }));
  }
  const { maxInFlight = defaultMaxInFlight, arrivals = 'constant' } = load;
  const flow = { maxInFlight, workers, connections: maxInFlight, itemsPerRequest };
  const paced = { arrivals, pacer, ...flow };
  if (load.kind === 'open') {
    return listOf(load.rateQps).map((rateQps) => ({ kind: 'open', rateQps, ...paced }));
  }
  if (load.kind === 'ramp') return [{ ...load, stepS: load.stepS ?? durationS, ...paced }];
  const { beforeS = durationS, afterS = durationS } = load;
  return [{ ...load, beforeS, afterS, ...paced }];
}
