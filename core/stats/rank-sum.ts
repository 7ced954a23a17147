import normalCdf from '@stdlib/stats-base-dists-normal-cdf';

/** From this many values in a sample on, the normal distribution stands for the exact one. */
const exactBelow = 50;

/** What the other hypothesis says of the first sample, against the second. */
export type Alternative = 'different' | 'greater' | 'less';

/** How likely samples as far apart as these are, if both come from one distribution. */
export interface RankSum {
  /** The pairs in which the value of the first sample is the greater; ties count a half. */
  readonly u: number;
  readonly p: number;
  readonly method: 'exact' | 'normal';
}

/**
 * The Mann-Whitney U test. The p-value is exact where both samples are below 50 values and no two
 * values are equal; otherwise normal, corrected for ties and for continuity.
 *
 * @param first at least one value
 * @param second at least one value
 * @returns undefined where a sample is empty
 * @see Mann and Whitney, On a Test of Whether One of Two Random Variables is Stochastically Larger
 *   than the Other (1947)
 * @see Hollander and Wolfe, Nonparametric Statistical Methods (1999), section 4.1, for ties
 */
export function rankSum(
  first: readonly number[],
  second: readonly number[],
  alternative: Alternative = 'different',
): RankSum | undefined {
  if (first.length === 0 || second.length === 0) return undefined;
  const sizes = { first: first.length, second: second.length };
  const { rankTotal, tieTerm } = rankFirst(first, second);
  const u = rankTotal - (sizes.first * (sizes.first + 1)) / 2;
  const isExact = tieTerm === 0 && isSmall(sizes);
  const tails = isExact ? exactTails(u, sizes) : normalTails(u, sizes, tieTerm);
  const p = {
    different: Math.min(1, 2 * Math.min(tails.below, tails.above)),
    greater: tails.above,
    less: tails.below,
  }[alternative];
  return { u, p, method: isExact ? 'exact' : 'normal' };
}

/** How many values two samples have. */
export interface SampleSizes {
  readonly first: number;
  readonly second: number;
}

/** Whether the exact distribution of U is used for samples of these sizes. */
export function isSmall({ first, second }: SampleSizes): boolean {
  return first < exactBelow && second < exactBelow;
}

/**
 * In how many of the orders of two samples U has each of its values, if no two values are equal.
 * U counts the cells below a path through a grid, so these are the partitions into at most `first`
 * parts of at most `second` each.
 *
 * @returns of 0, 1 ... first x second; they sum to the binomial coefficient
 */
export function uCounts({ first, second }: SampleSizes): Float64Array {
  const width = first * second + 1;
  const byParts = Array.from({ length: first + 1 }, () => new Float64Array(width));
  (byParts[0] as Float64Array)[0] = 1;
  for (let part = 1; part <= second; part++) {
    for (let parts = 1; parts <= first; parts++) {
      const fewer = byParts[parts - 1] as Float64Array;
      const counts = byParts[parts] as Float64Array;
      for (let u = part; u < width; u++) counts[u] = at(counts, u) + at(fewer, u - part);
    }
  }
  // What has fewer parts is completed with parts of 0.
  const sums = new Float64Array(width);
  for (const counts of byParts)
    for (let u = 0; u < width; u++) sums[u] = at(sums, u) + at(counts, u);
  return sums;
}

function at(counts: Float64Array, index: number): number {
  return counts[index] as number;
}

interface Tails {
  /** The chance of this U or less. */
  readonly below: number;
  /** The chance of this U or more. */
  readonly above: number;
}

function exactTails(u: number, sizes: SampleSizes): Tails {
  const counts = uCounts(sizes);
  const total = sum(counts);
  return { below: sum(counts.subarray(0, u + 1)) / total, above: sum(counts.subarray(u)) / total };
}

function sum(counts: Float64Array): number {
  return counts.reduce((total, count) => total + count, 0);
}

function normalTails(u: number, { first, second }: SampleSizes, tieTerm: number): Tails {
  const pairs = first * second;
  const total = first + second;
  const variance = (pairs / 12) * (total + 1 - tieTerm / (total * (total - 1)));
  // Where all values are equal there is nothing to tell them apart by.
  if (!(variance > 0)) return { below: 1, above: 1 };
  const spread = Math.sqrt(variance);
  const off = u - pairs / 2;
  return {
    below: normalCdf((off + 0.5) / spread, 0, 1),
    above: normalCdf((0.5 - off) / spread, 0, 1),
  };
}

/** Sum of the ranks of the first sample, ties at their mean; sum of t^3 - t over t equal values. */
function rankFirst(
  first: readonly number[],
  second: readonly number[],
): { rankTotal: number; tieTerm: number } {
  const isFirst = (index: number): boolean => index < first.length;
  const values = [...first, ...second];
  const order = values.map((_, index) => index);
  order.sort((a, b) => (values[a] as number) - (values[b] as number));
  let rankTotal = 0;
  let tieTerm = 0;
  for (let begin = 0, end = 0; begin < order.length; begin = end) {
    const value = values[order[begin] as number];
    while (end < order.length && values[order[end] as number] === value) end += 1;
    rankTotal += order.slice(begin, end).filter(isFirst).length * ((begin + 1 + end) / 2);
    tieTerm += (end - begin) ** 3 - (end - begin);
  }
  return { rankTotal, tieTerm };
}
