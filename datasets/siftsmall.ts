import { join } from 'node:path';
import type { DatasetEntry } from '../core/dataset.js';
import { packageRoot } from '../core/paths.js';
import { readFvecs, readIvecs } from './formats/vecs.js';

/** ANN_SIFT10K: the smallest of the classic sets, with official neighbours. */
export default {
  title: 'SIFT image descriptors, 10,000 x 128, Euclidean, with the official neighbours',
  metric: 'l2',
  rows: 10_000,
  dimensions: 128,
  queries: 100,
  licence: 'none stated for the data; cite Jegou, Douze, Schmid, IEEE TPAMI 2011',
  source: 'ANN_SIFT10K of the TEXMEX corpus, http://corpus-texmex.irisa.fr/',
  async load(name) {
    const folder = join(packageRoot(), 'datasets', 'bundled', 'siftsmall');
    return {
      name,
      metric: 'l2',
      base: await readFvecs(join(folder, 'siftsmall_base.fvecs')),
      queries: await readFvecs(join(folder, 'siftsmall_query.fvecs')),
      officialTruth: await readIvecs(join(folder, 'siftsmall_groundtruth.ivecs')),
    };
  },
} satisfies DatasetEntry;
