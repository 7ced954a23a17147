import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { BenchError, messageOf } from '../core/errors.js';
import { formatNumber } from '../core/units.js';
import { describeMistake, type Mistake, mistakesIn } from './mistakes.js';
import type { OwnFile, OwnKind } from './own-file.js';
import { readSuiteText, type SuiteText, type TextPlace } from './suite-text.js';

/** What a person's own file of plain data is read as. */
export interface TextKind extends OwnKind {
  /** What its content has to match. */
  readonly schema: z.ZodObject;
  /** Said with every mistake in it. */
  readonly hint: string;
}

/** What was read of a file; a module has no places. */
export interface OwnContent extends Pick<SuiteText, 'problems' | 'content'> {
  readonly locate?: SuiteText['locate'];
}

const mostBytes = 1024 * 1024;
const mostLines = 100;
const mostFound = 1000;

/**
 * Reads a file of YAML or JSON.
 *
 * @throws BenchError of the kind's code when it cannot be read, is too large, is not text or empty
 */
export async function readOwnText(file: OwnFile, kind: TextKind): Promise<SuiteText> {
  const bad = (problem: string, cause?: unknown): BenchError => {
    const message = `${kind.what} ${file.shown}: ${problem}`;
    return new BenchError(kind.code, message, { hint: kind.hint, cause });
  };
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
  return readSuiteText(text);
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Everything that keeps the content of a file from being of its kind.
 *
 * @param shown what messages show in place of the value, of the same form
 */
export function contentMistakes(
  { schema }: TextKind,
  value: unknown,
  shown: unknown = value,
): Mistake[] {
  const kindOfValue = describeKind(value);
  if (kindOfValue === 'a map') return mistakesIn(schema, value, shown);
  const keys = Object.keys(schema.shape).filter((key) => key !== '$schema');
  const what = `it must be a map of ${keys.join(', ')}; it is ${kindOfValue}`;
  return [{ path: [], ofKey: false, what }];
}

function describeKind(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}

/** A file, what it is read as, and what was read of it. */
export interface Judged {
  readonly file: OwnFile;
  readonly kind: TextKind;
  readonly read: OwnContent;
}

/** @throws BenchError of the kind's code with all mistakes, in the order of the text */
export function refuseMistakes({ file, kind, read }: Judged, mistakes: readonly Mistake[]): void {
  const lines = findingsOf(read, mistakes).map(({ at, what }) => {
    const place = at === undefined ? '' : `:${at.line}:${at.column}`;
    return `${kind.what} ${file.shown}${place}: ${what}`;
  });
  if (lines.length === 0) return;
  throw new BenchError(kind.code, shorten(lines).join('\n'), { hint: kind.hint });
}

/** Something that is wrong with a file. */
interface Finding {
  readonly what: string;
  /** Absent for modules. */
  readonly at?: TextPlace;
}

/** All that is wrong, in the order of a text. */
function findingsOf({ problems, locate }: OwnContent, mistakes: readonly Mistake[]): Finding[] {
  const found = mistakes.slice(0, mostFound).map((mistake): Finding => {
    const what = describeMistake(mistake);
    return locate === undefined ? { what } : { what, at: locate(mistake) };
  });
  const order = ({ at }: Finding): number => (at === undefined ? 0 : at.line * 2 ** 21 + at.column);
  return [...problems, ...found].sort((a, b) => order(a) - order(b));
}

function shorten(lines: readonly string[]): readonly string[] {
  if (lines.length <= mostLines) return lines;
  return [...lines.slice(0, mostLines), 'and more'];
}
