/** Why a rate is tried: to find a limit above, to narrow the bracket, or at length at the end. */
export type TrialKind = 'ramp' | 'bisect' | 'confirm';

/**
 * What one trial says: the store met the whole SLO, it did not, or nothing of the store, because
 * the client could not offer that rate.
 */
export type Verdict = 'passed' | 'failed' | 'client';

/** What came of one trial. */
export interface Outcome {
  readonly verdict: Verdict;
  /** So far from the SLO that no disturbance explains it: no other trial is needed. */
  readonly isClear?: boolean;
}

/** What a search for the highest rate needs; rates are queries a second. */
export interface RateSearch {
  /** Offers a rate for a while and judges what came. */
  readonly tryRate: (rateQps: number, kind: TrialKind) => Promise<Outcome>;
  /** Whether a trial of this kind at this rate still fits into the time. */
  readonly hasTime: (rateQps: number, kind: TrialKind) => boolean;
  readonly fromQps: number;
  readonly leastQps: number;
  readonly mostQps: number;
  /** The bracket is narrowed to this share: 0.03. */
  readonly tolerance: number;
}

/** How a search ended. */
export type Ending =
  | 'confirmed'
  /** The bracket is as narrow as asked, but no long trial passed. */
  | 'unconfirmed'
  /** The time was over before the bracket was narrow, or before a long trial. */
  | 'out-of-time'
  /** Not even the lowest rate meets the SLO. */
  | 'nothing-passes'
  /** The highest rate that may be offered still meets it. */
  | 'no-limit'
  /** The client could not offer more: the store may carry more. */
  | 'client-limit';

/** What a search found; a bound that was not seen is absent. */
export interface FoundRate {
  readonly ending: Ending;
  /** The highest rate at which a long trial passed. */
  readonly confirmedQps?: number;
  /** The highest rate that passed below every one that did not. */
  readonly passedQps?: number;
  /** The lowest rate that did not pass. */
  readonly failedQps?: number;
}

const rampFactor = 1.6;
/** A point that fails once is tried up to this often; most of its trials decide. */
const mostTrials = 3;
const mostConfirmations = 6;

interface Bracket {
  passed: number | undefined;
  failed: number | undefined;
  /** Why the upper bound is one. */
  failedBy: 'failed' | 'client';
}

/**
 * The highest rate that meets an SLO: a geometric ramp until a rate fails, bisection of the
 * bracket, and long trials from its lower end. A rate passes by one trial and fails by a clear one
 * or by most of three, so that one disturbed trial decides nothing. What the client cannot offer
 * bounds the search as a rate that fails does, and is told apart.
 */
export async function searchRate(search: RateSearch): Promise<FoundRate> {
  const bracket: Bracket = { passed: undefined, failed: undefined, failedBy: 'failed' };
  const ending = (await ramp(search, bracket)) ?? (await bisect(search, bracket));
  if (bracket.passed === undefined) return found(ending ?? 'nothing-passes', bracket);
  return confirm(search, bracket, ending);
}

function found(ending: Ending, { passed, failed }: Bracket, confirmedQps?: number): FoundRate {
  return {
    ending,
    ...(confirmedQps !== undefined && { confirmedQps }),
    ...(passed !== undefined && { passedQps: passed }),
    ...(failed !== undefined && { failedQps: failed }),
  };
}

/** Up until a rate fails, or down until one passes. @returns why there is no bracket */
async function ramp(search: RateSearch, bracket: Bracket): Promise<Ending | undefined> {
  const { leastQps, mostQps } = search;
  let rate = Math.min(Math.max(search.fromQps, leastQps), mostQps);
  while (bracket.passed === undefined || bracket.failed === undefined) {
    const verdict = await point(search, rate, 'ramp');
    if (verdict === undefined) return 'out-of-time';
    note(bracket, rate, verdict);
    if (verdict === 'passed') {
      if (rate >= mostQps) return 'no-limit';
      rate = Math.min(rate * rampFactor, mostQps);
    } else {
      if (rate <= leastQps) return verdict === 'client' ? 'client-limit' : 'nothing-passes';
      rate = Math.max(rate / rampFactor, leastQps);
    }
  }
  return undefined;
}

