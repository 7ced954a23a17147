import type { Suite } from '../core/suite.js';

/** The exact store on the smallest data set; needs no Python. */
const suite: Suite = {
  title: 'Smoke: does everything work, in ten seconds, without any engine to install',
  dataset: 'siftsmall',
  targets: ['exact'],
  indexes: [{ family: 'flat' }],
  streams: [
    { operation: 'search', k: 10, batch: [1, 10], load: [{ kind: 'closed', concurrency: 1 }] },
  ],
  measure: { warmUpS: 0.3, durationS: 1, repeats: 3 },
  gates: [
    { metric: 'recall', atLeast: 1 },
    { metric: 'failed', atMost: 0 },
  ],
};

export default suite;
