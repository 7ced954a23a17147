import type { Suite } from '../core/suite.js';

/** Every family of FAISS on the same data, each with its usual settings. */
const suite: Suite = {
  title: 'Index families side by side: which index for this data',
  dataset: 'wiki-movies',
  targets: ['faiss'],
  indexes: [
    { family: 'flat' },
    { family: 'ivf-flat', params: { nlist: [128] }, search: { nprobe: [16, 64, 96] } },
    { family: 'ivf-sq', params: { nlist: [128] }, search: { nprobe: [16, 64, 96] } },
    { family: 'pq', params: { m: [48], nbits: [8] } },
    {
      family: 'ivf-pq',
      params: { nlist: [128], m: [48], nbits: [8], refine: ['flat'] },
      search: { nprobe: [16, 64, 96], kFactor: [8] },
    },
    {
      family: 'hnsw',
      params: { M: [16], efConstruction: [100] },
      search: { efSearch: [16, 64, 128] },
    },
    {
      family: 'hnsw-sq',
      params: { M: [16], efConstruction: [100] },
      search: { efSearch: [16, 64, 128] },
    },
  ],
  streams: [{ operation: 'search', k: 10, load: [{ kind: 'closed', concurrency: 1 }] }],
  measure: { warmUpS: 0.5, durationS: 2, repeats: 3 },
  gates: [{ metric: 'failed', atMost: 0 }],
  on: { siftsmall: { 'indexes[3].params.m': 16, 'indexes[4].params.m': 16 } },
};

export default suite;
