import type { DatasetEntry } from '../../core/dataset.js';
import type { FileRole } from '../../core/download/public-dataset.js';
import type { PulledDataset } from '../../core/download/pulled.js';
import { BenchError } from '../../core/errors.js';
import catalogue, { pulledFiles } from '../catalogue/catalogue.js';
import type { VectorSource } from './description.js';
import { datasetOf, readContents } from './read.js';

/**
 * A public dataset whose files are here.
 *
 * @returns undefined when the catalogue has no such name
 * @throws BenchError UNKNOWN_NAME when it was not pulled, or not all of it; BAD_DATA when the
 *   record of what was pulled is damaged
 */
export async function pulledEntry(name: string): Promise<DatasetEntry | undefined> {
  if (!catalogue.some((each) => each.name === name)) return undefined;
  const pulled = await pulledFiles(name);
  if (pulled !== undefined) return entryOf(pulled);
  throw new BenchError('UNKNOWN_NAME', `the public dataset ${name} is not here`, {
    hint: `bench dataset pull ${name} brings it; where it was put with --to, import it from there`,
  });
}

/** The public datasets that are here, in the order of the catalogue. */
export async function pulledEntries(): Promise<
  { readonly name: string; readonly entry: DatasetEntry }[]
> {
  const all = await Promise.all(catalogue.map((each) => pulledFiles(each.name)));
  return all.flatMap((pulled) =>
    pulled === undefined ? [] : [{ name: pulled.dataset.name, entry: entryOf(pulled) }],
  );
}

function entryOf(pulled: PulledDataset): DatasetEntry {
  const { title, metric, rows, dimensions, queries, type, licence, source } = pulled.dataset;
  return {
    ...{ title, metric, rows, dimensions, queries, licence, source },
    ...(type !== undefined && { type }),
    async load(name) {
      const contents = await readContents({ vectors: sourceOf(pulled), metric }, pulled.folder);
      return datasetOf(name, metric, contents);
    },
  };
}

function sourceOf({ dataset, folder, files }: PulledDataset): VectorSource {
  const pathOf = (role: FileRole): string | undefined =>
    files.find((file) => file.role === role)?.path;
  const { format } = dataset;
  if (format === 'hdf5-ann') return { layout: 'hdf5', file: pathOf('all') ?? folder };
  if (format === 'parquet-vdbb') return { layout: 'parquet', folder };
  const neighbours = pathOf('neighbours');
  // Of queries with tags the neighbours are those among the rows that have them.
  const isPlain = pathOf('query-tags') === undefined;
  const queries = pathOf('queries');
  return {
    layout: 'files',
    base: pathOf('base') ?? folder,
    ...(queries !== undefined && { queries }),
    ...(neighbours !== undefined && isPlain && { neighbours }),
  };
}
