import { describeWork } from '../load/describe-work.js';
import { fewestPairs } from '../plan/pairs.js';
import { deriveSeed } from '../random.js';
import type { Noise } from '../result/noise.js';
import type { Cell, Summary } from '../result.js';
import { readings } from '../run/readings.js';
import { noiseOfPairs } from './metric-noise.js';
import { countedPairs, type MeasuredPair } from './pairs.js';

/** What the noise of an A/A run is found from. */
export interface NoiseInput {
  /** All attempts in the order of measuring. */
  readonly cells: readonly Cell[];
  readonly summaries: readonly Summary[];
  readonly seed: number;
}

/** The noise of a run, and why it is not known of some points. */
export interface RunNoise {
  readonly noise: Noise[];
  /** A sentence for each point with fewer than 4 pairs that count. */
  readonly unknown: string[];
}

/**
 * The noise of each metric of time, rate or processor use at each point, from the pairs that count.
 * A metric that a half lacks, or that is 0 in one, has none.
 */
export function noiseOf(input: NoiseInput): RunNoise {
  const pairs = countedPairs(input.cells);
  const noise: Noise[] = [];
  const unknown = new Set<string>();
  for (const summary of input.summaries) {
    const own = pairs.filter(({ base }) => isOf(base, summary));
    if (own.length < fewestPairs) {
      unknown.add(fewPairs(input, summary, own.length));
    } else {
      noise.push(...noiseOfSummary(summary, own, input.seed));
    }
  }
  return { noise, unknown: [...unknown] };
}

function isOf({ build, key }: Cell, summary: Summary): boolean {
  return build === summary.build && key === summary.key;
}

function fewPairs({ cells }: NoiseInput, summary: Summary, counted: number): string {
  const own = cells.filter((cell) => isOf(cell, summary));
  const planned = new Set(own.map(({ pair }) => pair)).size;
  const search = Object.entries(summary.search).map(([name, value]) => ` ${name}=${value}`);
  const where = `${summary.build}${search.join('')}, ${describeWork(summary)}`;
  const what = `${where}: ${counted} of ${planned} pairs count`;
  return `${what}, so its noise is not known; ${fewestPairs} are needed`;
}

function noiseOfSummary(summary: Summary, pairs: readonly MeasuredPair[], seed: number): Noise[] {
  const { key, target, build, stream, operation } = summary;
  const metrics = Object.keys(readings).filter((metric) => isCompared(summary, metric));
  return metrics.flatMap((metric) => {
    const values = pairs.flatMap(({ base, head, inOrder }) => {
      const of = { base: read(base, summary, metric), head: read(head, summary, metric) };
      if (of.base === undefined || of.head === undefined) return [];
      return [{ base: of.base, head: of.head, isBaseFirst: inOrder[0] === base }];
    });
    // A percentile that some windows are too short for is not the percentile of the others.
    if (values.length < pairs.length) return [];
    const found = noiseOfPairs(values, deriveSeed(seed, `noise/${key}/${metric}`));
    return found === undefined ? [] : [{ key, target, build, stream, operation, metric, ...found }];
  });
}

function read(cell: Cell, summary: Summary, metric: string): number | undefined {
  const stream = cell.streams.find(({ name }) => name === summary.stream);
  const operation = stream?.operations[summary.operation];
  if (stream === undefined || operation === undefined) return undefined;
  return readings[metric]?.({ cell, stream, operation });
}

/**
 * Whether a metric may be compared at a point at all. The throughput of a load that does not wait
 * is what was offered; the latency of a saturated store depends on how long one measures; and what
 * the pacer moved, or is, is not the store's.
 */
function isCompared({ load, saturated, pacerLimited }: Summary, metric: string): boolean {
  if (pacerLimited?.includes(metric) === true || metric.startsWith('pacerLag')) return false;
  const isOffered = ['throughputQps', 'requestsPerS', 'offeredQps'].includes(metric);
  if (isOffered) return load.kind === 'closed';
  return saturated !== true || !/Ms(?:P\d+|Max)$/.test(metric) || load.kind === 'closed';
}
