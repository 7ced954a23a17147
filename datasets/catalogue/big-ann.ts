import type { PublicDataset, PublicFile } from '../../core/download/public-dataset.js';

const folder = 'https://dl.fbaipublicfiles.com/billion-scale-ann-benchmarks/yfcc100M';

function file(role: PublicFile['role'], name: string, bytes: number): PublicFile {
  return { role, name, address: `${folder}/${name}`, bytes };
}

/** Of the sets of big-ann-benchmarks, the one of the filter track of NeurIPS 2023. */
export const bigAnn: readonly PublicDataset[] = [
  {
    name: 'yfcc-10M',
    title: 'Flickr images by CLIP (uint8) with tags; a query asks for one or two of 200,386 tags',
    format: 'bin',
    metric: 'l2',
    rows: 10_000_000,
    dimensions: 192,
    queries: 100_000,
    type: 'u8',
    licence: 'none stated for the vectors; the images are under Creative Commons licences',
    citation:
      "Simhadri et al.: Results of the Big ANN: NeurIPS'23 competition, arXiv 2409.17424 (2024)",
    source: 'https://big-ann-benchmarks.com/neurips23.html',
    files: [
      file('base', 'base.10M.u8bin', 1_920_000_008),
      file('queries', 'query.public.100K.u8bin', 19_200_008),
      file('base-tags', 'base.metadata.10M.spmat', 945_683_840),
      file('query-tags', 'query.metadata.public.100K.spmat', 1_907_024),
      file('neighbours', 'GT.public.ibin', 8_000_008),
    ],
  },
];
