import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Metric } from '../../core/adapter.js';
import type { Dataset } from '../../core/dataset.js';
import { validateDataset } from '../../core/dataset-check.js';
import { makeFolder, ownDatasetsFolder } from '../../core/download/folders.js';
import { BenchError } from '../../core/errors.js';
import { writeWhole } from '../../core/files.js';
import { type ColumnFigures, describePayload } from '../../core/inspect/payload-columns.js';
import { computeTruth } from '../../core/measure/truth.js';
import type { Payload, PayloadType } from '../../core/payload.js';
import { type Progress, silentProgress } from '../../core/progress.js';
import { checkPublished } from '../../core/run/prepare.js';
import { firstRows } from '../../core/vectors.js';
import {
  type Description,
  datasetSchemaName,
  descriptionFile,
  isDatasetName,
  type SourceFile,
  type VectorSource,
} from './description.js';
import type { HeldOut } from './hold-out.js';
import { type Contents, datasetOf, readContents, withHeldOut } from './read.js';
import { filesOf, recordOf, requireUnchanged } from './source-files.js';
import { type NamedSources, sourceOf } from './sources.js';

/** What is imported; paths are absolute. */
export interface ImportRequest extends NamedSources {
  readonly name: string;
  /** Names of other datasets, which would hide it. */
  readonly taken?: readonly string[];
  /** What is known of the rows. */
  readonly payload?: string;
  /** The columns of it that are read; all, of types that their values have, when not given. */
  readonly payloadTypes?: Readonly<Record<string, PayloadType>>;
  /** Needed where the files do not say it. */
  readonly metric?: Metric;
  /** Of the rows that are taken out as queries. */
  readonly seed: number;
  readonly title?: string;
  readonly licence?: string;
  readonly source?: string;
  /** Whether one of this name is replaced. */
  readonly replace: boolean;
  /** Where datasets are described; the person's own folder when not given. */
  readonly folder?: string;
  readonly progress?: Progress;
}

/** A dataset that was imported: its description and where that lies. */
export interface Imported {
  readonly description: Description;
  readonly path: string;
  /** Rows of the files that equal an earlier one. */
  readonly duplicateRows: number;
  /** What is known of the rows. */
  readonly columns: readonly ColumnFigures[];
  /** Columns of Parquet files that were not read. */
  readonly leftOut: readonly string[];
  /** What a person should know of the data. */
  readonly warnings: readonly string[];
}

/**
 * Makes a dataset of a person's own files, which stay where they are. Everything is read and
 * checked once before its description is written, with what tells each file from another.
 *
 * @throws BenchError BAD_ARGUMENT for a name, a metric or a number of queries that will not do, and
 *   for options that do not go together; BAD_DATA for files that are damaged or do not fit
 *   together; NOT_WRITABLE, DISK_FULL
 */
export async function importDataset(request: ImportRequest): Promise<Imported> {
  const { name, progress = silentProgress } = request;
  const folder = join(request.folder ?? ownDatasetsFolder(), name);
  const path = join(folder, descriptionFile);
  requireName(request, path);
  const vectors = sourceOf(request);
  requireMetric(request, vectors);
  const { metric } = request;
  const reading = { vectors, ...payloadIn(request) };
  progress.phase('note what the files are');
  const files = await recordFiles(await filesOf(reading, folder));
  progress.phase('read');
  const contents = await readContents(
    metric === undefined ? reading : { ...reading, metric },
    folder,
  );
  progress.phase('check');
  const checked = await check(request, contents);
  await requireUnchanged(files, folder);
  const description = {
    ...factsOf(request, checked.dataset),
    ...reading,
    ...typesOf(contents.payload),
    ...checked.held,
    files,
  };
  await makeFolder(folder);
  await writeWhole(path, `${JSON.stringify(description, null, 2)}\n`);
  progress.end();
  const { duplicateRows, warnings, dataset } = checked;
  const columns = describePayload(dataset.payload ?? {});
  const { leftOut = [] } = contents;
  return { description, path, duplicateRows, columns, leftOut, warnings };
}

/** The types that were found are those that it is read with from now on. */
function typesOf(payload: Payload | undefined): Pick<Description, 'payloadTypes'> {
  if (payload === undefined) return {};
  const types = Object.entries(payload).map(([name, { type }]) => [name, type]);
  return { payloadTypes: Object.fromEntries(types) as Record<string, PayloadType> };
}

