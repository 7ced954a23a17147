import type { Suite } from '../core/suite.js';

const ofTheNineties = { field: 'year', atLeast: 1990, atMost: 1999 };
const comedies = { field: 'genre', equals: 'Comedy' };

/** Rows of a decade lie together in the dataset, rows of a genre all over it. */
const suite: Suite = {
  title: 'Filtered search: what a filter by category, range or both does to recall and latency',
  dataset: 'wiki-movies',
  targets: ['exact', 'qdrant-edge'],
  indexes: [
    { family: 'flat' },
    { family: 'hnsw', params: { M: [16] }, search: { efSearch: [64, 256] } },
  ],
  streams: [
    {
      operation: 'search',
      k: 10,
      filter: {
        all: 'none',
        genre: comedies,
        decade: ofTheNineties,
        both: { and: [comedies, ofTheNineties] },
      },
      load: [{ kind: 'closed', concurrency: 1 }],
    },
  ],
  measure: { warmUpS: 0.5, durationS: 2, repeats: 3 },
  gates: [{ metric: 'failed', atMost: 0 }],
};

export default suite;
