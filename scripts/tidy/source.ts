import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import ts from 'typescript';

/** One breach of a rule. `line` starts at 1. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

/** A parsed TypeScript or JavaScript file. */
export interface Source {
  /** Relative to the folder of the package, with `/`. */
  readonly path: string;
  /** The folder at the top that it lies in: `core`, `adapters`, ... */
  readonly room: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** A rule over one file. */
export type Rule = (source: Source) => readonly Finding[];

/** Parses a file. */
export function parseSource(path: string, text: string): Source {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return { path, room: path.split('/')[0] ?? '', text, tree };
}

/**
 * A finding at a node of the tree, or at a position in the text (UTF-16 units from 0).
 */
export function findingAt(
  source: Source,
  place: ts.Node | number,
  breach: { readonly rule: string; readonly message: string },
): Finding {
  const position = typeof place === 'number' ? place : place.getStart(source.tree);
  const { line } = source.tree.getLineAndCharacterOfPosition(position);
  return { path: source.path, line: line + 1, ...breach };
}

/** All nodes of a tree, the root first. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of childrenOf(node)) yield* nodesOf(child);
}

/** The direct children of a node. */
export function childrenOf(node: ts.Node): readonly ts.Node[] {
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    children.push(child);
  });
  return children;
}

/** Whether a file is a test or lies among the tests. */
export function isTest(source: Source): boolean {
  return source.room === 'test';
}

const endings = ['.ts', '.mjs', '.py'];
// Folders within them that hold data, results or other people's packages.
const skipped = new Set(['node_modules', 'bundled', 'out', '__pycache__']);

/**
 * The source files below some folders, sorted by path.
 *
 * @param root the folder of the package
 * @param folders names of folders in it; one that is missing holds no file
 */
export function readTree(
  root: string,
  folders: readonly string[],
): readonly { readonly path: string; readonly text: string }[] {
  return folders
    .flatMap((folder) => filesUnder(join(root, folder)))
    .map((file) => ({
      path: relative(root, file).split(sep).join('/'),
      text: readFileSync(file, 'utf8'),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || skipped.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesUnder(path);
    return endings.some((ending) => entry.name.endsWith(ending)) ? [path] : [];
  });
}