function requireName({ name, taken = [], replace }: ImportRequest, path: string): void {
  if (!isDatasetName(name)) {
    throw new BenchError('BAD_ARGUMENT', `${name} cannot be the name of a dataset`, {
      hint: 'take at most 64 small letters, digits and single hyphens, as in my-vectors',
    });
  }
  if (taken.includes(name)) {
    throw new BenchError('BAD_ARGUMENT', `a dataset ${name} comes with bench`, {
      hint: 'take another name',
    });
  }
  if (replace || !existsSync(path)) return;
  throw new BenchError('BAD_ARGUMENT', `there is a dataset ${name} already: ${path}`, {
    hint: 'take another name, or --replace',
  });
}

/** Before anything is read; an HDF5 file may say its own. */
function requireMetric({ path, metric }: ImportRequest, { layout }: VectorSource): void {
  if (metric !== undefined || layout === 'hdf5') return;
  throw new BenchError('BAD_ARGUMENT', `${path} does not say how its vectors are compared`, {
    hint: 'give --metric l2, ip or cosine',
  });
}

function payloadIn({ payload, payloadTypes }: ImportRequest) {
  if (payload !== undefined) return { payload, ...(payloadTypes && { payloadTypes }) };
  if (payloadTypes === undefined) return {};
  throw new BenchError('BAD_ARGUMENT', '--fields are those of --payload, which is not given', {
    hint: 'give --payload, or leave --fields out',
  });
}

async function recordFiles(paths: readonly string[]): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for (const path of paths) files.push(await recordOf(path));
  return files;
}

interface Checked {
  readonly dataset: Dataset;
  readonly held: { readonly heldOut?: HeldOut };
  readonly duplicateRows: number;
  readonly warnings: readonly string[];
}

/** Before rows are held out, so that a row is called by its place in the file. */
async function check(request: ImportRequest, contents: Contents): Promise<Checked> {
  const { name } = request;
  const metric = metricOf(request, contents);
  const { queries = contents.base } = contents;
  const { duplicateRows } = validateDataset(datasetOf(name, metric, { ...contents, queries }));
  if (contents.queries === undefined) {
    const heldOut = heldOutOf(request, contents.base.rows);
    const dataset = datasetOf(name, metric, withHeldOut(contents, heldOut));
    return { dataset, held: { heldOut }, duplicateRows, warnings: [] };
  }
  const dataset = datasetOf(name, metric, contents);
  return { dataset, held: {}, duplicateRows, warnings: await checkNeighbours(dataset) };
}

function metricOf({ metric, path }: ImportRequest, { metric: said }: Contents): Metric {
  const found = said ?? metric;
  if (found !== undefined && (metric === undefined || metric === found)) return found;
  throw new BenchError('BAD_ARGUMENT', `--metric says ${metric}, ${path} says ${said}`, {
    hint: 'leave --metric out',
  });
}

const mostHeldOut = 1000;

function heldOutOf({ holdOut, seed, path }: ImportRequest, rows: number): HeldOut {
  const count = holdOut ?? Math.min(mostHeldOut, Math.max(1, Math.floor(rows / 10)));
  if (count < rows) return { count, seed };
  if (rows === 1) {
    const hint = 'give --queries';
    throw new BenchError('BAD_ARGUMENT', `${path} has one row, none can be held out`, { hint });
  }
  throw new BenchError('BAD_ARGUMENT', `--hold-out must be 1..${rows - 1}, got ${count}`, {
    hint: `${path} has ${rows} rows, of which some must be left`,
  });
}

// Enough to tell neighbours of other vectors; a run compares all of them.
const comparedQueries = 20;

/** What is odd about the neighbours of the first queries. @throws BenchError BAD_DATA */
async function checkNeighbours(dataset: Dataset): Promise<string[]> {
  const { metric, base, officialTruth: all } = dataset;
  if (all === undefined) return [];
  const queries = firstRows(dataset.queries, Math.min(comparedQueries, all.queries));
  const ids = all.ids.subarray(0, queries.rows * all.k);
  const officialTruth = { queries: queries.rows, k: all.k, ids };
  const k = Math.min(all.k, 100, base.rows);
  const truth = await computeTruth({ metric, base, queries, k });
  const warnings: string[] = [];
  const warn = ({ message }: { readonly message: string }): number => warnings.push(message);
  checkPublished({ ...dataset, queries, officialTruth }, truth, warn);
  return warnings;
}

function factsOf(request: ImportRequest, { metric, base, queries }: Dataset) {
  return {
    schema: datasetSchemaName,
    title: request.title ?? request.name,
    metric,
    type: base.type,
    rows: base.rows,
    dimensions: base.dimensions,
    queries: queries.rows,
    licence: request.licence ?? 'not stated',
    // Results carry it: of a person's folders it says nothing.
    source: request.source ?? `own files: ${basename(request.path)}`,
  } as const;
}
