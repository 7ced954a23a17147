import type { Suite } from '../core/suite.js';

/** Product quantisation alone, swept over the length of the codes. */
const suite: Suite = {
  title: 'PQ: what is lost and saved as codes get shorter, with and without re-ranking',
  dataset: 'wiki-movies',
  targets: ['faiss'],
  indexes: [
    { family: 'flat' },
    { family: 'pq', params: { m: [24, 48, 96], nbits: [8] } },
    {
      family: 'pq',
      params: { m: [48], nbits: [8], refine: ['flat'] },
      search: { kFactor: [4, 8] },
    },
  ],
  streams: [{ operation: 'search', k: 10, load: [{ kind: 'closed', concurrency: 1 }] }],
  measure: { warmUpS: 0.5, durationS: 2, repeats: 3 },
  gates: [
    { metric: 'recall', where: { family: 'pq', refine: 'flat', kFactor: 8 }, atLeast: 0.9 },
    { metric: 'failed', atMost: 0 },
  ],
  on: { siftsmall: { 'indexes[1].params.m': [8, 16, 32], 'indexes[2].params.m': 16 } },
};

export default suite;
