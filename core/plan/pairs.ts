import { type Random, shuffled } from '../random.js';

/** Of fewer pairs the spread is hardly known. */
export const fewestPairs = 4;

/** Which half of which pair a planned cell is. */
export interface PlannedHalf {
  /** Counted from 0. */
  readonly pair: number;
  readonly role: 'base' | 'head';
  /** The id of the other half, which is measured right before or after it. */
  readonly partner: string;
}

/**
 * Two identical halves of one point in random order: the repeats 2 n and 2 n + 1.
 *
 * @param point its id is the start of theirs
 */
export function halvesOf<Point extends { readonly id: string }>(
  point: Point,
  pair: number,
  random: Random,
): (Point & PlannedHalf & { readonly repeat: number })[] {
  const idOf = (role: string): string => `${point.id}-p${pair}-${role}`;
  const roles = shuffled(['base', 'head'] as const, random);
  return roles.map((role, place) => ({
    ...point,
    id: idOf(role),
    repeat: 2 * pair + place,
    pair,
    role,
    partner: idOf(role === 'base' ? 'head' : 'base'),
  }));
}

/** A sentence where there are too few pairs to know the noise by. */
export function checkPairs(repeats: number): string[] {
  if (repeats >= fewestPairs) return [];
  const must = `measure.repeats must be ${fewestPairs} or more with --aa, which measures pairs`;
  return [`${must}, got ${repeats}; give --repeats, for example --repeats 12`];
}
