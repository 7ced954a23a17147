import { existsSync } from 'node:fs';
import { type FileHandle, open, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { pricesSchema } from './cost/prices.js';
import { BenchError } from './errors.js';
import { appendSynced, fileError } from './files.js';
import { cellSchema } from './result/cell.js';
import { buildSchema } from './result.js';
import { type Mask, maskTexts, noMask } from './secrets.js';

const headerSchema = z.looseObject({
  type: z.literal('header'),
  runId: z.string(),
  startedAt: z.string(),
  suiteName: z.string(),
  suite: z.looseObject({}),
  targets: z.array(
    z.looseObject({
      name: z.string(),
      adapter: z.string(),
      inProcess: z.boolean().optional(),
    }),
  ),
  dataset: z.looseObject({ name: z.string(), sha256: z.string() }),
  seed: z.number().int(),
  keepIds: z.boolean(),
  aa: z.boolean().optional(),
  command: z.array(z.string()),
  tool: z.looseObject({}),
  environment: z.looseObject({}),
  targetsFile: z.string().optional().describe('absolute; what is secret in it is not here'),
  prices: pricesSchema.optional(),
});

const lineSchema = z.discriminatedUnion('type', [
  headerSchema,
  z.looseObject({ type: z.literal('build'), build: buildSchema }),
  z.looseObject({ type: z.literal('cell'), cell: cellSchema }),
]);

/** The first line of a journal: all that a resumed run takes from the first. */
export type JournalHeader = z.infer<typeof headerSchema>;
/** A line of a journal. */
export type JournalLine = z.infer<typeof lineSchema>;

/** The file of finished cells in a run folder, one JSON document a line. */
export const journalName = 'journal.ndjson';

/** @throws BenchError NOT_WRITABLE when the folder holds a run already */
export function refuseOtherRun(folder: string): void {
  if (!existsSync(join(folder, journalName))) return;
  throw new BenchError('NOT_WRITABLE', `${folder} already holds a run`, {
    hint: 'choose another folder with --out, or go on with it by --resume',
  });
}

/** What a journal holds. */
export interface JournalContent {
  readonly header: JournalHeader;
  readonly builds: readonly z.infer<typeof buildSchema>[];
  readonly cells: readonly z.infer<typeof cellSchema>[];
}

/** An open journal: every line is on disk before the promise resolves. */
export class Journal {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #mask: Mask;

  private constructor(file: FileHandle, path: string, mask: Mask) {
    this.#file = file;
    this.#path = path;
    this.#mask = mask;
  }

  /**
   * Begins the journal of a new run.
   *
   * @param mask hides what must not be told in the texts of builds and cells
   * @throws BenchError NOT_WRITABLE when the folder already has one, or cannot be written
   */
  static async create(
    folder: string,
    header: JournalHeader,
    mask: Mask = noMask,
  ): Promise<Journal> {
    const path = join(folder, journalName);
    refuseOtherRun(folder);
    const file = await open(path, 'ax').catch((error: unknown) => {
      throw fileError(error, path);
    });
    const journal = new Journal(file, path, mask);
    await journal.append(header);
    return journal;
  }

  /** Goes on with the journal of a run that was cut off; a torn last line is cut. */
  static async resume(
    folder: string,
    mask: Mask = noMask,
  ): Promise<{ journal: Journal; content: JournalContent }> {
    const content = await readJournal(folder);
    const path = join(folder, journalName);
    return { journal: new Journal(await open(path, 'a'), path, mask), content };
  }

  /** Validates a line, appends it and syncs the file. */
  async append(line: JournalLine): Promise<void> {
    const told = line.type === 'header' ? line : maskTexts(line, this.#mask);
    const text = `${JSON.stringify(lineSchema.parse(told))}\n`;
    await appendSynced(this.#file, this.#path, text);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/**
 * Reads a journal and cuts a torn last line off the file.
 *
 * @throws BenchError BAD_RUN when there is none, or a line other than the last is not valid
 */
export async function readJournal(folder: string): Promise<JournalContent> {
  const path = join(folder, journalName);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new BenchError('BAD_RUN', `reading the run folder ${folder}: no ${journalName} in it`, {
      hint: 'name the folder of a run that was begun, as bench run printed it',
      cause,
    });
  });
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) await truncate(path, end);
  const lines = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
  const parsed = lines.map((line, index) => parseLine(line, `${path}:${index + 1}`));
  const header = parsed[0];
  if (header?.type !== 'header') {
    throw new BenchError('BAD_RUN', `${path}: the first line must be the header of a run`, {
      hint: 'begin the run anew with another --out',
    });
  }
  return {
    header,
    builds: parsed.flatMap((line) => (line.type === 'build' ? [line.build] : [])),
    cells: parsed.flatMap((line) => (line.type === 'cell' ? [line.cell] : [])),
  };
}

function parseLine(line: string, place: string): JournalLine {
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new BenchError('BAD_RUN', `${place}: not a line of a journal`, {
      hint: 'the file was changed by another program; begin the run anew with another --out',
      cause,
    });
  }
}
