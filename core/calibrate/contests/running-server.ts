import type { Adapter } from '../../adapter.js';
import type { Target } from '../../plan.js';
import { type BenchSide, benchContestant, openBench, rowByRow } from '../bench.js';
import type { Contestant, ContestInput, OpenContest } from '../contest.js';
import { held } from '../stores/key-values.js';

/** A store of keys and values, and who asks it beside bench. */
export interface KeyedContest {
  /** The internal adapter that fills the server and asks it in the load workers. */
  readonly adapter: Adapter;
  readonly adapterUrl: string;
  /** Of the internal adapter. */
  readonly options: unknown;
  /** Where the server is, as it may be shown. */
  readonly shown: string;
  /** Who else asks, of the filled store. */
  others(side: BenchSide): readonly Contestant[];
}

/**
 * Fills a server that runs, for bench and others. What was put there is removed when the contest is
 * closed, and when it cannot be opened.
 *
 * @throws BenchError UNREACHABLE and others of the client
 */
export async function openKeyed(
  { name, adapterName }: Target,
  contest: KeyedContest,
  input: ContestInput,
): Promise<OpenContest> {
  const { adapter, adapterUrl, options, shown } = contest;
  const own: Target = { name, adapterName, adapter, adapterUrl, options };
  const side = await openBench(own, input, rowByRow(held.rows));
  try {
    return {
      server: `${side.live.info.version}, ${shown}`,
      contestants: [benchContestant(side, input), ...contest.others(side)],
      close: side.close,
    };
  } catch (error) {
    await side.close();
    throw error;
  }
}
