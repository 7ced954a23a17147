import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { prettifyError, ZodError } from 'zod';
import type { DatasetEntry } from '../../core/dataset.js';
import { ownDatasetsFolder } from '../../core/download/folders.js';
import { codeOf, messageOf } from '../../core/errors.js';
import { badData, unreadable } from '../formats/data-file.js';
import {
  type Description,
  descriptionFile,
  descriptionSchema,
  isDatasetName,
} from './description.js';
import { readDescribed } from './read.js';

/** The names of the datasets that were imported, sorted. */
export async function ownNames(folder: string = ownDatasetsFolder()): Promise<string[]> {
  try {
    const found = (await readdir(folder)).filter(isDatasetName).sort();
    return found.filter((name) => existsSync(join(folder, name, descriptionFile)));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw unreadable(folder, error);
  }
}

/** The datasets that were imported. @throws BenchError BAD_DATA when a description is damaged */
export async function ownEntries(
  folder: string = ownDatasetsFolder(),
): Promise<{ readonly name: string; readonly entry: DatasetEntry }[]> {
  return (await ownNames(folder)).flatMap((name) => {
    const entry = ownEntry(name, folder);
    return entry === undefined ? [] : [{ name, entry }];
  });
}

/**
 * A dataset that was imported.
 *
 * @returns undefined when there is none of this name
 * @throws BenchError BAD_DATA when its description is damaged
 */
export function ownEntry(
  name: string,
  folder: string = ownDatasetsFolder(),
): DatasetEntry | undefined {
  // Any other name could lead out of the folder.
  if (!isDatasetName(name)) return undefined;
  const own = join(folder, name);
  const description = readDescription(join(own, descriptionFile));
  if (description === undefined) return undefined;
  const { title, metric, rows, dimensions, queries, type, licence, source } = description;
  const { payloadTypes: payload } = description;
  return {
    ...{ title, metric, rows, dimensions, queries, type, licence, source },
    ...(payload && { payload }),
    load: (asked) => readDescribed(asked, description, own),
  };
}

function readDescription(path: string): Description | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw unreadable(path, error);
  }
  try {
    return descriptionSchema.parse(JSON.parse(text));
  } catch (error) {
    const what = error instanceof ZodError ? prettifyError(error) : messageOf(error);
    throw badData(path, `it is no description of a dataset: ${what}`, 'import it again');
  }
}
