import type { PublicDataset } from '../../core/download/public-dataset.js';

const source = 'https://github.com/erikbern/ann-benchmarks';
const shared = 'Aumüller, Bernhardsson, Faithfull: ANN-Benchmarks, Information Systems 87 (2020)';

type Facts = Omit<PublicDataset, 'format' | 'source' | 'files'> & { readonly bytes: number };

function hdf5({ bytes, ...facts }: Facts): PublicDataset {
  const name = `${facts.name}.hdf5`;
  const address = `https://ann-benchmarks.com/${name}`;
  return { ...facts, format: 'hdf5-ann', source, files: [{ role: 'all', name, address, bytes }] };
}

/** Of the sets of ann-benchmarks.com, those in HDF5 that are compared most. */
export const annBenchmarks: readonly PublicDataset[] = [
  hdf5({
    name: 'sift-128-euclidean',
    title: 'SIFT image descriptors (ANN_SIFT1M), Euclidean, 100 neighbours a query',
    metric: 'l2',
    rows: 1_000_000,
    dimensions: 128,
    queries: 10_000,
    bytes: 525_128_288,
    licence: 'none stated',
    citation: `Jégou, Douze, Schmid, IEEE TPAMI 33 (2011); ${shared}`,
  }),
  hdf5({
    name: 'gist-960-euclidean',
    title: 'GIST image descriptors (ANN_GIST1M), Euclidean, 100 neighbours a query',
    metric: 'l2',
    rows: 1_000_000,
    dimensions: 960,
    queries: 1_000,
    bytes: 3_844_648_288,
    licence: 'none stated',
    citation: `Jégou, Douze, Schmid, IEEE TPAMI 33 (2011); ${shared}`,
  }),
  hdf5({
    name: 'glove-100-angular',
    title: 'GloVe word vectors (Twitter, 27 billion tokens), angular, 100 neighbours a query',
    metric: 'cosine',
    rows: 1_183_514,
    dimensions: 100,
    queries: 10_000,
    bytes: 485_413_888,
    licence: 'Public Domain Dedication and License (the word vectors)',
    citation: `Pennington, Socher, Manning: GloVe, EMNLP 2014; ${shared}`,
  }),
  hdf5({
    name: 'fashion-mnist-784-euclidean',
    title: 'Fashion-MNIST images, Euclidean, 100 neighbours a query',
    metric: 'l2',
    rows: 60_000,
    dimensions: 784,
    queries: 10_000,
    bytes: 227_528_288,
    licence: 'MIT (the images)',
    citation: `Xiao, Rasul, Vollgraf: Fashion-MNIST, arXiv 1708.07747 (2017); ${shared}`,
  }),
];
