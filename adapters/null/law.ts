import type { Random } from '../../core/random.js';
import { nsPerMs } from '../../core/units.js';

/** How long answers take: the law and its numbers. */
export interface Law {
  readonly law: 'none' | 'constant' | 'lognormal' | 'bimodal';
  readonly medianMs: number;
  /** Standard deviation of the logs, lognormal. */
  readonly sigma: number;
  /** The slower mode, bimodal. */
  readonly slowMs: number;
  /** How often an answer is slow, in [0, 1]; bimodal. */
  readonly slowFraction: number;
}

/**
 * How long the next answer takes, in nanoseconds; 0 under `none`.
 *
 * @see Box and Muller, A Note on the Generation of Random Normal Deviates (1958)
 */
export function delayNs(law: Law, random: Random): number {
  const { medianMs } = law;
  if (law.law === 'none') return 0;
  if (law.law === 'constant') return medianMs * nsPerMs;
  if (law.law === 'bimodal') {
    return (random() < law.slowFraction ? law.slowMs : medianMs) * nsPerMs;
  }
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return medianMs * Math.exp(law.sigma * normal) * nsPerMs;
}
