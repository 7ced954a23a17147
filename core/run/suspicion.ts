import { type JudgeInput, recallOf, scoreAnswers } from '../measure/recall.js';
import { emptyScores } from '../measure/scores.js';
import type { PlannedBuild } from '../plan.js';
import { float32Rows } from '../vectors.js';

/** What came for one query, by its row. */
export interface Answer {
  readonly query: number;
  /** k of them, -1 where fewer came. */
  readonly ids: Int32Array;
}

/** The mean recall of answers; 0 where no query can be judged. */
export function meanRecall(judge: JudgeInput, answers: readonly Answer[]): number {
  const scores = emptyScores(judge.queries.rows);
  for (const { query, ids } of answers) {
    scoreAnswers(judge, Int32Array.of(query, ...ids), scores);
  }
  // The seed is of an interval, which is not looked at.
  return recallOf(scores, judge.k, 0)?.mean ?? 0;
}

// How a family, or a word among its parameters, says that values are stored narrower.
const narrow = /(^|-)(pq|sq|rq|half|scalar|product|binary|u?int8|[iu]8|f16|float16|halfvec)$/;

/** What is most often behind a recall that is too low, as the end of a sentence; may be empty. */
export function suspicion(
  judge: JudgeInput,
  { support, params }: PlannedBuild,
  answers: readonly Answer[],
): string {
  const lowered = answers.map(({ query, ids }) => ({ query, ids: ids.map(less1) }));
  const recall = meanRecall(judge, lowered);
  if (recall > 0.5) return `: ids counted from 1? less 1 they have ${recall.toFixed(4)}`;
  const words = [support.family, ...Object.values(params)].map(String);
  if (support.compressed !== true && !words.some((word) => narrow.test(word))) return '';
  const { least, most } = rangeOf(judge);
  const range = `${least.toPrecision(3)}..${most.toPrecision(3)}`;
  return `: is it quantised too coarsely, or for another range than the ${range} of the data?`;
}

function less1(id: number): number {
  return id < 0 ? id : id - 1;
}

/** The smallest and the largest value of the rows. */
function rangeOf({ base }: JudgeInput): { least: number; most: number } {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const step = Math.max(1, Math.ceil(base.rows / sampledRows));
  for (let row = 0; row < base.rows; row += step) {
    for (const value of float32Rows(base, { from: row, count: 1 })) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  return { least, most };
}

const sampledRows = 10_000;
