import type { PublicDataset, PublicFile } from '../../core/download/public-dataset.js';

const source = 'https://github.com/zilliztech/VectorDBBench';

type Facts = Omit<PublicDataset, 'format' | 'source' | 'files' | 'metric' | 'queries'>;

function parquet(folder: string, facts: Facts): PublicDataset {
  const file = (role: PublicFile['role'], name: string): PublicFile => {
    return { role, name, address: `https://assets.zilliz.com/benchmark/${folder}/${name}` };
  };
  return {
    ...facts,
    format: 'parquet-vdbb',
    metric: 'cosine',
    queries: 1_000,
    source,
    files: [
      file('base', 'shuffle_train.parquet'),
      file('queries', 'test.parquet'),
      file('neighbours', 'neighbors.parquet'),
      file('labels', 'scalar_labels.parquet'),
    ],
  };
}

const cohere = {
  dimensions: 768,
  licence: 'none stated; made of Cohere/wikipedia-22-12',
  citation: `VectorDBBench, ${source}; Cohere/wikipedia-22-12`,
};

/** Of the sets of VectorDBBench, the smaller ones with neighbours and labels. */
export const vectorDbBench: readonly PublicDataset[] = [
  parquet('cohere_small_100k', {
    ...cohere,
    name: 'cohere-768-small',
    title: 'Wikipedia by Cohere (VectorDBBench, small), cosine, with labels',
    rows: 100_000,
  }),
  parquet('cohere_medium_1m', {
    ...cohere,
    name: 'cohere-768-medium',
    title: 'Wikipedia by Cohere (VectorDBBench, medium), cosine, with labels',
    rows: 1_000_000,
  }),
  parquet('openai_small_50k', {
    name: 'openai-1536-small',
    title: 'C4 texts by OpenAI (VectorDBBench, small), cosine, with labels',
    rows: 50_000,
    dimensions: 1536,
    licence: 'none stated; made of allenai/c4',
    citation: `VectorDBBench, ${source}; allenai/c4`,
  }),
];
