import { File, ready } from 'h5wasm/node';
import { sampleFile } from './sample-files.js';

/** A dataset as h5wasm writes it. */
export interface SampleDataset {
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array | Int8Array;
  readonly shape: readonly number[];
  /** As NumPy spells it where it is not that of the data, such as `<h`. */
  readonly dtype?: string;
  readonly chunks?: readonly number[];
  readonly maxshape?: readonly (number | null)[];
  /** Level of deflate; only with chunks. */
  readonly compression?: number;
  /** The shape that it is given after it was written; only within `maxshape`. */
  readonly resized?: readonly number[];
}

/** What goes into an HDF5 file. */
export interface SampleHdf5 {
  readonly distance?: string | number;
  readonly datasets: Readonly<Record<string, SampleDataset>>;
}

/** Four rows of three values, two queries, and their neighbours by hand. */
export const smallSet = {
  train: { data: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3.5), shape: [4, 3] },
  test: { data: Float32Array.of(0, 0, 3, 0.75, 0, 0), shape: [2, 3] },
  // Squared distances of (0, 0, 3): 9, 10, 13, 0.25; of (0.75, 0, 0): 0.5625, 0.0625, 4.5625, 12.8.
  neighbors: { data: Int32Array.of(3, 0, 1, 0), shape: [2, 2] },
  distances: { data: Float32Array.of(0.5, 3, 0.25, 0.75), shape: [2, 2] },
} satisfies Record<string, SampleDataset>;

/** Writes an HDF5 file and gives its path. */
export async function sampleHdf5({ distance, datasets }: SampleHdf5): Promise<string> {
  await ready;
  const path = await sampleFile('', '.hdf5');
  const file = new File(path, 'w');
  for (const [name, dataset] of Object.entries(datasets)) {
    const { data, shape, dtype, chunks, maxshape, compression, resized } = dataset;
    const made = file.create_dataset({
      name,
      data,
      shape: [...shape],
      ...(dtype === undefined ? {} : { dtype }),
      ...(chunks === undefined ? {} : { chunks: [...chunks] }),
      ...(maxshape === undefined ? {} : { maxshape: [...maxshape] }),
      ...(compression === undefined ? {} : { compression }),
    });
    if (resized !== undefined) made.resize([...resized]);
  }
  if (distance !== undefined) file.create_attribute('distance', distance);
  file.close();
  return path;
}
