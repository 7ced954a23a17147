import { join } from 'node:path';
import type { DatasetEntry } from '../core/dataset.js';
import { packageRoot } from '../core/paths.js';
import { readNpyNeighbours, readNpyVectors } from './formats/npy.js';

/** The default data set: text embeddings as people search them. */
export default {
  title: 'Films from English Wikipedia, MiniLM text embeddings, 19,500 x 384, cosine',
  metric: 'cosine',
  rows: 19_500,
  dimensions: 384,
  queries: 500,
  type: 'f16',
  licence: 'texts CC BY-SA (Wikipedia), collection MIT (Peter Rust)',
  source: 'https://github.com/prust/wikipedia-movie-data, encoded with all-MiniLM-L6-v2',
  async load(name) {
    const folder = join(packageRoot(), 'datasets', 'bundled', 'wiki-movies');
    return {
      name,
      metric: 'cosine',
      base: await readNpyVectors(join(folder, 'base.f16.npy')),
      queries: await readNpyVectors(join(folder, 'queries.f16.npy')),
      officialTruth: await readNpyNeighbours(join(folder, 'groundtruth.npy')),
    };
  },
} satisfies DatasetEntry;
