import type { Suite } from '../core/suite.js';

/** Requests that come whether or not earlier ones were answered, at rising rates. */
const suite: Suite = {
  title: 'Open load: what users wait as requests come faster, queueing counted in',
  dataset: 'wiki-movies',
  targets: ['faiss'],
  indexes: [{ family: 'ivf-flat', params: { nlist: 128 }, search: { nprobe: 16 } }],
  streams: [
    {
      operation: 'search',
      k: 10,
      load: [{ kind: 'open', rateQps: [250, 500, 1000, 2000, 4000], arrivals: 'poisson' }],
    },
  ],
  measure: { warmUpS: 0.5, durationS: 3, repeats: 3 },
  gates: [
    { metric: 'recall', atLeast: 0.7 },
    { metric: 'failed', where: { rateQps: 250 }, atMost: 0 },
  ],
};

export default suite;
