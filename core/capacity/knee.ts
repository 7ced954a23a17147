import type { Capacity } from '../result.js';

/**
 * The highest offered rate that the store kept up with, below every rate at which it fell behind in
 * most of the trials; undefined where it always or never did.
 */
export function kneeOf(trials: Capacity['trials']): number | undefined {
  const votes = new Map<number, number>();
  for (const { rateQps, saturated } of trials) {
    if (rateQps === undefined) continue;
    votes.set(rateQps, (votes.get(rateQps) ?? 0) + (saturated ? 1 : -1));
  }
  const behind = [...votes].filter(([, vote]) => vote >= 0).map(([rate]) => rate);
  const lowest = Math.min(...behind);
  const kept = [...votes.keys()].filter((rate) => rate < lowest);
  return behind.length === 0 || kept.length === 0 ? undefined : Math.max(...kept);
}
