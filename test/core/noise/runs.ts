import type { Cell, Run, Summary } from '../../../core/result.js';
import { makeRun } from '../../fixtures/make-run.js';
import { cellOf, figureOf, operationOf, summaryOf } from '../records.js';

/** The cells of pairs, base first, whose throughput is the given one. */
export function pairedCells(
  throughputs: readonly (readonly [base: number, head: number])[],
  change: Partial<Cell> = {},
): Cell[] {
  return throughputs.flatMap((pair, index) =>
    pair.map((throughputQps, place) =>
      cellOf(
        {
          id: `c${index}-${place}`,
          repeat: 2 * index + place,
          pair: index,
          role: place === 0 ? 'base' : 'head',
          ...change,
        },
        operationOf({ throughputQps }),
      ),
    ),
  );
}

/** Pairs of about 1000/s, as many as asked for. */
export function quietPairs(count: number): (readonly [number, number])[] {
  return Array.from({ length: count }, (_, index) => [
    1000 + 7 * (index % 3),
    1004 - 5 * (index % 4),
  ]);
}

/** The summary of cells that {@link pairedCells} makes. */
export function pairedSummary(change: Partial<Summary> = {}): Summary {
  return summaryOf({ throughputQps: figureOf(1000) }, change);
}

/** A complete A/A run with the given points. */
export function noisyRun(change: Partial<Run>): Run {
  return { ...makeRun(), aa: true, ...change };
}
