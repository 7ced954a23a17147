import type { Metric } from '../adapter.js';
import type { Judgments } from '../dataset.js';
import type { Quality, Recall } from '../result.js';
import { quantile7 } from '../stats/quantile.js';
import { type VectorTable, vectorOf } from '../vectors.js';
import { distance, excess, norm, tolerance } from './distance.js';
import { mrrAt10, ndcgAt10, recallAt100 } from './quality.js';
import { addScore, meanOverQueries, type QueryScores, queryMeans } from './scores.js';
import type { Truth } from './truth.js';

/** What answers are judged against. */
export interface JudgeInput {
  readonly metric: Metric;
  readonly base: VectorTable;
  readonly queries: VectorTable;
  readonly truth: Truth;
  readonly judgments?: Judgments;
  readonly k: number;
  /** Of a filtered search: one byte a row of the base, 1 where it may be answered. */
  readonly matches?: Uint8Array;
}

/** The measures of one answer. */
type Score = Readonly<Record<string, number>>;

/**
 * Judges records of 1 + k values (query row, then ids nearest first, -1 where fewer came) and adds
 * them to `scores`. Of the first k ids the distinct ones count whose true distance is within
 * tolerance of the true k-th (methodology rule 15); ids that do not exist are wrong. Where fewer
 * than k rows meet a filter, that many are asked for.
 */
export function scoreAnswers(input: JudgeInput, records: Int32Array, scores: QueryScores): void {
  const width = input.k + 1;
  const lastIds: Int32Array[] = [];
  const lastScore: Score[] = [];
  for (let at = 0; at + width <= records.length; at += width) {
    const query = records[at] as number;
    const ids = records.subarray(at + 1, at + width);
    // An index mostly repeats itself: the same answer has the same score.
    if (!sameIds(ids, lastIds[query])) lastScore[query] = scoreAnswer(input, query, ids);
    lastIds[query] = ids;
    const score = lastScore[query] as Score;
    scores.count[query] = (scores.count[query] as number) + 1;
    for (const measure in score) {
      addScore(scores, measure, { query, value: score[measure] as number });
    }
    for (const id of ids) {
      if (id >= 0) scores.ids += 1;
      if (isFilteredOut(input, id)) scores.filteredOut += 1;
    }
    scores.asked += wantedOf(input);
  }
}

/** How many rows there are to be found, at most k. */
function wantedOf({ k, truth }: JudgeInput): number {
  return Math.min(k, truth.k);
}

function isFilteredOut({ matches }: JudgeInput, id: number): boolean {
  return matches !== undefined && id >= 0 && matches[id] !== 1;
}

function sameIds(ids: Int32Array, other: Int32Array | undefined): boolean {
  if (other === undefined) return false;
  for (let rank = 0; rank < ids.length; rank++) if (ids[rank] !== other[rank]) return false;
  return true;
}

function scoreAnswer(input: JudgeInput, query: number, ids: Int32Array): Score {
  const { k, truth, base, judgments } = input;
  const wanted = wantedOf(input);
  const nearest = new Set(truth.ids.subarray(query * truth.k, query * truth.k + wanted));
  const seen = new Set<number>();
  let right = 0;
  let byId = 0;
  for (const id of ids) {
    if (id < 0 || id >= base.rows || seen.has(id) || isFilteredOut(input, id)) continue;
    seen.add(id);
    if (nearest.has(id)) byId += 1;
    if (nearest.has(id) || isAsNear(input, query, id)) right += 1;
  }
  const grades = judgments?.[query];
  return {
    recall: right / wanted,
    byId: byId / wanted,
    ...(grades === undefined ? {} : judgedMeasures(ids, grades, k)),
  };
}

function judgedMeasures(ids: Int32Array, grades: ReadonlyMap<number, number>, k: number): Score {
  const measures = {
    ndcgAt10: k >= 10 ? ndcgAt10(ids, grades) : undefined,
    mrrAt10: k >= 10 ? mrrAt10(ids, grades) : undefined,
    recallAt100: k >= 100 ? recallAt100(ids, grades) : undefined,
  };
  const applying = Object.entries(measures).filter(([, value]) => value !== undefined);
  return Object.fromEntries(applying) as Score;
}

function isAsNear(input: JudgeInput, query: number, id: number): boolean {
  const { metric, base, queries, truth } = input;
  const kth = truth.distances[query * truth.k + wantedOf(input) - 1] as number;
  const q = vectorOf(queries, query);
  const row = vectorOf(base, id);
  return excess(metric, distance(metric, q, row), kth) <= tolerance(metric, norm(q), norm(row));
}

/**
 * Recall over distinct queries (methodology rules 15 and 16).
 *
 * @returns undefined when nothing was judged
 */
export function recallOf(scores: QueryScores, k: number, seed: number): Recall | undefined {
  const recall = meanOverQueries(scores, 'recall', seed);
  const byId = meanOverQueries(scores, 'byId', seed);
  if (recall === undefined || byId === undefined) return undefined;
  const means = Float64Array.from(queryMeans(scores, 'recall')).sort();
  return {
    k,
    mean: recall.mean,
    low: recall.low,
    high: recall.high,
    byId: byId.mean,
    p05: quantile7(means, 0.05),
    queries: means.length,
    coverage: means.length / scores.count.length,
    judged: scores.count.reduce((sum, count) => sum + count, 0),
    answered: scores.ids / scores.asked,
  };
}

/** The measures by relevance judgments; each needs its depth of answers. */
export const qualityMeasures = ['ndcgAt10', 'mrrAt10', 'recallAt100'] as const;

/**
 * Quality by judgments (methodology rule 17), over the queries that have any.
 *
 * @returns undefined without judgments
 */
export function qualityOf(scores: QueryScores, seed: number): Quality | undefined {
  const quality: Quality = { queries: 0 };
  for (const measure of qualityMeasures) {
    const figure = meanOverQueries(scores, measure, seed);
    if (figure === undefined) continue;
    quality[measure] = figure.mean;
    quality.queries = queryMeans(scores, measure).length;
  }
  return quality.queries === 0 ? undefined : quality;
}
