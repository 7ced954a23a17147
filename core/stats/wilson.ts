import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import type { Interval } from './interval.js';

/**
 * The interval of a share by the score test.
 *
 * @param found how many of them, 0 or more
 * @param count of how many, at least 1
 * @param confidence in (0, 1)
 * @see Wilson, Probable Inference, the Law of Succession, and Statistical Inference (1927)
 */
export function wilsonInterval(found: number, count: number, confidence = 0.95): Interval {
  const z = normalQuantile(1 - (1 - confidence) / 2, 0, 1);
  const share = found / count;
  const scale = 1 + z ** 2 / count;
  const centre = (share + z ** 2 / (2 * count)) / scale;
  const half = (z * Math.sqrt((share * (1 - share)) / count + (z / (2 * count)) ** 2)) / scale;
  return {
    low: found === 0 ? 0 : Math.max(0, centre - half),
    high: found === count ? 1 : Math.min(1, centre + half),
    method: 'Wilson',
  };
}
