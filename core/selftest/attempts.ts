import { mostAttempts } from '../run/measuring.js';
import type { Check } from './result.js';

/** A scenario that was checked, and what was off before. */
export interface Attempts<T> {
  /** The last attempt: the one that counts. */
  readonly last: T;
  /** At least 1. */
  readonly attempts: number;
  /** The times that were off in the attempts before the last. */
  readonly disturbed: readonly Check[];
}

/**
 * Plays a scenario, and plays it again while nothing but times are off, as often as a run measures
 * an invalid cell: a machine that does other work for a millisecond moves a percentile, and does
 * not do so three times in a row. A count or a recall that is off has no such excuse and is not
 * asked again.
 */
export async function playUntilRight<T extends { readonly checks: readonly Check[] }>(
  play: () => Promise<T>,
): Promise<Attempts<T>> {
  const disturbed: Check[] = [];
  for (let attempts = 1; ; attempts++) {
    const last = await play();
    const off = last.checks.filter(({ ok }) => !ok);
    const isDisturbed = off.length > 0 && off.every(({ unit }) => unit === 'ms');
    if (!isDisturbed || attempts === mostAttempts) return { last, attempts, disturbed };
    disturbed.push(...off);
  }
}