function note(bracket: Bracket, rate: number, verdict: Verdict): void {
  if (verdict === 'passed') {
    bracket.passed = rate;
    return;
  }
  bracket.failed = rate;
  bracket.failedBy = verdict;
}

/** Halves the logarithm of the bracket. @returns why it is not as narrow as asked */
async function bisect(search: RateSearch, bracket: Bracket): Promise<Ending | undefined> {
  for (;;) {
    const { passed, failed } = bracket as { passed: number; failed: number };
    if (failed / passed <= 1 + search.tolerance) return undefined;
    const rate = Math.sqrt(passed * failed);
    const verdict = await point(search, rate, 'bisect');
    if (verdict === undefined) return 'out-of-time';
    note(bracket, rate, verdict);
  }
}

/** @param before why the bracket is not as narrow as asked */
async function confirm(
  search: RateSearch,
  bracket: Bracket,
  before: Ending | undefined,
): Promise<FoundRate> {
  const long: Bracket = { ...bracket, passed: undefined };
  const from = bracket.passed as number;
  const tried = await tryLong(search, long, { from, isBound: before !== undefined });
  if (tried === 0) return found('out-of-time', bracket);
  if (long.passed === undefined) {
    return found(tried < mostConfirmations ? 'out-of-time' : 'unconfirmed', long);
  }
  const limit = long.failedBy === 'client' ? 'client-limit' : 'confirmed';
  return found(before ?? limit, long, long.passed);
}

/**
 * Long trials, downwards by steps that double until one passes, then between what passed and what
 * failed until that is narrow; where the answer is a bound anyway, one that passes is enough.
 *
 * @returns how many there were
 */
async function tryLong(
  search: RateSearch,
  long: Bracket,
  { from, isBound }: { readonly from: number; readonly isBound: boolean },
): Promise<number> {
  let rate = from;
  let step = search.tolerance;
  for (let round = 0; round < mostConfirmations; round++) {
    if (rate < search.leastQps || !search.hasTime(rate, 'confirm')) return round;
    note(long, rate, await longPoint(search, rate));
    const { passed, failed = passed } = long;
    if (passed === undefined) {
      rate /= 1 + step;
      step *= 2;
    } else {
      const isNarrow = (failed as number) / passed <= 1 + search.tolerance;
      if (isBound || isNarrow) return round + 1;
      rate = Math.sqrt(passed * (failed as number));
    }
  }
  return mostConfirmations;
}

/** One that fails, and not clearly, has a second chance where there is time. */
async function longPoint(search: RateSearch, rate: number): Promise<Verdict> {
  const { verdict, isClear } = await search.tryRate(rate, 'confirm');
  if (verdict === 'passed' || isClear === true) return verdict;
  if (!search.hasTime(rate, 'confirm')) return verdict;
  return (await search.tryRate(rate, 'confirm')).verdict;
}

/** @returns undefined when there is no time to decide */
async function point(
  search: RateSearch,
  rate: number,
  kind: TrialKind,
): Promise<Verdict | undefined> {
  const verdicts: Verdict[] = [];
  const most = Math.ceil(mostTrials / 2);
  const passes = (): number => verdicts.filter((verdict) => verdict === 'passed').length;
  while (passes() < most && verdicts.length - passes() < most) {
    if (!search.hasTime(rate, kind)) return undefined;
    const { verdict, isClear } = await search.tryRate(rate, kind);
    verdicts.push(verdict);
    if (isClear === true || (verdicts.length === 1 && verdict === 'passed')) return verdict;
  }
  if (passes() >= most) return 'passed';
  return verdicts.includes('failed') ? 'failed' : 'client';
}
