import { join } from 'node:path';
import { timestamp } from '../clock.js';
import { BenchError } from '../errors.js';
import { hashFile } from '../files.js';
import type { Progress } from '../progress.js';
import { type FetchContext, fetchFile } from './fetch-file.js';
import { makeFolder } from './folders.js';
import { withLock } from './lock.js';
import { writingError } from './part-file.js';
import type { PublicDataset, PublicFile } from './public-dataset.js';
import {
  findPulled,
  type PulledDataset,
  type RecordedFile,
  readRecord,
  recordFile,
  recordPath,
  sizeOf,
} from './pulled.js';
import { type Limits, usualLimits } from './retry.js';
import { demandSpace, type FreeBytes, freeBytesOf } from './space.js';
import { openTransport, type Transport } from './transport.js';

/** How a dataset is pulled. */
export interface PullOptions {
  /** Where its files go; made if need be. */
  readonly folder: string;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** Else by https and http, through the proxies of the environment. */
  readonly transport?: Transport | undefined;
  /** Else as the file system says. */
  readonly freeBytes?: FreeBytes | undefined;
  /** How is waited between attempts; else real time. @param waitNs nanoseconds */
  readonly wait?: ((waitNs: number) => Promise<void>) | undefined;
}

const mebibyte = 1024 * 1024;

/**
 * Brings the files of a public dataset into a folder, and checks those that are there already. A
 * file is there whole or not at all. What was pulled is recorded in `pulled.json`; where the
 * publisher gives no hash, the first pull's is what later ones are checked against.
 *
 * @throws BenchError as `fetchFile`; BAD_ARGUMENT when the folder holds files of something else;
 *   BAD_DATA when its record cannot be read
 */
export async function pull(dataset: PublicDataset, options: PullOptions): Promise<PulledDataset> {
  const { folder, progress, signal } = options;
  const limits = { ...usualLimits, ...options.limits };
  const transport = options.transport ?? openTransport({ stallNs: limits.stallNs });
  const freeBytes = options.freeBytes ?? freeBytesOf;
  const context = { transport, limits, progress, freeBytes, signal, wait: options.wait };
  try {
    await makeFolder(folder);
    return await withLock(join(folder, '.pull.lock'), () => pullInto(folder, dataset, context), {
      signal,
      onWait: (pid) => progress.note(`waiting for another pull into ${folder}, process ${pid}`),
    });
  } catch (error) {
    if (signal?.aborted !== true || error instanceof BenchError) throw error;
    throw new BenchError('INTERRUPTED', `pulling ${dataset.name}: stopped`, { cause: error });
  } finally {
    progress.end();
    if (options.transport === undefined) await transport.close();
  }
}

async function pullInto(
  folder: string,
  dataset: PublicDataset,
  context: FetchContext,
): Promise<PulledDataset> {
  const recorded = await recordedIn(folder, dataset);
  const missing: PublicFile[] = [];
  for (const file of dataset.files) {
    const record = recorded.get(file.name);
    if (!(await isHere(join(folder, file.name), { file, record, context }))) missing.push(file);
  }
  const need = { what: dataset.name, folder, bytes: await missingBytes(folder, missing) };
  await demandSpace(need, context.freeBytes);
  for (const file of missing) {
    await pullFile(folder, { dataset, file, record: recorded.get(file.name), context });
  }
  const pulled = await findPulled(dataset, folder);
  if (pulled !== undefined) return pulled;
  throw new BenchError('BAD_DATA', `pulling ${dataset.name}: files vanished from ${folder}`, {
    hint: 'something else removes or changes files there; name another folder with --to FOLDER',
  });
}

type Recorded = ReadonlyMap<string, RecordedFile>;

/** @throws BenchError BAD_ARGUMENT when the folder holds another dataset */
async function recordedIn(folder: string, dataset: PublicDataset): Promise<Recorded> {
  const record = await readRecord(folder);
  if (record !== undefined && record.dataset !== dataset.name) {
    throw new BenchError(
      'BAD_ARGUMENT',
      `pulling ${dataset.name} into ${folder}: it must be empty or hold that dataset, it holds ` +
        record.dataset,
      { hint: 'name another folder with --to FOLDER' },
    );
  }
  return new Map(record?.files.map((file) => [file.name, file]) ?? []);
}

interface Expectation {
  readonly file: PublicFile;
  readonly record: RecordedFile | undefined;
  readonly context: { readonly progress: Progress; readonly signal?: AbortSignal | undefined };
}

/**
 * Whether a file is there as it should be; of one that is damaged is told.
 *
 * @throws BenchError BAD_ARGUMENT when there is another file under its name
 */
async function isHere(path: string, { file, record, context }: Expectation): Promise<boolean> {
  const { progress, signal } = context;
  const bytes = await sizeOf(path);
  if (bytes === undefined) return false;
  if (record === undefined) {
    throw new BenchError(
      'BAD_ARGUMENT',
      `${path} is there, and ${recordPath('')} does not say that it was pulled`,
      { hint: 'move it away, or name another folder with --to FOLDER' },
    );
  }
  progress.phase(`checking ${file.name}, MiB`, bytes / mebibyte);
  if (bytes !== record.bytes) {
    progress.note(`${path}: ${record.bytes} bytes are recorded, ${bytes} are there; pulling again`);
    return false;
  }
  const found = await sha256Of(path, (read) => {
    signal?.throwIfAborted();
    progress.update(read / mebibyte);
  });
  if (found === (file.sha256 ?? record.sha256)) return true;
  progress.note(`${path}: it is not what its sha256 says; pulling again`);
  return false;
}

async function sha256Of(path: string, onRead: (bytes: number) => void): Promise<string> {
  try {
    const { hash } = await hashFile(path, onRead);
    return hash.digest('hex');
  } catch (error) {
    throw writingError(error, path);
  }
}

/** What is still to come, as far as it is known. */
async function missingBytes(folder: string, missing: readonly PublicFile[]): Promise<number> {
  let total = 0;
  for (const { name, bytes = 0 } of missing) {
    const part = (await sizeOf(join(folder, `${name}.part`))) ?? 0;
    total += Math.max(0, bytes - part);
  }
  return total;
}

interface FileToPull {
  readonly dataset: PublicDataset;
  readonly file: PublicFile;
  readonly record: RecordedFile | undefined;
  readonly context: FetchContext;
}

async function pullFile(folder: string, { dataset, file, record, context }: FileToPull) {
  const { name, address } = file;
  // Of another address may come another file.
  const earlier = record?.address === address ? record : undefined;
  const part = await fetchFile(
    {
      address,
      path: join(folder, name),
      bytes: file.bytes ?? earlier?.bytes,
      sha256: file.sha256 ?? earlier?.sha256,
      saidBy:
        earlier === undefined
          ? 'the catalogue'
          : `the catalogue and the pull of ${earlier.pulledAt.slice(0, 10)}`,
    },
    context,
  );
  // Recorded first: a file without a record would be taken for somebody else's.
  await recordFile(folder, dataset.name, {
    name,
    address,
    bytes: part.have,
    sha256: part.digest(),
    pulledAt: earlier?.pulledAt ?? timestamp(),
  });
  await part.commit();
}
