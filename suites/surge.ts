import type { Suite } from '../core/suite.js';

/** A rate that rises past what the store carries, and a burst. */
const suite: Suite = {
  title: 'Surge: where the knee is as the rate rises, and how long a burst is felt',
  dataset: 'wiki-movies',
  targets: ['faiss'],
  indexes: [{ family: 'ivf-flat', params: { nlist: 128 }, search: { nprobe: 16 } }],
  streams: [
    {
      operation: 'search',
      k: 10,
      load: [
        { kind: 'ramp', fromQps: 500, toQps: 16000, steps: 11, stepS: 1 },
        { kind: 'spike', baseQps: 500, burstQps: 16000, burstS: 0.5, beforeS: 2, afterS: 3 },
      ],
    },
  ],
  measure: { warmUpS: 0.5, durationS: 2, repeats: 3 },
  gates: [{ metric: 'recall', atLeast: 0.7 }],
};

export default suite;
