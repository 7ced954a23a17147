import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import { type Random, seededRandom } from '../random.js';
import { wilsonInterval } from './wilson.js';

/** As many signs at most are tried one by one; of more, as many are drawn. */
const mostDraws = 10_000;

/** A share of the comparisons. */
export interface AlarmShare {
  /** In [0, 1]. */
  readonly rate: number;
  /** 95 % interval of a rate that was drawn; all signs have none. */
  readonly low?: number;
  readonly high?: number;
}

/** How often a comparison of a thing with itself calls it different. */
export interface FalseAlarms {
  readonly method: 'all signs' | 'drawn signs';
  readonly draws: number;
  /** The 95 % interval of the ratio leaves out 1. */
  readonly anyEffect: AlarmShare;
  /** The same, and the ratio is at least the minimum effect. */
  readonly minimumEffect: AlarmShare;
}

/** What false alarms are counted by. */
export interface AlarmRule {
  /** The smallest difference of note, a fraction above 0; 0.05 when not given. */
  readonly minimumEffect?: number;
  readonly seed: number;
}

/**
 * How often the paired t-interval of log ratios tells two things apart that are the same. Either
 * half of a pair might have been called the base: every choice of signs of the log ratios is as
 * likely as the one that was found, so the share of alarms over all choices is exact for ratios of
 * these sizes. It takes pairs as independent.
 *
 * @param logRatios at least 2
 * @see Fisher, The Design of Experiments (1935), section 21
 */
export function falseAlarms(logRatios: readonly number[], rule: AlarmRule): FalseAlarms {
  const all = 2 ** logRatios.length;
  const isAll = all <= mostDraws;
  const draws = isAll ? all : mostDraws;
  const random = seededRandom(rule.seed);
  const judge = judgeOf(logRatios, rule.minimumEffect ?? 0.05);
  let any = 0;
  let notable = 0;
  for (let draw = 0; draw < draws; draw++) {
    const found = judge(isAll ? signedSum(logRatios, draw) : drawnSum(logRatios, random));
    if (found.isAlarm) any += 1;
    if (found.isNotable) notable += 1;
  }
  const share = (count: number): AlarmShare => {
    if (isAll) return { rate: count / draws };
    const { low, high } = wilsonInterval(count, draws);
    return { rate: count / draws, low, high };
  };
  return {
    method: isAll ? 'all signs' : 'drawn signs',
    draws,
    anyEffect: share(any),
    minimumEffect: share(notable),
  };
}

/** Judges the sum of the signed ratios; the sum of their squares has no signs. */
function judgeOf(logRatios: readonly number[], minimumEffect: number) {
  const count = logRatios.length;
  const squares = logRatios.reduce((sum, ratio) => sum + ratio * ratio, 0);
  const t = tQuantile(0.975, count - 1);
  return (sum: number): { isAlarm: boolean; isNotable: boolean } => {
    const centre = sum / count;
    const variance = Math.max(0, squares - count * centre * centre) / (count - 1);
    const isAlarm = Math.abs(centre) > t * Math.sqrt(variance / count);
    return { isAlarm, isNotable: isAlarm && Math.abs(centre) >= Math.log1p(minimumEffect) };
  };
}

/** The bits of a number say which signs are turned. */
function signedSum(logRatios: readonly number[], bits: number): number {
  let sum = 0;
  for (const [index, ratio] of logRatios.entries()) sum += (bits >> index) & 1 ? -ratio : ratio;
  return sum;
}

function drawnSum(logRatios: readonly number[], random: Random): number {
  let sum = 0;
  for (const ratio of logRatios) sum += random() < 0.5 ? -ratio : ratio;
  return sum;
}
