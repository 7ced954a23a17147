import type { ConnectContext } from '../../core/adapter.js';

/**
 * How answers differ from the truth, with the recall that they must have:
 * `true` the true ids, 1; `repeated` the nearest id k times, 1 / k; `short` the first half of them
 * and no more, floor(k / 2) / k; `half` as many, and then ids of worse rows, floor(k / 2) / k;
 * `wrong` ids of no row, 0.
 */
export const answerKinds = ['true', 'repeated', 'short', 'half', 'wrong'] as const;
/** One of the ways to answer. */
export type AnswerKind = (typeof answerKinds)[number];

/** The queries of one request. */
export interface AskedRows {
  readonly k: number;
  /** Rows of the query file; -1 for a vector that is not of it. */
  readonly rows: readonly number[];
}

// Numbers from here downwards are of no row.
const noRow = 2 ** 31 - 1;

type IdAt = (near: Int32Array, k: number, rank: number) => number;

/** The id at a rank (from 0) of k, from the true ids of a query: `near`, nearest first. */
const idAt: Readonly<Record<AnswerKind, IdAt>> = {
  true: (near, _, rank) => near[rank] ?? -1,
  repeated: (near) => near[0] ?? -1,
  short: (near, k, rank) => (rank < Math.floor(k / 2) ? (near[rank] ?? -1) : -1),
  half(near, k, rank) {
    const right = Math.floor(k / 2);
    if (rank < right) return near[rank] ?? -1;
    // From the far end of the truth; where that is not deep enough, an id of no row.
    const far = near.length - 1 - (rank - right);
    return far >= k ? (near[far] as number) : noRow - rank;
  },
  wrong: (_, __, rank) => noRow - rank,
};

/** k ids for each query, by its row; -1 for a query that the truth does not have. */
export function answerRows(
  { k, rows }: AskedRows,
  truth: ConnectContext['truth'],
  kind: AnswerKind,
): Int32Array {
  const ids = new Int32Array(k * rows.length).fill(-1);
  if (truth === undefined) return ids;
  rows.forEach((row, index) => {
    const near = truth.ids.subarray(row * truth.k, (row + 1) * truth.k);
    if (row < 0 || near.length === 0) return;
    for (let rank = 0; rank < k; rank++) ids[index * k + rank] = idAt[kind](near, k, rank);
  });
  return ids;
}
