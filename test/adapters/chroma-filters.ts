import type { Filter } from '../../core/filter.js';
import { seededRandom } from '../../core/random.js';

const bounds = [-3, -1.5, -0.5, 0, 0.5, 1, 1.5, 2, 3.25, 6] as const;

/** Some filter over the columns whole, real and text, of up to three levels. */
export function chooseFilter(seed: number): Filter {
  const random = seededRandom(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const leaf = (): Filter => {
    const field = pick(['whole', 'real']);
    const leaves: (() => Filter)[] = [
      () => ({ field: 'text', equals: pick(['t0', 't1', 'none']) }),
      () => ({ field: 'text', in: ['t2', 't3'] }),
      () => ({ field, equals: pick(bounds) }),
      () => ({ field, in: [pick(bounds), pick(bounds)] }),
      () => ({ field, atLeast: pick(bounds) }),
      () => ({ field, atMost: pick(bounds) }),
      () => ({ field, atLeast: -1.5, atMost: pick([-0.5, 0.5, 2]) }),
    ];
    return pick(leaves)();
  };
  const some = (level: number): Filter => {
    if (level === 0 || random() < 0.2) return leaf();
    const kind = pick(['and', 'or', 'not']);
    if (kind === 'not') return { not: some(level - 1) };
    const parts = [some(level - 1), some(level - 1)];
    return kind === 'and' ? { and: parts } : { or: parts };
  };
  return some(3);
}
