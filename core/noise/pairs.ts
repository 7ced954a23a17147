import type { Cell } from '../result.js';

/** Two identical halves that were measured right after each other, both of them valid. */
export interface MeasuredPair {
  readonly pair: number;
  readonly base: Cell;
  readonly head: Cell;
  /** The same two, the one that was measured first before the other. */
  readonly inOrder: readonly [Cell, Cell];
}

/**
 * The pairs that count. Halves with something else measured between them share no moment of the
 * machine, so where one half was invalid a pair counts only once both were measured anew.
 *
 * @param cells all attempts of a run in the order of measuring
 * @returns in that order, at most one of each pair of a point
 */
export function countedPairs(cells: readonly Cell[]): MeasuredPair[] {
  const found = new Map<string, MeasuredPair>();
  for (const [index, first] of cells.entries()) {
    const second = cells[index + 1];
    if (second === undefined || !arePair(first, second)) continue;
    const { build, key, pair = 0 } = first;
    const name = `${build}/${key}/${pair}`;
    if (found.has(name)) continue;
    const isBase = first.role === 'base';
    const [base, head] = isBase ? [first, second] : [second, first];
    found.set(name, { pair, base, head, inOrder: [first, second] });
  }
  return [...found.values()];
}

function arePair(first: Cell, second: Cell): boolean {
  const isSame = (['pair', 'build', 'key', 'instance'] as const).every(
    (name) => first[name] === second[name],
  );
  const isBoth = first.pair !== undefined && first.role !== second.role;
  return isSame && isBoth && counts(first) && counts(second);
}

function counts({ status, invalid }: Cell): boolean {
  return status === 'complete' && invalid.length === 0;
}
