import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BenchError, codeOf } from '../errors.js';
import { writeWhole } from '../files.js';
import { pulledFolders } from './folders.js';
import { writingError } from './part-file.js';
import type { FileRole, PublicDataset } from './public-dataset.js';

const recordSchema = z.object({
  dataset: z.string(),
  files: z.array(
    z.object({
      name: z.string(),
      address: z.string(),
      bytes: z.number().int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      pulledAt: z.iso.datetime(),
    }),
  ),
});

/** What `pulled.json` next to the files says of them. */
export type PulledRecord = z.infer<typeof recordSchema>;

/** What is recorded of one file. */
export type RecordedFile = PulledRecord['files'][number];

/** A public dataset that is here. */
export interface PulledDataset {
  readonly dataset: PublicDataset;
  readonly folder: string;
  /** In the order of the catalogue. */
  readonly files: readonly PulledFile[];
}

/** A file that is here. */
export interface PulledFile {
  readonly role: FileRole;
  readonly path: string;
  readonly bytes: number;
  /** In hexadecimal, as it was when the file was pulled. */
  readonly sha256: string;
}

/** Where the record of a folder is. */
export function recordPath(folder: string): string {
  return join(folder, 'pulled.json');
}

/**
 * The record of a folder; undefined when it has none.
 *
 * @throws BenchError BAD_DATA when it cannot be read
 */
export async function readRecord(folder: string): Promise<PulledRecord | undefined> {
  const path = recordPath(folder);
  try {
    return recordSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const what = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new BenchError('BAD_DATA', `reading ${path}: not a record of pulled files: ${what}`, {
      hint: 'remove it and pull again',
      cause: error,
    });
  }
}

/** Replaces what a folder's record says of one file. @throws BenchError NOT_WRITABLE, DISK_FULL */
export async function recordFile(folder: string, name: string, file: RecordedFile): Promise<void> {
  const before = await readRecord(folder);
  const others = (before?.files ?? []).filter((each) => each.name !== file.name);
  const record: PulledRecord = { dataset: name, files: [...others, file] };
  try {
    await writeWhole(recordPath(folder), `${JSON.stringify(record, null, 2)}\n`);
  } catch (error) {
    throw writingError(error, recordPath(folder));
  }
}

/**
 * The files of a dataset that was pulled; undefined when one of them is not here. Sizes are
 * compared with the record; hashes are not, which would take as long as reading them.
 *
 * @param folder where to look; else where `bench dataset pull` puts them without `--to`
 * @throws BenchError BAD_DATA when a record cannot be read
 */
export async function findPulled(
  dataset: PublicDataset,
  folder?: string,
): Promise<PulledDataset | undefined> {
  const folders = folder === undefined ? pulledFolders(dataset.name) : [folder];
  for (const each of folders) {
    const files = await filesIn(each, dataset);
    if (files !== undefined) return { dataset, folder: each, files };
  }
  return undefined;
}

async function filesIn(folder: string, dataset: PublicDataset): Promise<PulledFile[] | undefined> {
  const record = await readRecord(folder);
  if (record?.dataset !== dataset.name) return undefined;
  const files: PulledFile[] = [];
  for (const { name, role } of dataset.files) {
    const recorded = record.files.find((each) => each.name === name);
    const path = join(folder, name);
    if (recorded === undefined || (await sizeOf(path)) !== recorded.bytes) return undefined;
    files.push({ role, path, bytes: recorded.bytes, sha256: recorded.sha256 });
  }
  return files;
}

/** The size of a regular file; undefined when there is none. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw writingError(error, path);
  }
}
