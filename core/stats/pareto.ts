/** A point of which more recall is better, and more or less of the other figure. */
export interface Point {
  readonly key: string;
  readonly recall: number;
  readonly value: number;
}

/**
 * The points that no other point beats: none is as good in both figures and better in one.
 *
 * @param better whether more or less of `value` is better
 * @returns their keys, by rising recall
 */
export function paretoFront(points: readonly Point[], better: 'more' | 'less'): string[] {
  const sign = better === 'more' ? 1 : -1;
  const sorted = [...points].sort((a, b) => b.recall - a.recall || sign * (b.value - a.value));
  const front: Point[] = [];
  let best = Number.NEGATIVE_INFINITY;
  for (const point of sorted) {
    if (sign * point.value <= best) continue;
    best = sign * point.value;
    front.push(point);
  }
  return front.reverse().map(({ key }) => key);
}
