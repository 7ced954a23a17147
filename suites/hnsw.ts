import type { Suite } from '../core/suite.js';

/** Two graphs of different density, swept over efSearch. */
const suite: Suite = {
  title: 'HNSW: what recall costs in latency, memory and build time as the graph gets denser',
  dataset: 'wiki-movies',
  targets: ['faiss'],
  indexes: [
    { family: 'flat' },
    {
      family: 'hnsw',
      params: { M: [16], efConstruction: [40] },
      search: { efSearch: [16, 32, 64, 128] },
    },
    {
      family: 'hnsw',
      params: { M: [32], efConstruction: [200] },
      search: { efSearch: [16, 32, 64, 128] },
    },
  ],
  streams: [{ operation: 'search', k: 10, load: [{ kind: 'closed', concurrency: 1 }] }],
  measure: { warmUpS: 0.5, durationS: 2, repeats: 3 },
  gates: [
    { metric: 'recall', where: { M: 32, efSearch: 128 }, atLeast: 0.95 },
    { metric: 'failed', atMost: 0 },
  ],
};

export default suite;
