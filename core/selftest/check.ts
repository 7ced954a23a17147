import { nsPerMs } from '../units.js';
import type { Expected, Range } from './expected.js';
import type { Measured, PercentilesMs } from './measured.js';
import { nearestRank, percentileNames, percentiles } from './percentiles.js';
import type { Check } from './result.js';
import type { Scenario } from './scenario.js';

/** A range, or only its lower end. */
type Bounds = Pick<Range, 'low'> & Partial<Range>;

const floorMs = 0.3;
const shareOf = { sleep: 0.03, spin: 0.01 } as const;
const recallAllowed = 1e-12;
// A histogram tells values apart to a thousandth.
const resolution = 0.001;

/** What must be, and what is. */
interface Pair {
  /** `high` is absent of what must be at least `low`. */
  readonly expected: Bounds;
  readonly measured: number | undefined;
  readonly allowed: number;
}

/** Compares everything that was measured of one scenario with what it must be. */
export function checkScenario(
  scenario: Scenario,
  expected: Expected,
  measured: Measured,
): readonly Check[] {
  const row = (figure: string, unit: Check['unit'], pair: Pair): Check =>
    compare({ scenario: scenario.name, figure, unit }, pair);
  return [
    ...countPairs(scenario, expected, measured).map(([figure, pair]) =>
      row(figure, 'requests', pair),
    ),
    row('window', 'seconds', {
      // It waits for every query to be answered once.
      expected: { low: scenario.durationS },
      measured: measured.windowS,
      allowed: 0,
    }),
    row('recall', 'recall', {
      expected: exactly(scenario.recall),
      measured: measured.recall,
      allowed: recallAllowed,
    }),
    ...timePairs(scenario, expected, measured).map(([figure, pair]) => row(figure, 'ms', pair)),
  ];
}

type Named = readonly [figure: string, pair: Pair];

function countPairs({ load: { kind } }: Scenario, expected: Expected, measured: Measured): Named[] {
  const { requests, failedByCode, answered, answeredBySecond } = measured;
  const count = (figure: string, range: Range, value: number | undefined): Named => [
    figure,
    { expected: range, measured: value, allowed: 0 },
  ];
  const names = ['offered', 'sent', 'completed', 'failed', 'dropped'] as const;
  return [
    ...names.map((name) => count(name, expected.requests[name], requests?.[name])),
    ...(requests === undefined
      ? []
      : [
          count('sent + dropped', exactly(requests.offered), requests.sent + requests.dropped),
          count('completed + failed', exactly(requests.sent), requests.completed + requests.failed),
        ]),
    count('failed, by code', expected.requests.failed, failedByCode),
    count('in service percentiles', expected.requests.sent, measured.serviceCount),
    // Those that were never sent waited all the same.
    ...(kind === 'closed'
      ? []
      : [count('in response percentiles', expected.requests.offered, measured.responseCount)]),
    // A rate times a time is whole but for rounding.
    count('answered', expected.answered, whole(answered)),
    count('answered, by the second', expected.answered, answeredBySecond),
  ];
}

function whole(value: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  const nearest = Math.round(value);
  return Math.abs(value - nearest) < 1e-6 ? nearest : value;
}

function timePairs(scenario: Scenario, expected: Expected, measured: Measured): Named[] {
  const { serviceNs, responseNs, serverNs } = expected;
  return [
    ...percentilePairs(scenario, { sortedNs: serviceNs, ms: measured.serviceMs }).map(
      ([name, pair]): Named => [`service ${name}`, pair],
    ),
    ...(responseNs === undefined
      ? []
      : percentilePairs(scenario, { sortedNs: responseNs, ms: measured.responseMs }).map(
          ([name, pair]): Named => [`response ${name}`, pair],
        )),
    ...(serverNs === undefined ? [] : serverPairs(serverNs, measured.serviceMs)),
  ];
}

function percentilePairs(
  { pacer }: Scenario,
  { sortedNs, ms }: { sortedNs: readonly number[]; ms: PercentilesMs },
): Named[] {
  return percentileNames.map((name) => {
    const expected = nearestRank(sortedNs, percentiles[name]) / nsPerMs;
    const allowed = Math.max(shareOf[pacer] * expected, floorMs);
    return [name, { expected: exactly(expected), measured: ms[name], allowed }];
  });
}

/** On the way to a server and back time passes that its log does not hold: never less. */
function serverPairs(sortedNs: readonly number[], ms: PercentilesMs): Named[] {
  return percentileNames.map((name) => {
    const low = nearestRank(sortedNs, percentiles[name]) / nsPerMs;
    const pair = { expected: { low }, measured: ms[name], allowed: resolution * low };
    return [`service ${name}, at least the server's`, pair];
  });
}

function exactly(value: number): Range {
  return { low: value, high: value };
}

function compare(
  named: Pick<Check, 'scenario' | 'figure' | 'unit'>,
  { expected: { low, high }, measured, allowed }: Pair,
): Check {
  const range = low === high ? {} : high === undefined ? { low } : { low, high };
  if (measured === undefined) {
    return { ...named, expected: low, ...range, allowed, ok: false };
  }
  const nearest = Math.min(Math.max(measured, low), high ?? Number.POSITIVE_INFINITY);
  const ok = Math.abs(measured - nearest) <= allowed;
  // Of what has no upper end it is shown how far it lies above the lower one.
  const expected = high === undefined ? low : nearest;
  const difference = measured - expected;
  return { ...named, expected, ...range, measured, difference, allowed, ok };
}

/** What the open load shows of a stall, and the closed load hides. */
export interface ClassicP99 {
  /** Of the closed load: named by its scenario. */
  readonly scenario: string;
  readonly openMs: number | undefined;
  readonly closedMs: number | undefined;
  readonly stallMs: number;
}

/**
 * Shows that a closed loop hides a stall: the p99 that users waited is more times what it says than
 * a tenth of the stall's milliseconds, 100 times for one second.
 */
export function checkClassic({ scenario, openMs, closedMs, stallMs }: ClassicP99): Check {
  const ratio = openMs === undefined || closedMs === undefined ? undefined : openMs / closedMs;
  return compare(
    { scenario, figure: 'open response p99 / closed service p99', unit: 'times' },
    {
      expected: { low: stallMs / 10 },
      measured: ratio,
      allowed: 0,
    },
  );
}

/** The exit code of a self-test: 1 when anything is off, or nothing was checked. */
export function exitCodeOf(checks: readonly Check[]): 0 | 1 {
  return checks.length > 0 && checks.every(({ ok }) => ok) ? 0 : 1;
}
