import { deriveSeed, seededRandom } from '../random.js';

/**
 * Requests of one worker that are drawn ahead under a random order, and then come again from the
 * first on: a table of 1 MiB that is read in the hot path without a computation. It lasts 26 s at
 * 10,000 requests a second, and a query of which one request in 10,000 is comes 26 times in it.
 */
export const drawnRequests = 2 ** 18;

/** Which part of the requests a worker sends. */
export interface WorkerShare {
  /** Counted from 0. */
  readonly worker: number;
  readonly workers: number;
}

/** Queries as they were asked somewhere, by their rows. */
export interface QueryLog {
  /** In the order of the log. */
  readonly rows: Int32Array;
  /** Of each entry, not negative, one of them positive; absent where all count alike. */
  readonly weights?: Float64Array;
  /** The hash of its file. */
  readonly sha256: string;
}

/** The even cycle: of all bodies this worker's share in turn, at least one. */
export function cycleOrder(bodies: number, { worker, workers }: WorkerShare): Int32Array {
  const first = worker % bodies;
  const count = Math.ceil((bodies - first) / workers);
  return Int32Array.from({ length: count }, (_, index) => first + index * workers);
}

/**
 * The chance of each query under Zipf's law: that of rank r is proportional to 1 / r^exponent.
 * Which query has which rank follows from the seed.
 *
 * @param exponent 0 (all alike) or more
 * @returns of each query, summing to 1
 * @see Zipf, Human Behavior and the Principle of Least Effort (1949)
 */
export function zipfChances(queries: number, exponent: number, seed: number): Float64Array {
  const ranks = shuffledRows(queries, seed);
  const chances = new Float64Array(queries);
  let sum = 0;
  for (let rank = 1; rank <= queries; rank++) sum += rank ** -exponent;
  for (let rank = 1; rank <= queries; rank++) {
    chances[ranks[rank - 1] as number] = rank ** -exponent / sum;
  }
  return chances;
}

function shuffledRows(rows: number, seed: number): Int32Array {
  const random = seededRandom(deriveSeed(seed, 'ranks'));
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  for (let last = rows - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const row = order[last] as number;
    order[last] = order[other] as number;
    order[other] = row;
  }
  return order;
}

/** The chance of each query: its share of all weights of a log, or of its entries without any. */
export function logChances({ rows, weights }: QueryLog, queries: number): Float64Array {
  const chances = new Float64Array(queries);
  let sum = 0;
  rows.forEach((row, entry) => {
    const weight = weights?.[entry] ?? 1;
    chances[row] = (chances[row] as number) + weight;
    sum += weight;
  });
  return chances.map((weight) => weight / sum);
}

/** What requests are drawn by. */
export interface Draw {
  readonly requests: number;
  readonly seed: number;
}

/**
 * Queries drawn independently of each other.
 *
 * @param chances of each query, summing to 1
 * @see Walker, An Efficient Method for Generating Discrete Random Variables (1977); the tables as
 *   Vose, A Linear Algorithm for Generating Random Numbers with a Given Distribution (1991)
 */
export function drawnOrder(chances: Float64Array, { requests, seed }: Draw): Int32Array {
  const queries = chances.length;
  const { share, alias } = aliasTables(chances);
  const random = seededRandom(deriveSeed(seed, 'draws'));
  return Int32Array.from({ length: requests }, () => {
    const query = Math.floor(random() * queries);
    return random() < (share[query] as number) ? query : (alias[query] as number);
  });
}

interface AliasTables {
  /** The chance that a query is kept when its turn comes. */
  readonly share: Float64Array;
  /** Which one is taken where it is not. */
  readonly alias: Int32Array;
}

function aliasTables(chances: Float64Array): AliasTables {
  const share = chances.map((chance) => chance * chances.length);
  const alias = new Int32Array(chances.length);
  const poor: number[] = [];
  const rich: number[] = [];
  for (const [query, each] of share.entries()) (each < 1 ? poor : rich).push(query);
  while (poor.length > 0 && rich.length > 0) {
    const taking = poor.pop() as number;
    const giving = rich[rich.length - 1] as number;
    alias[taking] = giving;
    share[giving] = (share[giving] as number) + (share[taking] as number) - 1;
    if ((share[giving] as number) < 1) poor.push(rich.pop() as number);
  }
  // What is left over differs from 1 by rounding only; it must not lead to another query.
  for (const query of rich) share[query] = 1;
  for (const query of poor) alias[query] = query;
  return { share, alias };
}

/** A log as it came, dealt out to the workers in turn: together they send it in its order. */
export function logOrder({ rows }: QueryLog, { worker, workers }: WorkerShare): Int32Array {
  const first = worker % rows.length;
  const count = Math.ceil((rows.length - first) / workers);
  return Int32Array.from({ length: count }, (_, index) => rows[first + index * workers] as number);
}

/** Bodies to prepare, and the order in which they are sent. */
export interface BodyOrder {
  /** What each body holds: a query, or a batch of queries, by its number. */
  readonly holds: readonly number[];
  /** Indices of `holds`; it begins again when it is through. */
  readonly order: Int32Array;
}

/**
 * One body for each thing that is asked for. Where there are more than `most`, requests for those
 * that come later for the first time are left out.
 *
 * @param wanted what is asked for, request by request, at least one
 */
export function bodyOrder(wanted: Int32Array, most: number): BodyOrder {
  const bodyOf = new Map<number, number>();
  const order = new Int32Array(wanted.length);
  let requests = 0;
  for (const thing of wanted) {
    if (!bodyOf.has(thing) && bodyOf.size < most) bodyOf.set(thing, bodyOf.size);
    const body = bodyOf.get(thing);
    if (body !== undefined) order[requests++] = body;
  }
  return { holds: [...bodyOf.keys()], order: order.slice(0, requests) };
}

/** What requests reach of the queries. */
export interface Reach {
  readonly distinct: number;
  /** The share of all queries. */
  readonly coverage: number;
}

/** What the requests of all workers reach in one pass. @param queries of the dataset */
export function reachOf(orders: readonly Int32Array[], queries: number): Reach {
  const seen = new Uint8Array(queries);
  for (const order of orders) for (const query of order) seen[query] = 1;
  const distinct = seen.reduce((sum, one) => sum + one, 0);
  return { distinct, coverage: distinct / queries };
}
