/**
 * The p-values of several tests, adjusted so that the chance of any false alarm among them is at
 * most the level that they are compared with, however they depend on each other.
 *
 * @param pValues each in [0, 1]
 * @returns adjusted values in the same order, in [0, 1]
 * @see Holm, A Simple Sequentially Rejective Multiple Test Procedure (1979)
 */
export function holmAdjusted(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index);
  order.sort((a, b) => (pValues[a] as number) - (pValues[b] as number));
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  for (const [rank, index] of order.entries()) {
    const scaled = (pValues.length - rank) * (pValues[index] as number);
    largest = Math.min(1, Math.max(largest, scaled));
    adjusted[index] = largest;
  }
  return adjusted;
}
