import { readdirSync, statSync } from 'node:fs';
import { BenchError } from '../../core/errors.js';
import { corpusNames } from '../formats/beir.js';
import { badData, unreadable } from '../formats/data-file.js';
import type { VectorSource } from './description.js';

/** What a person names; paths are absolute. */
export interface NamedSources {
  /** A file of vectors, an HDF5 file, a folder of Parquet files, or one in the layout of BEIR. */
  readonly path: string;
  /** A vector a document of a folder in the layout of BEIR. */
  readonly vectors?: string;
  readonly queries?: string;
  readonly neighbours?: string;
  /** Of the vectors in Parquet files; `emb` when not given. */
  readonly column?: string;
  /** Of the judgments in a folder in the layout of BEIR; `test` when not given. */
  readonly split?: string;
  /** Rows to take out as queries where there are none. */
  readonly holdOut?: number;
}

type Layout = VectorSource['layout'];
type Option = Exclude<keyof NamedSources, 'path'>;

const layouts: Readonly<Record<Layout, { readonly what: string; readonly takes: Option[] }>> = {
  files: { what: 'a file of vectors', takes: ['queries', 'neighbours', 'column', 'holdOut'] },
  hdf5: { what: 'an HDF5 file, which holds its own queries', takes: [] },
  parquet: { what: 'a folder of Parquet files, which holds its own queries', takes: ['column'] },
  beir: { what: 'a folder in the layout of BEIR', takes: ['vectors', 'queries', 'split'] },
};

const flags: Readonly<Record<Option, string>> = {
  vectors: '--vectors',
  queries: '--queries',
  neighbours: '--neighbours',
  column: '--column',
  split: '--split',
  holdOut: '--hold-out',
};

/**
 * Where the vectors of what a person names lie.
 *
 * @throws BenchError BAD_DATA when the path is not there or of no known layout; BAD_ARGUMENT for
 *   options that do not go with its layout or with each other
 */
export function sourceOf(named: NamedSources): VectorSource {
  const { path, vectors, queries, neighbours, column, split = 'test' } = named;
  const layout = layoutOf(path);
  requireFitting(named, layout);
  const vectorColumn = column === undefined ? {} : { vectorColumn: column };
  if (layout === 'hdf5') return { layout, file: path };
  if (layout === 'parquet') return { layout, folder: path, ...vectorColumn };
  if (layout === 'files') {
    return {
      ...{ layout, base: path, ...vectorColumn },
      ...(queries !== undefined && { queries }),
      ...(neighbours !== undefined && { neighbours }),
    };
  }
  if (vectors !== undefined && queries !== undefined) {
    return { layout, folder: path, base: vectors, queries, split };
  }
  throw new BenchError('BAD_ARGUMENT', `${path} holds texts, whose vectors must be named`, {
    hint: 'give --vectors and --queries: files with a vector a line of corpus and queries',
  });
}

function layoutOf(path: string): Layout {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw badData(path, 'it is not there', 'check the path');
  if (!stat.isDirectory()) return /\.(hdf5|h5)$/.test(path) ? 'hdf5' : 'files';
  const names = namesIn(path);
  if (names.some((name) => corpusNames.includes(name))) return 'beir';
  if (names.some((name) => name.endsWith('.parquet'))) return 'parquet';
  const found = names.length === 0 ? 'nothing' : names.sort().slice(0, 20).join(', ');
  const expected = 'expected Parquet files as of VectorDBBench, or corpus.jsonl as of BEIR';
  throw badData(path, `it holds ${found}; ${expected}`, 'name a file of vectors in it');
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (thrown) {
    throw unreadable(folder, thrown);
  }
}

function requireFitting(named: NamedSources, layout: Layout): void {
  const { what, takes } = layouts[layout];
  const given = (Object.keys(flags) as Option[]).filter((option) => named[option] !== undefined);
  const extra = given.filter((option) => !takes.includes(option)).map((option) => flags[option]);
  if (extra.length > 0) {
    const problem = `${named.path} is ${what}: it takes no ${extra.join(', ')}`;
    throw new BenchError('BAD_ARGUMENT', problem, { hint: `leave ${extra.join(', ')} out` });
  }
  if (layout !== 'files') return;
  const { queries, neighbours, holdOut } = named;
  if (queries === undefined && neighbours !== undefined) {
    const problem = '--neighbours are those of queries, which must be named too';
    throw new BenchError('BAD_ARGUMENT', problem, { hint: 'give --queries' });
  }
  if (queries !== undefined && holdOut !== undefined) {
    const problem = '--hold-out takes queries out of the rows, --queries brings them along';
    throw new BenchError('BAD_ARGUMENT', problem, { hint: 'give one of the two' });
  }
}
