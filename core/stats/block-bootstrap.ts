import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import { type Random, seededRandom } from '../random.js';
import type { Interval } from './interval.js';
import { quantile7 } from './quantile.js';

/** Of fewer the interval would hold the truth far less often than it says. */
const fewestSeconds = 10;

/** How the blocks are drawn. */
export interface BlockBootstrap {
  readonly seed: number;
  /** In (0, 1); 0.95 when not given. */
  readonly confidence?: number;
  /**
   * Seconds in a row that are drawn together, at least 1. When not given the square root of all:
   * longer than the usual cube root, since a stall may last for seconds.
   */
  readonly blockLength?: number;
  /** 1,000 when not given. */
  readonly replicates?: number;
}

/**
 * The interval of a statistic over a window, by the circular block bootstrap: seconds are drawn in
 * runs of `blockLength` that go on from the end of the window to its begin, so that each second is
 * drawn equally often. What happened within a second, or within a run, stays together: a stall is
 * drawn as a whole or not at all. The ends are percentiles, expanded for the few blocks that there
 * are, without which the interval is too narrow. Of a far percentile such as p99, which hangs on
 * the few worst seconds, it is too narrow still.
 *
 * @param seconds what was measured in each second of the window, in order
 * @param statistic of as many seconds as the window has; called once a replicate
 * @returns undefined where it says too little: below 10 seconds, or below 2 blocks
 * @see Politis and Romano, A Circular Block-Resampling Procedure for Stationary Data (1992)
 * @see Künsch, The Jackknife and the Bootstrap for General Stationary Observations (1989)
 * @see Hesterberg, What Teachers Should Know About the Bootstrap (2015), for expanded percentiles
 */
export function blockInterval<T>(
  seconds: readonly T[],
  statistic: (seconds: readonly T[]) => number,
  options: BlockBootstrap,
): Interval | undefined {
  const { confidence = 0.95, replicates = 1000 } = options;
  const { blockLength = Math.round(Math.sqrt(seconds.length)) } = options;
  const blockCount = seconds.length / blockLength;
  if (seconds.length < fewestSeconds || blockCount < 2) return undefined;
  const random = seededRandom(options.seed);
  const values = Float64Array.from({ length: replicates }, () =>
    statistic(drawBlocks(seconds, blockLength, random)),
  );
  values.sort();
  const tail = expandedTail((1 - confidence) / 2, blockCount);
  return {
    low: quantile7(values, tail),
    high: quantile7(values, 1 - tail),
    method: 'bootstrap over blocks of seconds',
  };
}

/**
 * The tail at which a normal distribution with the divisor n ends where Student's with n - 1 does,
 * n being the blocks.
 */
function expandedTail(tail: number, blockCount: number): number {
  const freedom = blockCount - 1;
  return normalCdf(tQuantile(tail, freedom) * Math.sqrt(blockCount / freedom), 0, 1);
}

/** As many seconds as there are; of the last block what is needed. */
function drawBlocks<T>(seconds: readonly T[], blockLength: number, random: Random): T[] {
  const drawn = new Array<T>(seconds.length);
  let begin = 0;
  for (let index = 0; index < drawn.length; index++) {
    const offset = index % blockLength;
    if (offset === 0) begin = Math.floor(random() * seconds.length);
    drawn[index] = seconds[(begin + offset) % seconds.length] as T;
  }
  return drawn;
}
