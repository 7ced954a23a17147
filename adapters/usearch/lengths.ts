import { BenchError } from '../../core/errors.js';
import type { VectorValues } from '../../core/vectors.js';

/** The shortest and the longest row seen. */
export interface Lengths {
  readonly shortest: number;
  readonly longest: number;
}

// Rows that are unit vectors but for rounding differ by less.
const slack = 1.01;

/** The Euclidean lengths of rows, together with those seen before. */
export function lengthsOf(
  values: VectorValues,
  dimensions: number,
  { shortest, longest }: Lengths = { shortest: Number.POSITIVE_INFINITY, longest: 0 },
): Lengths {
  let [least, most] = [shortest, longest];
  for (let from = 0; from < values.length; from += dimensions) {
    let sum = 0;
    for (let at = from; at < from + dimensions; at++) sum += (values[at] as number) ** 2;
    least = Math.min(least, Math.sqrt(sum));
    most = Math.max(most, Math.sqrt(sum));
  }
  return { shortest: least, longest: most };
}

/**
 * usearch divides each row by its own length before it makes it an i8, even one that comes as
 * bytes: what is left is right for rows of one length, and under cosine. Otherwise recall is lost
 * without a word.
 *
 * @throws BenchError UNSUPPORTED when the lengths differ by more than a hundredth
 */
export function requireOneLength({ shortest, longest }: Lengths, metric: string): void {
  if (longest <= shortest * slack) return;
  const range = `${shortest.toPrecision(4)}..${longest.toPrecision(4)}`;
  const message =
    `usearch: quantization i8 drops the lengths of the rows, which ${metric} needs: ` +
    `they must be equal, got ${range}; take f16, or a dataset with cosine`;
  throw new BenchError('UNSUPPORTED', message);
}
