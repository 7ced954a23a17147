import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { BenchError, messageOf } from '../core/errors.js';
import { type Suite, suiteSchema } from '../core/suite.js';
import { formatNumber } from '../core/units.js';
import { describeMistake, type Mistake, mistakesIn } from './mistakes.js';
import { findOwnFile, fromFolder, importOwn, type OwnFile, type OwnKind } from './own-file.js';
import { withLogPaths } from './query-log-paths.js';
import { readSuiteText, type SuiteText, type TextPlace } from './suite-text.js';

/** What a suite file may hold: a suite, and the word that tells an editor its schema. */
export const suiteFileSchema = suiteSchema.extend({
  $schema: z.string().optional().describe('the JSON Schema of this file, for editors; not read'),
});

/** A suite with the name that results give it. */
export interface NamedSuite {
  readonly name: string;
  readonly suite: Suite;
}

const kind: OwnKind = {
  what: 'suite',
  code: 'BAD_SUITE',
  endings: ['.yaml', '.yml', '.json', '.js', '.mjs'],
};
const mostBytes = 1024 * 1024;
const mostLines = 100;
const mostFound = 1000;
const hint = 'correct the file; bench schema suite prints what it may hold';

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
  const read = isModule ? readModule(await importOwn(file, kind)) : readText(await textOf(file));
  const lines = findingsOf(read).map(({ at, what }) => lineOf(file, what, at));
  if (lines.length > 0) throw new BenchError('BAD_SUITE', shorten(lines).join('\n'), { hint });
  const { $schema: _, ...suite } = suiteFileSchema.parse(read.content?.value);
  const folder = dirname(file.path);
  const targets = suite.targets.map((target) => fromFolder(folder, target));
  return { name: file.name, suite: withLogPaths({ ...suite, targets }, folder) };
}

/** Something that is wrong with a file. */
interface Finding {
  readonly what: string;
  /** Absent for modules. */
  readonly at?: TextPlace;
}

/** All that is wrong, in the order of a text. */
function findingsOf({ problems, content, locate }: Read): Finding[] {
  const mistakes = content === undefined ? [] : mistakesOf(content.value).slice(0, mostFound);
  const found = mistakes.map((mistake): Finding => {
    const what = describeMistake(mistake);
    return locate === undefined ? { what } : { what, at: locate(mistake) };
  });
  const order = ({ at }: Finding): number => (at === undefined ? 0 : at.line * 2 ** 21 + at.column);
  return [...problems, ...found].sort((a, b) => order(a) - order(b));
}

/** What a file holds; a module has no places. */
interface Read extends Pick<SuiteText, 'problems' | 'content'> {
  readonly locate?: SuiteText['locate'];
}

function readModule(value: unknown): Read {
  return { problems: [], content: { value } };
}

function readText(text: string): Read {
  return readSuiteText(text);
}

async function textOf(file: OwnFile): Promise<string> {
  const bad = (problem: string, cause?: unknown): BenchError =>
    new BenchError('BAD_SUITE', `suite ${file.shown}: ${problem}`, { hint, cause });
  if (file.bytes > mostBytes) {
    const limit = `at most ${formatNumber(mostBytes)} bytes`;
    throw bad(`it must have ${limit}, it has ${formatNumber(file.bytes)}`);
  }
  const bytes = await readFile(file.path).catch((error: unknown) => {
    throw bad(messageOf(error), error);
  });
  const text = decode(bytes);
  if (text === undefined) throw bad('it is not text in UTF-8');
  if (text.trim() === '') throw bad('it is empty');
  return text;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function mistakesOf(value: unknown): Mistake[] {
  const kindOfValue = describeKind(value);
  if (kindOfValue === 'a map') return mistakesIn(suiteFileSchema, value);
  const keys = Object.keys(suiteSchema.shape).join(', ');
  return [{ path: [], ofKey: false, what: `it must be a map of ${keys}; it is ${kindOfValue}` }];
}

function describeKind(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}

function lineOf({ shown }: OwnFile, what: string, at: TextPlace | undefined): string {
  const place = at === undefined ? '' : `:${at.line}:${at.column}`;
  return `suite ${shown}${place}: ${what}`;
}

function shorten(lines: readonly string[]): readonly string[] {
  if (lines.length <= mostLines) return lines;
  return [...lines.slice(0, mostLines), 'and more'];
}
