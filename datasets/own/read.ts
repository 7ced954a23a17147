import type { Metric } from '../../core/adapter.js';
import type { Dataset, Judgments, NeighbourTable } from '../../core/dataset.js';
import type { Payload } from '../../core/payload.js';
import type { VectorTable } from '../../core/vectors.js';
import { badData } from '../formats/data-file.js';
import { readHdf5 } from '../formats/hdf5.js';
import { findParquetFiles, readParquetSet } from '../formats/parquet.js';
import { readPayload } from '../formats/payload.js';
import { readJudgedVectors } from './beir.js';
import { type Description, descriptionFile, type VectorSource } from './description.js';
import { readNeighbours, readVectors } from './files.js';
import { type HeldOut, holdOut, payloadOf } from './hold-out.js';
import { pathFrom, requireUnchanged } from './source-files.js';

/** What files hold, before anything is taken out of it. */
export interface Contents {
  readonly base: VectorTable;
  readonly queries?: VectorTable;
  readonly officialTruth?: NeighbourTable;
  readonly judgments?: Judgments;
  readonly payload?: Payload;
  /** As the files say, where they do. */
  readonly metric?: Metric;
  /** Columns of Parquet files that were not read. */
  readonly leftOut?: readonly string[];
}

/** What is read. */
export type Reading = Pick<Description, 'vectors' | 'payload' | 'payloadTypes'> & {
  /** Taken where the files do not say theirs. */
  readonly metric?: Metric;
};

/**
 * Reads what a description names.
 *
 * @param folder where it lies and its relative paths begin
 * @throws BenchError BAD_DATA when a file is not what it should be, has changed since the import,
 *   or files do not fit together
 */
export async function readDescribed(
  name: string,
  description: Description,
  folder: string,
): Promise<Dataset> {
  const { metric, heldOut } = description;
  await requireUnchanged(description.files, folder);
  const contents = await readContents(description, folder);
  if (contents.metric !== undefined && contents.metric !== metric) {
    const what = `it says ${metric}, the files say ${contents.metric}`;
    throw badData(pathFrom(folder, descriptionFile), what, 'import it again');
  }
  if (heldOut === undefined) return datasetOf(name, metric, contents);
  if (heldOut.count >= contents.base.rows) {
    const what = `it holds ${heldOut.count} rows out of ${contents.base.rows}`;
    throw badData(pathFrom(folder, descriptionFile), what, 'import it again');
  }
  return datasetOf(name, metric, withHeldOut(contents, heldOut));
}

/** Reads files. @param folder where relative paths begin @throws BenchError BAD_DATA */
export async function readContents(reading: Reading, folder: string): Promise<Contents> {
  const at = (path: string): string => pathFrom(folder, path);
  const contents = await readSource(reading, at);
  const { payload, payloadTypes: types } = reading;
  if (payload === undefined) return contents;
  const request = { rows: contents.base.rows, ...(types !== undefined && { types }) };
  return { ...contents, payload: await readPayload(at(payload), request) };
}

type Resolve = (path: string) => string;

async function readSource({ vectors, metric }: Reading, at: Resolve): Promise<Contents> {
  if (vectors.layout === 'hdf5') {
    return readHdf5(at(vectors.file), metric === undefined ? {} : { metric });
  }
  if (vectors.layout === 'parquet') {
    const { vectorColumn } = vectors;
    const columns = vectorColumn === undefined ? {} : { columns: { vector: vectorColumn } };
    return readParquetSet({ ...(await findParquetFiles(at(vectors.folder))), ...columns });
  }
  if (vectors.layout === 'files') return readFiles(vectors, at);
  const { folder, base, queries, split } = vectors;
  return readJudgedVectors({ folder: at(folder), base: at(base), queries: at(queries), split });
}

async function readFiles(
  { base, queries, neighbours, vectorColumn }: Extract<VectorSource, { layout: 'files' }>,
  at: Resolve,
): Promise<Contents> {
  const read = await readVectors(at(base), vectorColumn);
  if (queries === undefined) return read;
  const { base: asked } = await readVectors(at(queries), vectorColumn);
  if (asked.dimensions !== read.base.dimensions) {
    const what = `its vectors have ${asked.dimensions} dimensions`;
    throw badData(at(queries), `${what}, those of ${at(base)} have ${read.base.dimensions}`);
  }
  if (neighbours === undefined) return { ...read, queries: asked };
  const officialTruth = await readNeighbours(at(neighbours));
  if (officialTruth.queries === asked.rows) return { ...read, queries: asked, officialTruth };
  const what = `it has neighbours of ${officialTruth.queries} queries`;
  throw badData(at(neighbours), `${what}, ${at(queries)} has ${asked.rows} queries`);
}

/**
 * Takes rows of the base out, to serve as queries, and what is known of them.
 *
 * @param contents of no use afterwards: their base is divided where it is
 */
export function withHeldOut(contents: Contents, heldOut: HeldOut): Contents {
  const { base, queries, kept } = holdOut(contents.base, heldOut);
  const { payload } = contents;
  if (payload === undefined) return { ...contents, base, queries };
  return { ...contents, base, queries, payload: payloadOf(payload, kept) };
}

/** What was read as a dataset. @throws BenchError BAD_DATA when it has no queries */
export function datasetOf(name: string, metric: Metric, contents: Contents): Dataset {
  const { base, queries, officialTruth, judgments, payload } = contents;
  if (queries === undefined) throw badData(name, 'it has no queries', 'hold some rows out');
  return {
    ...{ name, metric, base, queries },
    ...(officialTruth !== undefined && { officialTruth }),
    ...(judgments !== undefined && { judgments }),
    ...(payload !== undefined && { payload }),
  };
}
