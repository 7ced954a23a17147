/** A seeded source of uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * A small, fast, seeded generator: the same seed gives the same numbers on every machine.
 *
 * @param seed any whole number; only its low 32 bits count
 * @see mulberry32 by Tommy Ettinger (2017), public domain
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * A seed of its own for a named part, so that parts do not share a sequence of numbers.
 *
 * @see FNV-1a by Glenn Fowler, Landon Curt Noll and Phong Vo (1991)
 */
export function deriveSeed(seed: number, name: string): number {
  let hash = 0x811c9dc5;
  for (const character of `${seed}/${name}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return hash >>> 0;
}

/**
 * A copy in seeded random order; every order is equally likely.
 *
 * @see Fisher and Yates, Statistical Tables (1938), in Durstenfeld's form (1964)
 */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const copy = [...items];
  for (let last = copy.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [copy[last], copy[other]] = [copy[other] as T, copy[last] as T];
  }
  return copy;
}
