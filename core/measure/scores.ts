import { clusterInterval, type Interval } from '../stats/interval.js';
import { mean } from '../stats/quantile.js';

/**
 * Sums over the answers to each query, by measure; plain arrays, so that they can be stored and the
 * repeats pooled later.
 */
export interface QueryScores {
  /** Judged answers of each query. */
  readonly count: number[];
  /** For each measure the sum over the answers of each query; null where it does not apply. */
  readonly sums: Record<string, (number | null)[]>;
  /** Ids that came, of all that were asked for. */
  ids: number;
  asked: number;
  /** Ids that came though their rows do not meet the filter. */
  filteredOut: number;
}

/** Scores without an answer yet. @param queries queries of the dataset */
export function emptyScores(queries: number): QueryScores {
  return { count: new Array<number>(queries).fill(0), sums: {}, ids: 0, asked: 0, filteredOut: 0 };
}

/** One value of a measure for one query. */
export interface Scored {
  readonly query: number;
  readonly value: number;
}

/** Adds one value of a measure to its query. */
export function addScore(scores: QueryScores, measure: string, { query, value }: Scored): void {
  let sums = scores.sums[measure];
  if (sums === undefined) {
    sums = new Array<number | null>(scores.count.length).fill(null);
    scores.sums[measure] = sums;
  }
  sums[query] = (sums[query] ?? 0) + value;
}

/** The scores of several repeats as one. */
export function poolScores(all: readonly QueryScores[]): QueryScores {
  const pooled = emptyScores(all[0]?.count.length ?? 0);
  for (const scores of all) {
    for (const [measure, sums] of Object.entries(scores.sums)) {
      sums.forEach((value, query) => {
        if (value !== null) addScore(pooled, measure, { query, value });
      });
    }
    scores.count.forEach((count, query) => {
      pooled.count[query] = (pooled.count[query] as number) + count;
    });
    pooled.ids += scores.ids;
    pooled.asked += scores.asked;
    pooled.filteredOut += scores.filteredOut;
  }
  return pooled;
}

/** The mean of each query that the measure applies to; every query counts once. */
export function queryMeans(scores: QueryScores, measure: string): number[] {
  const sums = scores.sums[measure];
  if (sums === undefined) return [];
  return scores.count.flatMap((count, query) => {
    const sum = sums[query] ?? null;
    return count === 0 || sum === null ? [] : [sum / count];
  });
}

/**
 * A measure's mean over distinct queries, answers to one query averaged first, with the bootstrap
 * interval clustered by query (methodology rule 16).
 *
 * @returns undefined when nothing was judged
 */
export function meanOverQueries(
  scores: QueryScores,
  measure: string,
  seed: number,
): (Interval & { readonly mean: number }) | undefined {
  const means = queryMeans(scores, measure);
  if (means.length === 0) return undefined;
  return { mean: mean(means), ...clusterInterval(means, seed) };
}
