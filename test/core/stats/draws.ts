import { seededRandom } from '../../../core/random.js';

/** A seeded source of standard normal numbers, by Box and Muller (1958). */
export function seededNormal(seed: number): () => number {
  const random = seededRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * A first-order autoregression of mean 0 and variance 1: each value is `correlation` times the one
 * before it, and noise.
 */
export function correlated(
  count: number,
  correlation: number,
  normal: () => number,
): readonly number[] {
  const noise = Math.sqrt(1 - correlation ** 2);
  const values = [normal()];
  while (values.length < count) {
    values.push(correlation * (values.at(-1) as number) + noise * normal());
  }
  return values;
}
