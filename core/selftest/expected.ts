import type { ServiceEntry } from './service-log.js';

/** A count that a clock reading may leave open: between the two, both included. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** When a window was open. */
export interface WindowTimes {
  readonly startNs: number;
  readonly endNs: number;
}

/** What must have been measured, from what the store noted and when it should have been asked. */
export interface Expected {
  readonly requests: {
    readonly offered: Range;
    readonly sent: Range;
    readonly completed: Range;
    readonly failed: Range;
    readonly dropped: Range;
  };
  /** Requests answered inside the window. */
  readonly answered: Range;
  /** From arrival to answer in the store, ascending. */
  readonly serviceNs: readonly number[];
  /** Of a server behind the store, which must not have taken longer; ascending. */
  readonly serverNs?: readonly number[];
  /** From the intended start to the answer; absent under closed load, or when some were dropped. */
  readonly responseNs?: readonly number[];
}

/** At most between the end of a request and the reading of the clock by who waited for it. */
const readingNs = 1_000_000;

/** What an open load must have measured. */
export interface OpenCase {
  readonly window: WindowTimes;
  /** Of each worker, warm-up counted in, ascending. */
  readonly intended: readonly (readonly number[])[];
  /** In the order of arrival. */
  readonly entries: readonly ServiceEntry[];
}

/**
 * Expects of an open load that the i-th request of each worker is the i-th that was intended: which
 * requests belong to the window follows from the schedule alone. Intended ones that never reached
 * the store are dropped.
 */
export function expectOpen({ window, intended, entries }: OpenCase): Expected {
  const pairs = pairUp(intended, byThread(entries));
  const own = pairs.filter(({ intendedNs }) => isInside(intendedNs, window));
  const sent = own.flatMap(({ entry }) => entry ?? []);
  const dropped = own.length - sent.length;
  const completed = sent.filter(({ ok }) => ok).length;
  const responseNs = own.flatMap(({ intendedNs, entry }) =>
    entry === undefined ? [] : [entry.endedNs - intendedNs],
  );
  return {
    requests: {
      offered: exactly(own.length),
      sent: exactly(sent.length),
      completed: exactly(completed),
      failed: exactly(sent.length - completed),
      dropped: exactly(dropped),
    },
    answered: answeredIn(window, entries),
    serviceNs: ascending(sent.map(serviceOf)),
    ...(dropped === 0 && { responseNs: ascending(responseNs) }),
  };
}

/** What a closed load must have measured. */
export interface ClosedCase {
  readonly window: WindowTimes;
  /** Over all workers. */
  readonly callers: number;
  /** In the order of arrival. */
  readonly entries: readonly ServiceEntry[];
  /** Requests that the harness counted as sent; decides what the log leaves open. */
  readonly sent: number;
}

/**
 * Expects of a closed load the requests that were sent inside the window. A request was sent after
 * one before it had ended, so that its caller was free, and before it arrived; only where the
 * window opened or closed between the two the log leaves open to which side it belongs.
 */
export function expectClosed(given: ClosedCase): Expected {
  const { window, entries, callers } = given;
  const ends = ascending(entries.map(({ endedNs }) => endedNs));
  const freeNs = (index: number): number =>
    index < callers ? 0 : (ends[index - callers] as number);
  const certain: ServiceEntry[] = [];
  const open: ServiceEntry[] = [];
  entries.forEach((entry, index) => {
    const { arrivedNs } = entry;
    if (arrivedNs < window.startNs || freeNs(index) >= window.endNs) return;
    const isCertain = freeNs(index) >= window.startNs && arrivedNs < window.endNs;
    (isCertain ? certain : open).push(entry);
  });
  const sentRange = { low: certain.length, high: certain.length + open.length };
  // Those that arrived last were sent last: nearer to the inside of the window.
  const extra = Math.min(Math.max(given.sent - certain.length, 0), open.length);
  const sent = [...certain, ...(extra > 0 ? open.slice(-extra) : [])];
  const failed = sent.filter(({ ok }) => !ok).length;
  // All of them or none: then it is known which failed.
  const slack = extra === 0 || extra === open.length ? 0 : open.length;
  return {
    requests: {
      offered: sentRange,
      sent: sentRange,
      completed: around(sent.length - failed, slack),
      failed: around(failed, slack),
      dropped: exactly(0),
    },
    answered: answeredIn(window, entries),
    serviceNs: ascending(sent.map(serviceOf)),
  };
}

interface Pair {
  readonly intendedNs: number;
  /** Undefined when it never reached the store. */
  readonly entry: ServiceEntry | undefined;
}

/**
 * Pairs the workers' schedules with the threads of the log. Which thread is which worker's the log
 * does not say: of all ways it is the one in which no request comes before it was intended.
 */
function pairUp(
  intended: readonly (readonly number[])[],
  threads: readonly (readonly ServiceEntry[])[],
): Pair[] {
  const padded = intended.map((_, worker) => threads[worker] ?? []);
  const ways = orders(padded).map((order) => {
    const pairs = intended.flatMap((times, worker) =>
      times.map((intendedNs, index): Pair => ({ intendedNs, entry: order[worker]?.[index] })),
    );
    return { pairs, earliestNs: pairs.reduce(earlier, Number.POSITIVE_INFINITY) };
  });
  ways.sort((a, b) => b.earliestNs - a.earliestNs);
  return ways[0]?.pairs ?? [];
}

function earlier(least: number, { intendedNs, entry }: Pair): number {
  return entry === undefined ? least : Math.min(least, entry.arrivedNs - intendedNs);
}

function orders<T>(items: readonly T[]): (readonly T[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((first, index) =>
    orders(items.filter((_, other) => other !== index)).map((rest) => [first, ...rest]),
  );
}

function byThread(entries: readonly ServiceEntry[]): ServiceEntry[][] {
  const threads = new Map<number, ServiceEntry[]>();
  for (const entry of entries) {
    const own = threads.get(entry.thread);
    if (own === undefined) threads.set(entry.thread, [entry]);
    else own.push(entry);
  }
  return [...threads.values()];
}

function answeredIn(window: WindowTimes, entries: readonly ServiceEntry[]): Range {
  const good = entries.filter(({ ok }) => ok);
  const count = (fromNs: number, untilNs: number): number =>
    good.filter(({ endedNs }) => endedNs >= fromNs && endedNs < untilNs).length;
  return {
    low: count(window.startNs, window.endNs - readingNs),
    high: count(window.startNs - readingNs, window.endNs),
  };
}

function isInside(atNs: number, { startNs, endNs }: WindowTimes): boolean {
  return atNs >= startNs && atNs < endNs;
}

function serviceOf({ arrivedNs, endedNs }: ServiceEntry): number {
  return endedNs - arrivedNs;
}

function exactly(count: number): Range {
  return { low: count, high: count };
}

function around(count: number, slack: number): Range {
  return { low: count - slack, high: count + slack };
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}
