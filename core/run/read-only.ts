import type { Store, VectorOperations } from '../adapter.js';
import { BenchError } from '../errors.js';

/** A store of which nothing can be changed: any write is refused before it is sent. */
export function readOnly(store: Store, collection: string): Store {
  const { vectors, footprint } = store;
  return {
    ...(vectors && { vectors: readOnlyVectors(vectors, collection) }),
    describe: store.describe.bind(store),
    ...(footprint && { footprint: footprint.bind(store) }),
    close: store.close.bind(store),
  };
}

function readOnlyVectors(vectors: VectorOperations, collection: string): VectorOperations {
  const refuse = (what: string): never => {
    throw new BenchError('READ_ONLY', `${collection} is attached, and only read: no ${what}`, {
      hint: 'leave attach out of the target, and bench makes a collection of its own',
    });
  };
  const refused = async (what: string): Promise<never> => refuse(what);
  const { attach, prepareSearchBatch, searchBatch } = vectors;
  return {
    create: () => refused('create'),
    ...(attach && { attach: attach.bind(vectors) }),
    prepareUpsert: () => refuse('upsert'),
    upsert: () => refused('upsert'),
    finish: () => refused('finish'),
    count: vectors.count.bind(vectors),
    handle: vectors.handle.bind(vectors),
    open: vectors.open.bind(vectors),
    prepareSearch: vectors.prepareSearch.bind(vectors),
    search: vectors.search.bind(vectors),
    ...(prepareSearchBatch && { prepareSearchBatch: prepareSearchBatch.bind(vectors) }),
    ...(searchBatch && { searchBatch: searchBatch.bind(vectors) }),
    drop: () => refused('drop'),
  };
}
