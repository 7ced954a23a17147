import { posix } from 'node:path';
import ts from 'typescript';
import { type Finding, findingAt, nodesOf, type Source } from './source.js';

/** For each folder at the top, the other folders that it may import from. */
export type ImportTable = Readonly<Record<string, readonly string[]>>;

interface Import {
  readonly node: ts.Node;
  readonly name: string;
  readonly dynamic: boolean;
}

/** Imports that the table forbids. Only `registry` may import from everywhere, dynamically. */
export function strayImports(
  source: Source,
  table: ImportTable,
  registry: string,
): readonly Finding[] {
  const allowed = [source.room, ...(table[source.room] ?? [])];
  return importsOf(source).flatMap(({ node, name, dynamic }) => {
    const room = roomOf(source, name);
    if (room === undefined || !(room in table) || allowed.includes(room)) return [];
    if (dynamic && source.path === registry && room !== 'scripts' && room !== 'test') return [];
    return [
      findingAt(source, node, {
        rule: 'import',
        message: `${source.room} must not import ${name}`,
      }),
    ];
  });
}

/** Client packages of stores outside of `adapters`. */
export function strayClients(source: Source, clients: readonly string[]): readonly Finding[] {
  if (source.room === 'adapters') return [];
  return importsOf(source)
    .filter(({ name }) => clients.some((client) => isOf(name, client)))
    .map(({ node, name }) =>
      findingAt(source, node, { rule: 'store-client', message: `${name} belongs into an adapter` }),
    );
}

function isOf(name: string, client: string): boolean {
  const folder = client.endsWith('/') ? client : `${client}/`;
  return name === client || name.startsWith(folder);
}

function roomOf(source: Source, name: string): string | undefined {
  if (!name.startsWith('.')) return undefined;
  return posix.join(posix.dirname(source.path), name).split('/')[0];
}

function importsOf(source: Source): readonly Import[] {
  return [...nodesOf(source.tree)].flatMap((node) => {
    const name = moduleOf(node);
    if (name === undefined || !ts.isStringLiteralLike(name)) return [];
    return [{ node, name: name.text, dynamic: ts.isCallExpression(node) }];
  });
}

function moduleOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node)) {
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  }
  const isImport =
    ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return isImport ? node.arguments[0] : undefined;
}
