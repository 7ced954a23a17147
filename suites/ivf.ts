import type { Suite } from '../core/suite.js';

/** Inverted lists with full vectors, swept over nlist and nprobe. */
const suite: Suite = {
  title: 'IVF-Flat: what recall costs in latency as lists and probes change',
  dataset: 'wiki-movies',
  targets: ['faiss'],
  indexes: [
    { family: 'flat' },
    { family: 'ivf-flat', params: { nlist: [64] }, search: { nprobe: [2, 8, 32] } },
    { family: 'ivf-flat', params: { nlist: [128] }, search: { nprobe: [4, 16, 32, 64, 96] } },
  ],
  streams: [{ operation: 'search', k: 10, load: [{ kind: 'closed', concurrency: 1 }] }],
  measure: { warmUpS: 0.5, durationS: 2, repeats: 3 },
  gates: [
    { metric: 'recall', where: { family: 'ivf-flat', nlist: 128, nprobe: 96 }, atLeast: 0.95 },
    { metric: 'failed', atMost: 0 },
  ],
};

export default suite;
