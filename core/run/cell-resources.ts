import type { WorkerReport } from '../load/assignment.js';
import type { CellOutcome } from '../load/crew.js';
import type { WindowCounters } from '../load/window-watch.js';
import type { ProcessMemory } from '../resources/process.js';
import type { Sample } from '../resources/sample.js';
import type { Cell } from '../result.js';
import { nsPerS } from '../units.js';
import { sampleFigures } from './sample-figures.js';
import { resourceTimeline } from './samples.js';
import { memoryByKind } from './watching.js';

/** What was seen of a cell's resources, beside what was counted at both ends of its window. */
export interface CellWatch {
  /** Each told where it lies: before the window, in it, or after. */
  readonly samples: readonly Sample[];
  /** Samples a second that were asked for. */
  readonly hz: number;
  /** The names of what the store states that only grow. */
  readonly counters: ReadonlySet<string>;
  /** Memory of the store's processes after the window. */
  readonly memory: ProcessMemory | undefined;
  /** When the cell began, on the clock that all threads share. */
  readonly startedNs?: number;
}

/** Nothing was looked at. */
export const notWatched: CellWatch = {
  samples: [],
  hz: 0,
  counters: new Set(),
  memory: undefined,
};

/** What a cell took; what was not measured is absent. */
export function resourcesOf(
  { reports, counters }: CellOutcome,
  items: number,
  watch: CellWatch,
): Cell['resources'] {
  const read: Partial<WindowCounters> = counters ?? {};
  const { lastedNs = 0, network } = read;
  const { samples, hz, memory } = watch;
  const sampled = sampleFigures(samples, { items, lastedNs, hz, counters: watch.counters });
  const worst = (of: (report: WorkerReport) => number): number => Math.max(...reports.map(of));
  const perItem = (count: number | undefined): number | undefined =>
    items === 0 || count === undefined ? undefined : count / items;
  return withoutAbsent({
    server: {
      cpuUsPerRequest: perItem(read.serverCpuUs),
      ...sampled.server,
      ...(memory !== undefined && memoryByKind(memory)),
      readBytesPerRequest: perItem(read.serverReadBytes),
      writeBytesPerRequest: perItem(read.serverWriteBytes),
      ...(network !== undefined &&
        items > 0 && {
          network: {
            receivedBytesPerRequest: perItem(network.receivedBytes),
            sentBytesPerRequest: perItem(network.sentBytes),
            loopbackReceivedBytesPerRequest: perItem(network.loopbackReceivedBytes),
            loopbackSentBytesPerRequest: perItem(network.loopbackSentBytes),
          },
        }),
    },
    client: {
      cpuUsPerRequest: perItem(read.clientCpuUs),
      eventLoopUtilization: worst(({ resources }) => resources.eventLoopUtilization),
      loopDelayMsP99: worst(({ resources }) => resources.loopDelayMsP99),
      gcPauseMsMax: worst(({ resources }) => resources.gcPauseMsMax),
      ...sampled.client,
      workers: reports.map(({ resources }) => ({ ...resources })),
    },
    gpus: sampled.gpus,
    sampler: sampled.sampler,
    throttled: { clientFraction: read.clientThrottled, serverFraction: read.serverThrottled },
    host: { stealFraction: read.stealFraction, foreignCpuFraction: read.foreignCpuFraction },
    timeline: timelineOf(watch, { beganNs: read.beganNs, windowNs: longestOf(reports) }),
  });
}

function longestOf(reports: readonly WorkerReport[]): number {
  return Math.max(...reports.flatMap(({ streams }) => streams.map(({ windowNs }) => windowNs)));
}

/** As long as the streams of the window had it; a figure that no second has is left out. */
function timelineOf(
  { samples, startedNs }: CellWatch,
  { beganNs, windowNs }: { readonly beganNs: number | undefined; readonly windowNs: number },
): Cell['resources']['timeline'] {
  const within = samples.filter((sample) => (sample.windowNs ?? 0) < windowNs);
  const { secondS, ...figures } = resourceTimeline(within);
  const known = Object.entries(figures).filter(([, values]) => values.some((one) => one !== null));
  if (known.length === 0) return undefined;
  const isPlaced = startedNs !== undefined && beganNs !== undefined;
  return {
    ...(isPlaced && { beginS: Math.max(beganNs - startedNs, 0) / nsPerS }),
    secondS: [...secondS],
    ...Object.fromEntries(known),
  };
}

function withoutAbsent(resources: object): Cell['resources'] {
  return JSON.parse(JSON.stringify(resources)) as Cell['resources'];
}
