import type { NeighbourTable } from '../../core/dataset.js';
import type { VectorTable } from '../../core/vectors.js';
import { readBinVectors, readIbin } from '../formats/bin.js';
import { badData } from '../formats/data-file.js';
import { readIdxImages } from '../formats/idx.js';
import { readNpyNeighbours, readNpyVectors } from '../formats/npy.js';
import { type ParquetRows, readParquetBase } from '../formats/parquet.js';
import { readBvecs, readFvecs, readIvecs } from '../formats/vecs.js';

/** What a file of vectors holds: of a Parquet file also its other columns. */
export type VectorFile = Pick<ParquetRows, 'base'> & Partial<ParquetRows>;

type Reader<T> = (path: string) => Promise<T>;

const vectorReaders: Readonly<Record<string, Reader<VectorTable>>> = {
  '.fvecs': readFvecs,
  '.bvecs': readBvecs,
  '.fbin': (path) => readBinVectors(path, 'f32'),
  '.f16bin': (path) => readBinVectors(path, 'f16'),
  '.u8bin': (path) => readBinVectors(path, 'u8'),
  '.i8bin': (path) => readBinVectors(path, 'i8'),
  '.npy': readNpyVectors,
  '.idx': readIdxImages,
  '.idx.gz': readIdxImages,
  '-ubyte': readIdxImages,
  '-ubyte.gz': readIdxImages,
};

const neighbourReaders: Readonly<Record<string, Reader<NeighbourTable>>> = {
  '.ivecs': readIvecs,
  '.ibin': readIbin,
  '.npy': readNpyNeighbours,
};

const parquet = '.parquet';

/** Endings of files of vectors that can be read. */
export const vectorEndings: readonly string[] = [...Object.keys(vectorReaders), parquet];

/**
 * Reads vectors from a file of any known format, by the ending of its name.
 *
 * @param vectorColumn of a Parquet file; `emb` when not given
 * @throws BenchError BAD_DATA for another ending, and as the reader of its format
 */
export async function readVectors(path: string, vectorColumn?: string): Promise<VectorFile> {
  if (!path.endsWith(parquet)) {
    return { base: await readerFor(vectorReaders, path, vectorEndings)(path) };
  }
  // No neighbours name its rows by an id: one is a column as any other.
  const column = vectorColumn === undefined ? {} : { vector: vectorColumn };
  return readParquetBase({ train: path, columns: { id: null, ...column } });
}

/**
 * Reads neighbours from a file of any known format, by the ending of its name.
 *
 * @throws BenchError BAD_DATA for another ending, and as the reader of its format
 */
export function readNeighbours(path: string): Promise<NeighbourTable> {
  return readerFor(neighbourReaders, path, Object.keys(neighbourReaders))(path);
}

function readerFor<T>(
  readers: Readonly<Record<string, Reader<T>>>,
  path: string,
  endings: readonly string[],
): Reader<T> {
  const reader = Object.entries(readers).find(([ending]) => path.endsWith(ending))?.[1];
  if (reader !== undefined) return reader;
  throw badData(
    path,
    `its name ends in none of ${endings.join(', ')}`,
    'rename the file by its format',
  );
}
