import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BenchError } from '../errors.js';
import { writeWhole } from '../files.js';
import type { QueryScores } from '../measure/scores.js';
import { type Cell, type Run, runSchema } from '../result.js';
import type { FinishedCell } from './cell-result.js';

const scoresSchema = z.strictObject({
  count: z.array(z.number()),
  sums: z.record(z.string(), z.array(z.number().nullable())),
  ids: z.number(),
  asked: z.number(),
  filteredOut: z.number().default(0),
});

/** `histograms/<cell>.json`: the distributions that the figures of a cell come from. */
export const distributionsSchema = z.looseObject({
  schema: z.literal('bench.distributions/1'),
  cell: z.string(),
  streams: z.record(
    z.string(),
    z.looseObject({ histograms: z.record(z.string(), z.string()), scores: scoresSchema }),
  ),
});

/** Writes a cell's distributions, and its answers where they are kept; synced when it returns. */
export async function saveCell(
  folder: string,
  finished: FinishedCell,
  keepIds: boolean,
): Promise<void> {
  const { cell, streams, answers } = finished;
  const names = Object.keys(streams);
  if (names.length === 0) return;
  const document = { schema: 'bench.distributions/1' as const, cell: cell.id, streams };
  const text = JSON.stringify(distributionsSchema.parse(document));
  await writeWhole(join(folder, 'histograms', `${cell.id}.json`), `${text}\n`);
  if (!keepIds) return;
  for (const name of names) {
    const file = names.length === 1 ? `${cell.id}.i32` : `${cell.id}.${name}.i32`;
    const ids = answers[name] as Int32Array;
    const bytes = new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength);
    await writeWhole(join(folder, 'ids', file), bytes);
  }
}

/** The stored scores of cells, by cell and stream. */
export async function loadScores(
  folder: string,
  cells: readonly Cell[],
): Promise<ReadonlyMap<string, Readonly<Record<string, QueryScores>>>> {
  const scores = new Map<string, Record<string, QueryScores>>();
  for (const cell of cells) {
    if (cell.streams.length === 0) continue;
    const path = join(folder, 'histograms', `${cell.id}.json`);
    const document = distributionsSchema.parse(await readJson(path));
    const entries = Object.entries(document.streams);
    scores.set(cell.id, Object.fromEntries(entries.map(([name, { scores: own }]) => [name, own])));
  }
  return scores;
}

/**
 * Reads a stored run.
 *
 * @param path a run folder or its `run.json`
 * @throws BenchError BAD_RUN when there is none or it does not match the schema
 */
export async function readRun(path: string): Promise<Run> {
  const file = path.endsWith('.json') ? path : join(path, 'run.json');
  const parsed = runSchema.safeParse(await readJson(file));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = issue?.path.join('.') ?? '';
  throw new BenchError('BAD_RUN', `reading ${file}: ${place}: ${issue?.message ?? 'not valid'}`, {
    hint: 'it must be a run.json of schema bench.run/1; bench schema run prints the schema',
  });
}

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new BenchError('BAD_RUN', `reading ${path}: it cannot be read`, {
      hint: 'name the folder of a finished run; bench list reports shows what can be written of it',
      cause,
    });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BenchError('BAD_RUN', `reading ${path}: it is not JSON`, {
      hint: 'the file is damaged; a run can be written anew with bench run --resume',
      cause,
    });
  }
}
