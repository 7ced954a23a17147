import type { Suite } from '../core/suite.js';

/** Exact search with FAISS: the cost that every index is there to avoid. */
const suite: Suite = {
  title: 'Flat: what exact search costs, one query at a time and in batches',
  dataset: 'wiki-movies',
  targets: ['faiss'],
  indexes: [{ family: 'flat' }],
  streams: [
    {
      operation: 'search',
      k: 10,
      batch: [1, 10, 100],
      load: [{ kind: 'closed', concurrency: [1, 2] }],
    },
  ],
  measure: { warmUpS: 0.5, durationS: 2, repeats: 3 },
  gates: [
    { metric: 'recall', atLeast: 0.999 },
    { metric: 'failed', atMost: 0 },
  ],
};

export default suite;
