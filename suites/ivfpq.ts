import type { Suite } from '../core/suite.js';

/** Inverted lists with product-quantised codes, with and without re-ranking. */
const suite: Suite = {
  title: 'IVF-PQ: what recall costs in latency and memory as lists, codes and probes change',
  dataset: 'wiki-movies',
  targets: ['faiss'],
  indexes: [
    { family: 'flat' },
    { family: 'ivf-flat', params: { nlist: [128] }, search: { nprobe: [4, 16, 64, 96] } },
    {
      family: 'ivf-pq',
      params: { nlist: [128], m: [48], nbits: [8] },
      search: { nprobe: [4, 16, 64] },
    },
    {
      family: 'ivf-pq',
      params: { nlist: [128], m: [48], nbits: [8], refine: ['flat'] },
      search: { nprobe: [4, 16, 64, 96], kFactor: [8] },
    },
  ],
  streams: [{ operation: 'search', k: 10, load: [{ kind: 'closed', concurrency: 1 }] }],
  measure: { warmUpS: 0.5, durationS: 2, repeats: 3 },
  gates: [
    { metric: 'recall', where: { family: 'ivf-pq', refine: 'flat', nprobe: 64 }, atLeast: 0.9 },
    { metric: 'failed', atMost: 0 },
  ],
  on: { siftsmall: { 'indexes[2].params.m': 16, 'indexes[3].params.m': 16 } },
};

export default suite;
