import { join } from 'node:path';
import type { DatasetEntry } from '../core/dataset.js';
import { packageRoot } from '../core/paths.js';
import type { Payload } from '../core/payload.js';
import { jsonRecords } from './formats/jsonl.js';
import { readNpyNeighbours, readNpyVectors } from './formats/npy.js';
import { categoryColumn, wholeNumbers } from './formats/payload-columns.js';

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
  payload: { title: 'text', year: 'integer', genre: 'category', castCount: 'integer' },
  async load(name, wanted = { payload: true }) {
    const folder = join(packageRoot(), 'datasets', 'bundled', 'wiki-movies');
    return {
      name,
      metric: 'cosine',
      base: await readNpyVectors(join(folder, 'base.f16.npy')),
      queries: await readNpyVectors(join(folder, 'queries.f16.npy')),
      officialTruth: await readNpyNeighbours(join(folder, 'groundtruth.npy')),
      ...(wanted.payload && { payload: await readFilms(join(folder, 'meta.jsonl.gz')) }),
    };
  },
} satisfies DatasetEntry;

interface Film {
  readonly title: string;
  readonly year: number;
  /** The most telling first; 152 films have none. */
  readonly genres: readonly string[];
  readonly cast_count: number;
}

async function readFilms(path: string): Promise<Payload> {
  const films: Film[] = [];
  for await (const record of jsonRecords(path)) films.push(record as unknown as Film);
  return {
    title: { type: 'text', values: films.map(({ title }) => title) },
    year: wholeNumbers(films.map(({ year }) => year)),
    genre: categoryColumn(films.map(({ genres }) => genres[0])),
    castCount: wholeNumbers(films.map(({ cast_count: count }) => count)),
  };
}
