/** The judgments of one query: base row to grade; a grade above 0 is relevant. */
export type Grades = ReadonlyMap<number, number>;

/**
 * Normalised discounted cumulative gain of the first ten rows: the gain is the grade, discounted by
 * log2(rank + 1); the ideal takes the query's ten best grades, found or not. A row that repeats
 * counts at its first rank only.
 *
 * @param ids base rows, nearest first; -1 where none came
 * @returns 0..1; undefined when no row is relevant to the query
 * @see Jarvelin and Kekalainen, ACM TOIS 20 (2002); of its forms the one of trec_eval's ndcg_cut_10
 */
export function ndcgAt10(ids: ArrayLike<number>, grades: Grades): number | undefined {
  const ideal = [...grades.values()].filter((grade) => grade > 0).sort((a, b) => b - a);
  if (ideal.length === 0) return undefined;
  return discounted(gainsOf(ids, grades, 10)) / discounted(ideal.slice(0, 10));
}

/**
 * One over the rank of the first relevant row among the first ten; 0 when there is none.
 *
 * @param ids base rows, nearest first; -1 where none came
 * @returns 0..1; undefined when no row is relevant to the query
 * @see trec_eval's recip_rank, cut at rank 10
 */
export function mrrAt10(ids: ArrayLike<number>, grades: Grades): number | undefined {
  if (countRelevant(grades) === 0) return undefined;
  const rank = gainsOf(ids, grades, 10).findIndex((gain) => gain > 0);
  return rank < 0 ? 0 : 1 / (rank + 1);
}

/**
 * The share of the relevant rows that are among the first hundred.
 *
 * @param ids base rows, nearest first; -1 where none came
 * @returns 0..1; undefined when no row is relevant to the query
 * @see trec_eval's recall_100
 */
export function recallAt100(ids: ArrayLike<number>, grades: Grades): number | undefined {
  const relevant = countRelevant(grades);
  if (relevant === 0) return undefined;
  return gainsOf(ids, grades, 100).filter((gain) => gain > 0).length / relevant;
}

function countRelevant(grades: Grades): number {
  let count = 0;
  for (const grade of grades.values()) if (grade > 0) count += 1;
  return count;
}

/** The gain at each of the first `depth` ranks; a repeated row keeps its rank and gains nothing. */
function gainsOf(ids: ArrayLike<number>, grades: Grades, depth: number): number[] {
  const seen = new Set<number>();
  const gains: number[] = [];
  for (let rank = 0; rank < Math.min(depth, ids.length); rank++) {
    const row = ids[rank] as number;
    gains.push(seen.has(row) ? 0 : Math.max(0, grades.get(row) ?? 0));
    seen.add(row);
  }
  return gains;
}

function discounted(gains: readonly number[]): number {
  return gains.reduce((sum, gain, index) => sum + gain / Math.log2(index + 2), 0);
}
