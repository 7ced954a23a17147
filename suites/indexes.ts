import type { Suite } from '../core/suite.js';

/**
 * Every embedded engine on the same data, every family that it builds: graphs as each engine makes
 * them when nobody tunes it but for `M`, then searched wider. Engines that are not installed are
 * left out.
 */
const suite: Suite = {
  title: 'Index families side by side: which index for this data',
  dataset: 'wiki-movies',
  targets: [
    'faiss',
    'hnswlib',
    'usearch',
    'lancedb',
    'pglite',
    'qdrant-edge',
    'sqlite-vec',
    'exact',
  ],
  indexes: [
    { family: 'flat' },
    { family: 'hnsw', params: { M: 16 } },
    { family: 'hnsw', params: { M: 16 }, search: { efSearch: [64, 128, 256] } },
    { family: 'ivf-flat', params: { nlist: 128 }, search: { nprobe: [16, 64, 96] } },
    {
      family: 'ivf-pq',
      params: { nlist: 128, m: 48, nbits: 8, refine: 'flat' },
      search: { nprobe: [16, 64, 96], kFactor: 8 },
    },
    { family: 'ivf-sq', params: { nlist: 128 }, search: { nprobe: [16, 64, 96] } },
    { family: 'hnsw-sq', params: { M: 16 }, search: { efSearch: [64, 128, 256] } },
    { family: 'ivf-hnsw-sq', params: { nlist: 1 }, search: { efSearch: [64, 128, 256] } },
    {
      family: 'ivf-rq',
      params: { nlist: 128, refine: 'flat' },
      search: { nprobe: [16, 64, 96], kFactor: 8 },
    },
    { family: 'pq', params: { m: 48, nbits: 8 } },
  ],
  streams: [{ operation: 'search', k: 10, load: [{ kind: 'closed', concurrency: 1 }] }],
  measure: { warmUpS: 0.5, durationS: 2, repeats: 3 },
  gates: [{ metric: 'failed', atMost: 0 }],
  on: { siftsmall: { 'indexes[4].params.m': 16, 'indexes[9].params.m': 16 } },
};

export default suite;
