import type { Sample } from '../resources/sample.js';
import type { Cell } from '../result.js';
import { mean, median } from '../stats/quantile.js';

/** What the samples of a window are put together with. */
export interface WindowFacts {
  /** Queries answered in the window. */
  readonly items: number;
  readonly lastedNs: number;
  /** Samples a second that were asked for. */
  readonly hz: number;
  /** The names of what the store states that only grow. */
  readonly counters: ReadonlySet<string>;
}

/** Figures of a cell that come from its samples; what was not sampled is absent. */
export interface SampleFigures {
  readonly server: Partial<Cell['resources']['server']>;
  readonly client: Partial<Cell['resources']['client']>;
  readonly gpus?: NonNullable<Cell['resources']['gpus']>;
  readonly sampler?: NonNullable<Cell['resources']['sampler']>;
}

/**
 * Says of each sample of a cell where it lies: before its window, in it, or after.
 *
 * @param window undefined when it never opened
 */
export function placed(
  samples: readonly Sample[],
  cell: string,
  window: { readonly beganNs?: number; readonly lastedNs: number } | undefined,
): readonly Sample[] {
  const { beganNs, lastedNs = 0 } = window ?? {};
  if (beganNs === undefined) return samples;
  return samples.map((sample): Sample => {
    if (sample.cell !== cell) return sample;
    const windowNs = sample.atNs - beganNs;
    const phase = windowNs < 0 ? 'warm-up' : windowNs <= lastedNs ? 'window' : 'after';
    return { ...sample, phase, windowNs };
  });
}

/** Steady is the median of the samples of the window, the peak the largest of them. */
export function sampleFigures(samples: readonly Sample[], facts: WindowFacts): SampleFigures {
  const rows = samples.filter(({ phase }) => phase === 'window');
  if (rows.length === 0) return { server: {}, client: {} };
  const resident = rows.flatMap(({ server }) => server?.rssBytes ?? []);
  const client = rows.map((row) => row.client.rssBytes);
  const cgroup = groupOf(rows);
  const stated = statedOf(rows, facts);
  const gpus = gpusOf(rows);
  return {
    server: {
      ...(resident.length > 0 && {
        rssBytes: wholeMedian(resident),
        rssPeakBytes: largest(resident),
      }),
      ...(cgroup !== undefined && { cgroup }),
      ...(stated !== undefined && { stated }),
    },
    client: { rssBytes: wholeMedian(client), rssPeakBytes: largest(client) },
    ...(gpus.length > 0 && { gpus }),
    sampler: { hz: facts.hz, samples: rows.length, ...costOf(rows) },
  };
}

/** Bytes are whole. */
function wholeMedian(values: readonly number[]): number {
  return Math.round(median(values));
}

const groupFields = ['anonBytes', 'fileBytes', 'shmemBytes', 'workingSetBytes'] as const;

function groupOf(rows: readonly Sample[]): Cell['resources']['server']['cgroup'] {
  const read = rows.flatMap(({ cgroup }) => cgroup ?? []);
  if (read.length === 0) return undefined;
  const [anonBytes, fileBytes, shmemBytes, workingSetBytes] = groupFields.map((field) =>
    wholeMedian(read.map((usage) => usage[field])),
  ) as [number, number, number, number];
  return { anonBytes, fileBytes, shmemBytes, workingSetBytes };
}

/** Of a gauge the median; of a counter what it grew by, at its mean rate, for each query. */
function statedOf(rows: readonly Sample[], facts: WindowFacts): Record<string, number> | undefined {
  const said = rows.flatMap(({ stated }) => stated ?? []);
  const names = [...new Set(said.flatMap(({ values }) => Object.keys(values)))];
  const figures = names.flatMap((name): [string, number][] => {
    const points = said.flatMap(({ atNs, values }) => {
      const value = values[name];
      return value === undefined ? [] : [{ atNs, value }];
    });
    if (facts.counters.has(name)) return growthOf(name, points, facts);
    if (name === 'diskBytes') return [[name, points.at(-1)?.value ?? Number.NaN]];
    return [[name, median(points.map(({ value }) => value))]];
  });
  return figures.length === 0 ? undefined : Object.fromEntries(figures);
}

function growthOf(
  name: string,
  points: readonly { readonly atNs: number; readonly value: number }[],
  { items, lastedNs }: WindowFacts,
): [string, number][] {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || last.atNs <= first.atNs || items === 0)
    return [];
  const grown = last.value - first.value;
  // One that fell was begun anew.
  if (grown < 0) return [];
  const perQuery = ((grown / (last.atNs - first.atNs)) * lastedNs) / items;
  if (name === 'cpuSeconds') return [['cpuUsPerRequest', perQuery * 1e6]];
  return [[`${name}PerRequest`, perQuery]];
}

function gpusOf(rows: readonly Sample[]): NonNullable<Cell['resources']['gpus']> {
  const read = rows.flatMap(({ gpus }) => gpus ?? []);
  const indexes = [...new Set(read.map(({ index }) => index))].sort((a, b) => a - b);
  return indexes.map((index) => {
    const own = read.filter((reading) => reading.index === index);
    const used = own.flatMap(({ usedBytes }) => usedBytes ?? []);
    const busy = own.flatMap(({ busyFraction }) => busyFraction ?? []);
    const power = own.flatMap(({ powerW }) => powerW ?? []);
    return {
      index,
      ...(used.length > 0 && { usedPeakBytes: largest(used) }),
      ...(busy.length > 0 && { busyFraction: mean(busy) }),
      ...(power.length > 0 && { powerW: mean(power) }),
    };
  });
}

/** Of many: more than a call takes as arguments. */
function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value));
}

/** Processor time of the sampling thread, as a share of a core, between the first and the last. */
function costOf(rows: readonly Sample[]): { cpuFraction?: number } {
  const known = rows.filter(({ samplerCpuNs }) => samplerCpuNs !== undefined);
  const first = known[0];
  const last = known.at(-1);
  if (first === undefined || last === undefined) return {};
  const lastedNs = last.atNs - first.atNs;
  if (lastedNs <= 0) return {};
  return {
    cpuFraction: ((last.samplerCpuNs as number) - (first.samplerCpuNs as number)) / lastedNs,
  };
}

const knownCounters = ['cpuSeconds', 'readBytes', 'writeBytes'];

/**
 * The names of what a store states that only grow: those that are known to, and those whose sample
 * is called `..._total`, as Prometheus wants it of counters.
 *
 * @param names by our name the sample, with its labels or without
 */
export function statedCounters(names: Readonly<Record<string, string>>): ReadonlySet<string> {
  const grows = ([name, selector]: [string, string]): boolean =>
    knownCounters.includes(name) || /_total(\{.*\})?$/.test(selector.trim());
  return new Set(
    Object.entries(names)
      .filter(grows)
      .map(([name]) => name),
  );
}
