import { type Stats, statSync } from 'node:fs';
import { basename, dirname, extname, isAbsolute, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BenchError, codeOf, messageOf } from '../core/errors.js';
import { packageRoot } from '../core/paths.js';
import { within } from '../core/time-limit.js';
import { nsPerS } from '../core/units.js';
import { callerFolder } from './caller.js';

/** What a person's own file is read as. */
export interface OwnKind {
  readonly what: 'suite' | 'target' | 'targets' | 'prices';
  /** Of what is wrong with the file. */
  readonly code: 'BAD_SUITE' | 'BAD_TARGET' | 'BAD_ARGUMENT' | 'STORE_FAILED';
  readonly endings: readonly string[];
  /** Whether results call what is in it by the file's name. */
  readonly isNamed: boolean;
}

/** A file of a person's own, which is there. */
export interface OwnFile {
  /** Absolute. */
  readonly path: string;
  /** As messages name it: from the caller's folder where it is below that. */
  readonly shown: string;
  /** The file's name without its ending: what results call it. */
  readonly name: string;
  /** With its dot. */
  readonly ending: string;
  readonly bytes: number;
}

const goodName = /^[a-z0-9]+(-[a-z0-9]+)*$/;
// The name becomes part of the run's id, and that of the names that a store gives its tables.
const longestName = 32;
const loadingNs = 30 * nsPerS;

/** What a name that results carry may hold. */
export const nameRule = `at most ${longestName} of a-z, 0-9 and single dashes`;

/** Whether results can carry a name. */
export function isGoodName(name: string): boolean {
  return goodName.test(name) && name.length <= longestName;
}

/** Whether a name is the path of a file; the names of entries have neither dots nor separators. */
export function isOwnFile(name: string): boolean {
  return /[./\\]/.test(name);
}

/** A name as it is; a path from a folder as an absolute one. */
export function fromFolder(folder: string, name: string): string {
  return isOwnFile(name) ? resolve(folder, name) : name;
}

/**
 * Finds a file that a person named.
 *
 * @param given absolute, or from the caller's folder
 * @throws BenchError of the kind's code when it is not there, is no file, or has another ending or
 *   a name that results cannot carry
 */
export function findOwnFile(given: string, kind: OwnKind): OwnFile {
  const path = resolve(callerFolder(), given);
  const shown = shownPath(path);
  const ending = extname(path);
  const fail = (problem: string, hint?: string): never => {
    const options = hint === undefined ? {} : { hint };
    throw new BenchError(kind.code, `${kind.what} ${shown}: ${problem}`, options);
  };
  const found = statOf(path);
  if (typeof found === 'string') {
    return fail(found, kind.isNamed ? `bench list ${kind.what}s shows what there is` : undefined);
  }
  if (!found.isFile()) return fail('it is not a file');
  if (!kind.endings.includes(ending)) {
    const had = ending === '' ? 'none' : ending;
    return fail(`its ending must be one of ${kind.endings.join(', ')}, it is ${had}`);
  }
  const name = basename(path, ending);
  if (!kind.isNamed || isGoodName(name)) return { path, shown, name, ending, bytes: found.size };
  const problem = `results name it by its file, so ${name} must be ${nameRule}`;
  return fail(problem, betterName(name, ending));
}

function statOf(path: string): Stats | string {
  try {
    return statSync(path);
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'there is no such file' : messageOf(error);
  }
}

function betterName(name: string, ending: string): string {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? ['mine'];
  const short = words.join('-').slice(0, longestName).replace(/-$/, '');
  return `rename it, for example to ${short}${ending}`;
}

function shownPath(path: string): string {
  const below = relative(callerFolder(), path);
  return below.startsWith('..') || isAbsolute(below) ? path : `./${below}`;
}

/** Where a module of one's own is imported from, in any thread or process. */
export function urlOfFile({ path }: OwnFile): string {
  return pathToFileURL(path).href;
}

/**
 * What a module of one's own exports by default.
 *
 * @throws BenchError of the kind's code when it does not compile, throws, needs a package that is
 *   not there, does not come to an end, or has no default export
 */
export async function importOwn(file: OwnFile, kind: OwnKind): Promise<unknown> {
  const subject = `${kind.what} ${file.shown}`;
  let module: { readonly default?: unknown };
  try {
    const url = urlOfFile(file);
    module = await within(loadingNs, 'it was not loaded', import(url));
  } catch (cause) {
    throw thrownIn(file, kind, { doing: 'loading it', cause });
  }
  if (module.default !== undefined) return module.default;
  throw new BenchError(kind.code, `${subject}: it must have a default export, and has none`, {
    hint: `write: export default ${kind.what === 'suite' ? 'suite' : 'adapter'};`,
  });
}

/** What a file's own code threw, as a mistake of the file. */
export function thrownIn(
  file: OwnFile,
  kind: OwnKind,
  { doing, cause }: { readonly doing: string; readonly cause: unknown },
): BenchError {
  const place = `${kind.what} ${file.shown}${placeIn(cause, file)}`;
  const message = `${place}: ${doing}: ${describeThrown(cause)}`;
  return new BenchError(kind.code, message, { hint: hintFor(cause, file), cause });
}

function describeThrown(thrown: unknown): string {
  const name = thrown instanceof SyntaxError ? `${thrown.name}: ` : '';
  return `${name}${messageOf(thrown)}`;
}

/** `:line:column` of the file where it threw; nothing where that cannot be told. */
function placeIn(thrown: unknown, file: OwnFile): string {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
  const url = urlOfFile(file);
  const at = stack.indexOf(`${url}:`);
  const [place] = at < 0 ? [] : (/^(:\d+)+/.exec(stack.slice(at + url.length)) ?? []);
  return place ?? '';
}

function hintFor(thrown: unknown, { path, shown }: OwnFile): string {
  const [, name] = /Cannot find package '([^']+)'/.exec(messageOf(thrown)) ?? [];
  if (name !== undefined) {
    const source = name === 'storebench' ? packageRoot() : name;
    return `install it where the file is: cd ${dirname(path)} && npm install ${source}`;
  }
  return thrown instanceof SyntaxError ? `node --check ${shown} shows where` : 'correct the file';
}
