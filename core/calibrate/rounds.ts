import { BenchError } from '../errors.js';
import { deriveSeed, seededRandom, shuffled } from '../random.js';
import { pairedRatio } from '../stats/paired.js';
import { median } from '../stats/quantile.js';
import type { Contestant, Measurement } from './contest.js';
import { type ContestantResult, type FigureName, figureNames, type Ratio } from './result.js';

/** The contestant that the others are compared with. */
export const own = 'bench';

/** By contestant, what it measured in each round. */
export type Rounds = Readonly<Record<string, readonly Measurement[]>>;

/** How rounds are held. */
export interface RoundsOptions {
  readonly rounds: number;
  readonly seed: number;
  /** Called before each measurement. */
  readonly onTurn: (done: number, name: string) => void;
}

/**
 * Lets all contestants measure in each round, in an order that is drawn for each round by the seed,
 * so that what changes in the meantime meets all alike.
 *
 * @returns what was measured, and the orders
 * @throws BenchError STORE_FAILED when one of them met an error, or no answer
 */
export async function playRounds(
  contestants: readonly Contestant[],
  { rounds, seed, onTurn }: RoundsOptions,
): Promise<{ readonly measured: Rounds; readonly orders: string[][] }> {
  const measured: Record<string, Measurement[]> = {};
  const orders: string[][] = [];
  for (let round = 0; round < rounds; round++) {
    const order = shuffled(contestants, seededRandom(deriveSeed(seed, `round ${round}`)));
    orders.push(order.map(({ name }) => name));
    for (const [turn, contestant] of order.entries()) {
      onTurn(round * order.length + turn, contestant.name);
      const measurement = await contestant.measure();
      refuseErrors(contestant, measurement);
      measured[contestant.name] = [...(measured[contestant.name] ?? []), measurement];
    }
  }
  return { measured, orders };
}

function refuseErrors({ name }: Contestant, { requests, errors, firstError }: Measurement): void {
  if (errors === 0 && requests > 0) return;
  const why = firstError === undefined ? '' : `, the first: ${firstError}`;
  const what = errors === 0 ? 'no request was answered' : `${errors} requests failed${why}`;
  throw new BenchError('STORE_FAILED', `calibrate: ${name}: ${what}`, {
    hint: 'figures next to errors compare nothing; try again with fewer --connections',
  });
}

/** The figures of one contestant over all rounds: medians, and every value. */
export function figuresOf(measured: readonly Measurement[]): ContestantResult['figures'] {
  const figures: ContestantResult['figures'] = {};
  for (const name of figureNames) {
    const values = measured.flatMap((round) => round[name] ?? []);
    if (values.length > 0) figures[name] = { median: median(values), values };
  }
  return figures;
}

/**
 * Bench over another contestant, round by round. What a round has in common, such as a slow minute,
 * cancels out.
 *
 * @returns no ratio of a figure that either of them lacks in any round, or that is 0
 */
export function ratiosOf(
  bench: readonly Measurement[],
  other: readonly Measurement[],
): ContestantResult['ratios'] {
  const ratios: ContestantResult['ratios'] = {};
  for (const name of figureNames) {
    const ratio = ratioOf(pairsOf(name, bench, other));
    if (ratio !== undefined) ratios[name] = ratio;
  }
  return ratios;
}

type Pairs = readonly { readonly base: number; readonly head: number }[];

function pairsOf(
  name: FigureName,
  bench: readonly Measurement[],
  other: readonly Measurement[],
): Pairs {
  const pairs = bench.flatMap((round, index) => {
    const head = round[name];
    const base = other[index]?.[name];
    return head === undefined || base === undefined ? [] : [{ base, head }];
  });
  return pairs.length === bench.length ? pairs : [];
}

function ratioOf(pairs: Pairs): Ratio | undefined {
  const [first] = pairs;
  if (first === undefined || pairs.some(({ base, head }) => !(base > 0 && head > 0))) {
    return undefined;
  }
  if (pairs.length === 1) return { ratio: first.head / first.base, pairs: 1 };
  const paired = pairedRatio(pairs);
  if (paired === undefined) return undefined;
  const { ratio, interval, confidence } = paired;
  return { ratio, low: interval.low, high: interval.high, confidence, pairs: pairs.length };
}
