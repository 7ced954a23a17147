import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BenchError } from '../../core/errors.js';

/** A suite that takes a moment: two cells on the null store. */
export const tinySuite = `title: Mine
dataset: siftsmall
targets: ['null']
indexes:
  - family: flat
streams:
  - operation: search
    k: 10
    load:
      - { kind: closed, concurrency: [1, 2] }
measure: { warmUpS: 0.02, durationS: 0.05, repeats: 1 }
`;

/** Writes files below a folder: their paths from there, and their texts. */
export function writeFiles(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** The adapter `exact` as a file that works anywhere: what it imports is named in full. */
export function exactAdapter(): string {
  const url = new URL('../../adapters/exact.js', import.meta.url);
  const text = readFileSync(fileURLToPath(url), 'utf8');
  const imports = /(?<= from )(['"])([^'"]+)\1/g;
  return text.replaceAll(imports, (_, __, name: string) => {
    const isFile = name.startsWith('.');
    return JSON.stringify(isFile ? new URL(name, url).href : import.meta.resolve(name));
  });
}

/** What a promise fails with, as a terminal shows it, with FOLDER for a folder. */
export async function complaintOf(promise: Promise<unknown>, folder: string): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    return error.format().replaceAll(folder, 'FOLDER');
  }
  return 'it does not fail';
}
