import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { BenchError, codeOf, messageOf } from '../errors.js';
import { hashFile } from '../files.js';

const originSchema = z.object({
  address: z.string(),
  etag: z.string().optional(),
  lastModified: z.string().optional(),
  bytes: z.number().int().nonnegative().optional(),
});

/** Which version of a file a part belongs to. */
export interface Origin {
  readonly address: string;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  /** The whole file, where the server said so. */
  readonly bytes?: number | undefined;
}

/**
 * A file that is being fetched: `PATH.part`, and in `PATH.part.json` what it is a part of, so that
 * a later process can go on. SHA-256 is computed on the way.
 */
export class PartFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  #hash: Hash;
  #have: number;
  #origin: Origin;

  private constructor(path: string, handle: FileHandle, begun: Begun) {
    this.#path = path;
    this.#handle = handle;
    this.#hash = begun.hash;
    this.#have = begun.have;
    this.#origin = begun.origin;
  }

  /**
   * Opens the part of a file, and reads what a former process left of it if it came from the same
   * address.
   *
   * @param path of the whole file
   * @param onRead how many bytes of what was left are read
   * @throws BenchError NOT_WRITABLE
   */
  static async open(
    path: string,
    address: string,
    onRead: (bytes: number) => void = () => undefined,
  ): Promise<PartFile> {
    const origin = await readOrigin(path);
    const isKnown = origin?.address === address;
    try {
      // Appending, so that after a cut to nothing the next bytes begin at 0.
      const handle = await open(partOf(path), 'a+');
      if (!isKnown) await handle.truncate(0);
      const begun = isKnown
        ? { origin, ...(await hashFile(partOf(path), onRead)) }
        : { origin: { address }, have: 0, hash: createHash('sha256') };
      return new PartFile(path, handle, begun);
    } catch (error) {
      throw writingError(error, path);
    }
  }

  /** Bytes that are there. */
  get have(): number {
    return this.#have;
  }

  get origin(): Origin {
    return this.#origin;
  }

  /** Adds bytes. @throws BenchError DISK_FULL or NOT_WRITABLE */
  async append(bytes: Uint8Array): Promise<void> {
    try {
      await this.#handle.appendFile(bytes);
    } catch (error) {
      throw writingError(error, this.#path);
    }
    this.#hash.update(bytes);
    this.#have += bytes.length;
  }

  /** Begins again with nothing, from this version of the file. @throws BenchError as `append` */
  async restart(origin: Origin): Promise<void> {
    try {
      // While the part is cut, nothing must say that it belongs to a version.
      await rm(originOf(this.#path), { force: true });
      await this.#handle.truncate(0);
      await writeFile(originOf(this.#path), `${JSON.stringify(origin)}\n`);
    } catch (error) {
      throw writingError(error, this.#path);
    }
    this.#hash = createHash('sha256');
    this.#have = 0;
    this.#origin = origin;
  }

  /** SHA-256 of what is there, in hexadecimal. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Puts the file into its place, all at once. @throws BenchError DISK_FULL or NOT_WRITABLE */
  async commit(): Promise<void> {
    try {
      await this.#handle.datasync();
      await this.#handle.close();
      await rename(partOf(this.#path), this.#path);
      await rm(originOf(this.#path), { force: true });
    } catch (error) {
      throw writingError(error, this.#path);
    }
  }

  /** Leaves what is there for the next time. */
  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** Leaves nothing. */
  async discard(): Promise<void> {
    await this.#handle.close();
    await rm(originOf(this.#path), { force: true });
    await rm(partOf(this.#path), { force: true });
  }
}

interface Begun {
  readonly origin: Origin;
  readonly have: number;
  readonly hash: Hash;
}

function partOf(path: string): string {
  return `${path}.part`;
}

function originOf(path: string): string {
  return `${path}.part.json`;
}

/** What the part is of; undefined where that is not known: then the part is worth nothing. */
async function readOrigin(path: string): Promise<Origin | undefined> {
  try {
    return originSchema.parse(JSON.parse(await readFile(originOf(path), 'utf8')));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    if (codeOf(error) === 'ENOENT') return undefined;
    throw writingError(error, path);
  }
}

const unwritable = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT', 'EISDIR', 'EEXIST', 'ELOOP'];

/** A failure while pulled files are read or written, as something a person can act on. */
export function writingError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (['ENOSPC', 'EDQUOT', 'EFBIG', 'DISK_FULL'].includes(code)) {
    return new BenchError('DISK_FULL', `writing ${path}: the disk is full`, {
      hint: 'free some space and give the same command again, which goes on; or name --to FOLDER',
      cause: error,
    });
  }
  if (unwritable.includes(code) || code === 'NOT_WRITABLE') {
    return new BenchError('NOT_WRITABLE', `writing ${path}: ${messageOf(error)}`, {
      hint: 'choose a folder that may be written with --to FOLDER',
      cause: error,
    });
  }
  return error;
}
