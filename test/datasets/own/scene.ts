import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../../../core/dataset.js';
import { BenchError } from '../../../core/errors.js';
import { ownEntry } from '../../../datasets/own/entry.js';
import { type Imported, type ImportRequest, importDataset } from '../../../datasets/own/import.js';
import { npyOf, type Rows, sampleFile, sampleFolder } from '../sample-files.js';

/** Rows (row, 0.25) for l2: the nearest row of (7.1, 0.25) is row 7. */
export function lineOf(rows: number, first = 0): Rows {
  return Array.from({ length: rows }, (_, row) => [first + row, 0.25]);
}

/** A file of float32 rows. */
export function rowsFile(rows: Rows): Promise<string> {
  return sampleFile(npyOf('f32', rows), '.npy');
}

/** Imports into a folder, which others share; under l2 where nothing else is said. */
export function importInto(folder: string, request: Partial<ImportRequest>): Promise<Imported> {
  const usual = { name: 'mine', path: '', metric: 'l2', seed: 1, replace: false } as const;
  return importDataset({ ...usual, folder, ...request });
}

/** A folder of descriptions that is empty. */
export function emptyRoom(): Promise<string> {
  return mkdtemp(join(sampleFolder, 'room-'));
}

/** Loads what was imported, as a run does. */
export async function loadFrom(folder: string, name = 'mine'): Promise<Dataset> {
  const entry = ownEntry(name, folder);
  assert.ok(entry !== undefined, `there is no ${name}`);
  const dataset = await entry.load(name);
  const { base, queries, metric } = dataset;
  const said = [entry.rows, entry.dimensions, entry.queries, entry.metric, entry.type];
  assert.deepEqual([base.rows, base.dimensions, queries.rows, metric, base.type], said);
  return dataset;
}

/** Imports and loads. */
export async function importAndLoad(request: Partial<ImportRequest>): Promise<Dataset> {
  const folder = await emptyRoom();
  await importInto(folder, request);
  return loadFrom(folder);
}

/** Demands an error a person can act on: its exit code, and parts of its two lines. */
export async function assertRefused(
  work: Promise<unknown>,
  exitCode: number,
  ...parts: readonly string[]
): Promise<void> {
  await assert.rejects(work, (thrown) => {
    assert.ok(thrown instanceof BenchError, String(thrown));
    const text = thrown.format();
    assert.equal(thrown.exitCode, exitCode, text);
    for (const part of parts) assert.ok(text.includes(part), `${part} in ${text}`);
    return true;
  });
}
