import { deriveSeed, seededRandom } from '../random.js';
import { nsPerS } from '../units.js';
import {
  type Expected,
  expectClosed,
  expectOpen,
  readingNs,
  type WindowTimes,
} from './expected.js';
import { intendedTimes } from './intended.js';
import type { Measured } from './measured.js';
import type { Played } from './play.js';

/**
 * What a scenario must have measured. Of the harness's own words only the moment at which its
 * window opened, its length, and, of a closed load, how many requests it counts are taken.
 *
 * @returns undefined when no worker reported
 */
export function expectedOf(played: Played, { requests }: Measured): Expected | undefined {
  const { scenario, reports, log } = played;
  const [report] = reports;
  if (report === undefined) return undefined;
  const window = { startNs: report.startNs, endNs: report.startNs + report.windowNs };
  const { load, store } = scenario;
  const { entries } = log;
  const common = { window, entries, readingNs: readingNs[store] };
  if (load.kind === 'closed') {
    return expectClosed({
      ...common,
      callers: Number(load.concurrency),
      sent: requests?.sent ?? 0,
    });
  }
  return expectOpen({ ...common, intended: intendedOf(played, window) });
}

function intendedOf(
  { scenario, assignments }: Played,
  { startNs, endNs }: WindowTimes,
): number[][] {
  const { load, workers, warmUpS, batch = 1 } = scenario;
  if (load.kind !== 'open') return [];
  return assignments.map(({ seed }, worker) =>
    intendedTimes({
      kind: load.arrivals ?? 'constant',
      perS: Number(load.rateQps) / batch,
      worker,
      workers,
      goNs: startNs - warmUpS * nsPerS,
      endNs,
      // The numbers that this worker drew.
      random: seededRandom(deriveSeed(seed, `arrivals/search/${worker}`)),
    }),
  );
}
