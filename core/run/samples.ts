import { createReadStream, existsSync } from 'node:fs';
import { type FileHandle, open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BenchError } from '../errors.js';
import { appendSynced, fileError } from '../files.js';
import { type Sample, sampleSchema } from '../resources/sample.js';
import type { Build, Cell } from '../result.js';
import { nsPerS } from '../units.js';

/** The file of samples in a run folder, one JSON document a line. */
export const samplesName = 'samples.ndjson';

/** What of a run is in its journal. */
export interface Journaled {
  readonly builds: readonly Pick<Build, 'id' | 'instance'>[];
  readonly cells: readonly Pick<Cell, 'id'>[];
}

/** An open file of samples: all that was appended is on disk before the promise resolves. */
export class SampleFile {
  readonly #file: FileHandle;
  readonly #path: string;

  private constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /**
   * Begins the file, or goes on with it. Samples are written before the line of the journal that
   * they belong to: those that came after the last such line are cut off, with a torn last line.
   *
   * @throws BenchError NOT_WRITABLE
   */
  static async open(folder: string, journaled: Journaled): Promise<SampleFile> {
    const path = join(folder, samplesName);
    try {
      if (existsSync(path)) await truncate(path, await keptBytes(path, journaled));
      return new SampleFile(await open(path, 'a'), path);
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /** @throws BenchError DISK_FULL or NOT_WRITABLE */
  async append(samples: readonly Sample[]): Promise<void> {
    if (samples.length === 0) return;
    const text = samples.map((sample) => `${JSON.stringify(sample)}\n`).join('');
    await appendSynced(this.#file, this.#path, text);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** The length of the file up to the last sample of what is in the journal. */
async function keptBytes(path: string, { builds, cells }: Journaled): Promise<number> {
  const known = new Set([
    ...cells.map(({ id }) => `cell ${id}`),
    ...builds.map(({ id, instance }) => `build ${id} ${instance}`),
  ]);
  let at = 0;
  let kept = 0;
  for await (const line of linesOf(path)) {
    at += Buffer.byteLength(line) + 1;
    const sample = parseLine(line);
    if (sample === undefined) break;
    const { cell, build, instance } = sample;
    if (known.has(cell === undefined ? `build ${build} ${instance}` : `cell ${cell}`)) kept = at;
  }
  return kept;
}

function linesOf(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
}

/** @returns undefined for what is no sample, as a line that was cut off */
function parseLine(line: string): Sample | undefined {
  try {
    return sampleSchema.safeParse(JSON.parse(line)).data;
  } catch {
    // A torn line is not JSON.
    return undefined;
  }
}

/**
 * The samples of a stored run, in the order in which they were taken. Their times are comparable
 * within a cell or a build only: a run that was resumed may have gone on after a restart.
 *
 * @returns empty where the run has none
 * @throws BenchError BAD_RUN when a line other than the last is no sample
 */
export async function readSamples(folder: string): Promise<readonly Sample[]> {
  const path = join(folder, samplesName);
  if (!existsSync(path)) return [];
  const samples: Sample[] = [];
  let torn: number | undefined;
  let number = 0;
  for await (const line of linesOf(path)) {
    number += 1;
    if (torn !== undefined) throw notASample(path, torn);
    const sample = parseLine(line);
    if (sample === undefined) torn = number;
    else samples.push(sample);
  }
  return samples;
}

function notASample(path: string, line: number): BenchError {
  return new BenchError('BAD_RUN', `${path}:${line}: not a sample`, {
    hint: 'the file was changed by another program; remove it to report the run without samples',
  });
}

/** What a cell took, second by second from the opening of its window; null where not known. */
export interface ResourceTimeline {
  readonly secondS: readonly number[];
  /** Processor time over time: 1 is one core. */
  readonly serverCores: readonly (number | null)[];
  readonly clientCores: readonly (number | null)[];
  /** The largest of the second. */
  readonly serverRssBytes: readonly (number | null)[];
}

/**
 * What a cell took in each second of its window.
 *
 * @param samples of one cell, in order; those outside its window are left out
 */
export function resourceTimeline(samples: readonly Sample[]): ResourceTimeline {
  const rows = samples.filter(({ phase }) => phase === 'window');
  const secondOf = ({ windowNs = 0 }: Sample): number => Math.floor(windowNs / nsPerS);
  const begins = rows.flatMap((row, index) => {
    const before = rows[index - 1];
    return before === undefined || secondOf(before) !== secondOf(row) ? [index] : [];
  });
  const ends = [...begins.slice(1), rows.length];
  const own = begins.map((begin, part) => rows.slice(begin, ends[part]));
  // A second's time begins with the last sample before it.
  const linked = begins.map((begin, part) => rows.slice(Math.max(begin - 1, 0), ends[part]));
  return {
    secondS: begins.map((begin) => secondOf(rows[begin] as Sample)),
    serverCores: linked.map((part) => coresOf(part, ({ server }) => server?.cpuUs)),
    clientCores: linked.map((part) => coresOf(part, ({ client }) => client.cpuUs)),
    serverRssBytes: own.map((part) => {
      const resident = part.flatMap(({ server }) => server?.rssBytes ?? []);
      return resident.length === 0 ? null : Math.max(...resident);
    }),
  };
}

function coresOf(
  part: readonly Sample[],
  cpuUs: (sample: Sample) => number | undefined,
): number | null {
  const known = part.filter((sample) => cpuUs(sample) !== undefined);
  const first = known[0];
  const last = known.at(-1);
  if (first === undefined || last === undefined || last.atNs <= first.atNs) return null;
  const usedUs = (cpuUs(last) as number) - (cpuUs(first) as number);
  // A process that ended took its time with it.
  return usedUs < 0 ? null : (usedUs * 1000) / (last.atNs - first.atNs);
}
