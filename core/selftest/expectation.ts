import { deriveSeed, seededRandom } from '../random.js';
import { nsPerS } from '../units.js';
import { type Expected, expectClosed, expectOpen, type WindowTimes } from './expected.js';
import { intendedTimes } from './intended.js';
import type { Measured } from './measured.js';
import type { Played } from './play.js';
import type { ServiceEntry } from './service-log.js';

/**
 * What a scenario must have measured. Of the harness's own words only the moment at which its
 * window opened, its length, and, of a closed load, how many requests it counts are taken.
 *
 * @returns undefined when no worker reported
 */
export function expectedOf(played: Played, { requests }: Measured): Expected | undefined {
  const { scenario, reports, log, serverLog } = played;
  const [report] = reports;
  if (report === undefined) return undefined;
  const window = { startNs: report.startNs, endNs: report.startNs + report.windowNs };
  const { load } = scenario;
  const { entries } = log;
  const expected =
    load.kind === 'closed'
      ? expectClosed({
          window,
          entries,
          callers: Number(load.concurrency),
          sent: requests?.sent ?? 0,
        })
      : expectOpen({ window, entries, intended: intendedOf(played, window) });
  if (serverLog === undefined) return expected;
  return { ...expected, serverNs: lastOf(serverLog.entries, expected.serviceNs.length) };
}

/** What a server took for the last requests: those of the window, for nothing follows it. */
function lastOf(entries: readonly ServiceEntry[], count: number): number[] {
  return entries
    .slice(Math.max(entries.length - count, 0))
    .map(({ arrivedNs, endedNs }) => endedNs - arrivedNs)
    .sort((a, b) => a - b);
}

function intendedOf({ scenario, assignments }: Played, window: WindowTimes): number[][] {
  const { load, workers, warmUpS, batch = 1 } = scenario;
  if (load.kind !== 'open') return [];
  return assignments.map(({ seed }, worker) =>
    intendedTimes({
      kind: load.arrivals ?? 'constant',
      perS: Number(load.rateQps) / batch,
      worker,
      workers,
      goNs: window.startNs - warmUpS * nsPerS,
      endNs: window.endNs,
      // The numbers that this worker drew.
      random: seededRandom(deriveSeed(seed, `arrivals/search/${worker}`)),
    }),
  );
}
