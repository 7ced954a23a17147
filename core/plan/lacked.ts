import type { Target, Unsupported } from '../plan.js';
import type { Suite } from '../suite.js';
import type { PlannedStream } from './streams.js';

/** The index families of a suite that targets do not build: an entry a target. */
export function lackedFamilies(suite: Suite, targets: readonly Target[]): Unsupported[] {
  const asked = [...new Set(suite.indexes.map(({ family }) => family))];
  return targets.flatMap(({ name, adapterName, adapter: { indexes: built = [] }, attach }) => {
    const indexes = attach === undefined ? built : [attach];
    const lacked = asked.filter((family) => !indexes.some((index) => index.family === family));
    if (lacked.length === 0) return [];
    const one = lacked.length === 1;
    const what = `index ${one ? 'family' : 'families'} ${lacked.join(', ')}`;
    const own = `the collection ${attach?.collection} is ${attach?.family}`;
    const why = attach ? own : `${adapterName} does not build ${one ? 'it' : 'them'}`;
    return [{ target: name, what, why }];
  });
}

/** Whether a stream sends batches to a store that, as its adapter says, takes none. */
export function lacksBatches({ adapter: { abilities } }: Target, { load }: PlannedStream): boolean {
  return load.itemsPerRequest > 1 && abilities?.includes('batch') === false;
}

/** Targets that cannot be asked in batches, where streams do: an entry a target. */
export function lackedBatches(
  targets: readonly Target[],
  streams: readonly PlannedStream[],
): Unsupported[] {
  return targets
    .filter((target) => streams.some((stream) => lacksBatches(target, stream)))
    .map(({ name, adapterName }) => {
      return { target: name, what: 'searches in batches', why: `${adapterName} has none` };
    });
}
