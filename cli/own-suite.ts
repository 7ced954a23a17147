import { dirname } from 'node:path';
import { z } from 'zod';
import { type Suite, suiteSchema } from '../core/suite.js';
import { findOwnFile, fromFolder, importOwn } from './own-file.js';
import {
  contentMistakes,
  type OwnContent,
  readOwnText,
  refuseMistakes,
  type TextKind,
} from './own-text.js';
import { withLogPaths } from './query-log-paths.js';

/** What a suite file may hold: a suite, and the word that tells an editor its schema. */
export const suiteFileSchema = suiteSchema.extend({
  $schema: z.string().optional().describe('the JSON Schema of this file, for editors; not read'),
});

/** A suite with the name that results give it. */
export interface NamedSuite {
  readonly name: string;
  readonly suite: Suite;
}

const kind: TextKind = {
  what: 'suite',
  code: 'BAD_SUITE',
  endings: ['.yaml', '.yml', '.json', '.js', '.mjs'],
  isNamed: true,
  schema: suiteFileSchema,
  hint: 'correct the file; bench schema suite prints what it may hold',
};

/** The name of a suite file of one's own. @throws BenchError BAD_SUITE as {@link loadOwnSuite} */
export function nameOfOwnSuite(given: string): string {
  return findOwnFile(given, kind).name;
}

/**
 * Reads a suite file of a person's own: YAML, JSON, or a module that exports it by default. Paths
 * in it become absolute.
 *
 * @param given its path, from the caller's folder
 * @throws BenchError BAD_SUITE with all mistakes at once, those of a text with line and column
 */
export async function loadOwnSuite(given: string): Promise<NamedSuite> {
  const file = findOwnFile(given, kind);
  const isModule = file.ending === '.js' || file.ending === '.mjs';
  const read: OwnContent = isModule
    ? { problems: [], content: { value: await importOwn(file, kind) } }
    : await readOwnText(file, kind);
  const { content } = read;
  const mistakes = content === undefined ? [] : contentMistakes(kind, content.value);
  refuseMistakes({ file, kind, read }, mistakes);
  const { $schema: _, ...suite } = suiteFileSchema.parse(content?.value);
  const folder = dirname(file.path);
  const targets = suite.targets.map((target) => fromFolder(folder, target));
  return { name: file.name, suite: withLogPaths({ ...suite, targets }, folder) };
}
