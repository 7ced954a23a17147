import { type Interval, logTInterval } from './interval.js';
import { logMoments } from './log-moments.js';
import { twoSidedP } from './student-t.js';

/** The same figure of two things, measured next to each other. */
export interface Pair {
  readonly base: number;
  readonly head: number;
}

/** How much more or less `head` has than `base`, over all pairs. */
export interface PairedRatio {
  readonly pairs: number;
  /** The geometric mean of head over base: 1 is no difference. */
  readonly ratio: number;
  readonly interval: Interval;
  /** In (0, 1): that of the interval. */
  readonly confidence: number;
  /** Two-sided p-value of the paired t-test of the logs. */
  readonly p: number;
}

/**
 * The ratio of head to base by the paired t-test of their logs. What a pair has in common, such as
 * a slow minute, cancels out. It assumes that the log ratios of pairs are independent and about
 * normal.
 *
 * @param pairs at least 2, all figures above 0
 * @param confidence in (0, 1)
 * @returns undefined where it is not defined: fewer than 2 pairs, or a figure not above 0
 * @see Student, The Probable Error of a Mean (1908), whose example is of pairs
 */
export function pairedRatio(pairs: readonly Pair[], confidence = 0.95): PairedRatio | undefined {
  if (pairs.some(({ base, head }) => !(base > 0 && head > 0))) return undefined;
  const ratios = pairs.map(({ base, head }) => head / base);
  const logs = logMoments(ratios);
  const interval = logTInterval(ratios, confidence);
  if (logs === undefined || interval === undefined) return undefined;
  const t = logs.mean === 0 ? 0 : logs.mean / Math.sqrt(logs.variance / logs.count);
  return {
    pairs: logs.count,
    ratio: Math.exp(logs.mean),
    interval: { ...interval, method: 'paired t of log ratios' },
    confidence,
    p: twoSidedP(t, logs.count - 1),
  };
}

/** `same`: no difference of note can be left; `undecided`: more pairs would tell. */
export type PairedVerdict = 'more' | 'less' | 'same' | 'undecided';

/** What a difference has to be, to be told. */
export interface PairedLimits {
  /** The smallest difference of note, a fraction above 0; 0.05 when not given. */
  readonly minimumEffect?: number;
  /** The p-value adjusted for the other metrics of the run; the pair's own when not given. */
  readonly adjustedP?: number;
}

/**
 * Whether head differs from base: `more` and `less` need an interval without 1, an adjusted p-value
 * that agrees, **and** a ratio of at least 1.05 or at most 1/1.05 (by the default minimum effect).
 * `same` needs the whole interval between these two, so that it is a finding and not a lack of
 * pairs.
 *
 * @see Schuirmann, A Comparison of the Two One-Sided Tests Procedure (1987), for `same`
 */
export function pairedVerdict(paired: PairedRatio, limits: PairedLimits = {}): PairedVerdict {
  const { minimumEffect = 0.05, adjustedP = paired.p } = limits;
  const { ratio, interval } = paired;
  const most = 1 + minimumEffect;
  const isTold = adjustedP < 1 - paired.confidence;
  if (isTold && interval.low > 1 && ratio >= most) return 'more';
  if (isTold && interval.high < 1 && ratio <= 1 / most) return 'less';
  return interval.low > 1 / most && interval.high < most ? 'same' : 'undecided';
}
